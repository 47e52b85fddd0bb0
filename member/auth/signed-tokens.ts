import { createHash } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { StoreError } from '../../base/store-error.ts';
import type { Clock } from '../../io/doors.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type { TokenConfig } from '../config.ts';
import { TOKEN_LIMITS } from '../limits.ts';
import type { TokenProvider } from './token-provider.ts';

interface Verified {
  readonly identity: Identity;
  readonly untilWallMs: number;
}

/**
 * JSON web tokens with the claims `username` and `revision`, that of users and roles when the token was made: whoever can sign can say who
 * anybody is, and any change of users and roles makes all tokens stale. Members share nothing but the key.
 * Source: etcd server/auth/jwt.go.
 */
export class SignedTokens implements TokenProvider {
  readonly #config: Extract<TokenConfig, { type: 'jwt' }>;
  readonly #clock: Clock;
  /** By digest of the token; the one seen first comes first. */
  readonly #verified = new Map<string, Verified>();

  constructor(config: Extract<TokenConfig, { type: 'jwt' }>, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  identify(token: string): Identity | undefined | Promise<Identity | undefined> {
    const digest = createHash('sha256').update(token).digest('base64');
    const verified = this.#verified.get(digest);
    if (verified === undefined) return this.#verify(token, digest);
    if (verified.untilWallMs > this.#clock.wallMs()) return verified.identity;
    this.#verified.delete(digest);
    return undefined;
  }

  /** Errors: UNKNOWN, in etcd's words, when only the public key is there. */
  async issue(username: string, revision: number): Promise<string> {
    const { signKey, signMethod, ttlMs } = this.#config;
    if (signKey === undefined) throw new StoreError('UNKNOWN', 'auth: token signing attempted with verify-only key');
    const expires = Math.floor((this.#clock.wallMs() + ttlMs) / 1000);
    return new SignJWT({ username, revision })
      .setProtectedHeader({ alg: signMethod, typ: 'JWT' })
      .setExpirationTime(expires)
      .sign(signKey);
  }

  /** What a token says stays what it is; that it is stale is told by its revision. */
  applied(): void {}

  reset(): void {}

  async #verify(token: string, digest: string): Promise<Identity | undefined> {
    const { verifyKey, signMethod } = this.#config;
    const currentDate = new Date(this.#clock.wallMs());
    const payload = await jwtVerify(token, verifyKey, { algorithms: [signMethod], currentDate }).then(
      (result) => result.payload,
      () => undefined,
    );
    const identity = payload && identityOf(payload);
    if (identity === undefined) return undefined;
    const untilWallMs = payload?.exp === undefined ? Number.POSITIVE_INFINITY : payload.exp * 1000;
    this.#verified.set(digest, { identity, untilWallMs });
    const oldest = this.#verified.keys().next();
    if (this.#verified.size > TOKEN_LIMITS.maxVerifiedTokens && !oldest.done) this.#verified.delete(oldest.value);
    return identity;
  }
}

function identityOf(payload: JWTPayload): Identity | undefined {
  const { username, revision } = payload;
  if (typeof username !== 'string' || typeof revision !== 'number') return undefined;
  const authRevision = Math.floor(revision);
  return Number.isSafeInteger(authRevision) && authRevision >= 0 ? { user: username, authRevision } : undefined;
}
