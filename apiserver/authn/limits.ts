/** Bounds of authentication. */

/** A bearer token longer than this is not looked at. */
export const MAX_TOKEN_BYTES = 16 * 1024;
/** Verified signatures kept; the oldest goes when full. */
export const TOKEN_CACHE_ENTRIES = 4096;
/** A signature that was verified is not verified again for this long. What the token is bound to is looked up every time. */
export const TOKEN_CACHE_TTL_MS = 10_000;
/** TokenRequest: the shortest and longest life that may be asked for, and what is given when nothing is asked. */
export const MIN_EXPIRATION_SECONDS = 600;
export const MAX_EXPIRATION_SECONDS = 2 ** 32;
export const DEFAULT_EXPIRATION_SECONDS = 3600;
/** A deleted object keeps its tokens alive for at most this long after its deletion time. */
export const DELETION_LEEWAY_MS = 60_000;
