import { createHash, randomUUID } from 'node:crypto';
import { compactVerify, SignJWT } from 'jose';
import { isArray, isObject, type Json, type JsonObject } from '../scheme/json.ts';
import { MAX_TOKEN_BYTES, TOKEN_CACHE_ENTRIES, TOKEN_CACHE_TTL_MS } from './limits.ts';
import type { VerifyingKey } from './token-keys.ts';
import { serviceAccountUserName } from './users.ts';

/** An object a token lives and dies with. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** What the signature of a service-account token vouches for. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
  readonly audiences: readonly string[];
  /** jti; '' on legacy tokens. */
  readonly id: string;
  /** Milliseconds since the epoch; legacy tokens never expire. */
  readonly expiresMs: number;
  readonly notBeforeMs: number;
  /** A token of a Secret of type kubernetes.io/service-account-token, which has no expiry and must still be in that Secret. */
  readonly legacy: boolean;
}

/** Why a token is not ours or not good; goes to the log and to TokenReview, and never holds the token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  /** False: not a service-account token of this issuer at all. */
  readonly ours: boolean;
  constructor(message: string, ours: boolean) {
    super(message);
    this.ours = ours;
  }
}

export const LEGACY_ISSUER = 'kubernetes/serviceaccount';
/** Half a minute of disagreement between the clocks of API servers. */
const CLOCK_SKEW_MS = 30_000;

/** What is asked of the issuer for one token. */
export interface TokenSpec {
  readonly namespace: string;
  readonly serviceAccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
}

/** Signs a bound token. Answers when it ends. Source: KEP-1205, KEP-4193 (jti, node). */
export async function issueToken(
  spec: TokenSpec,
  signer: { readonly key: VerifyingKey; readonly issuer: string },
  nowMs: number,
): Promise<{ readonly token: string; readonly expiresMs: number }> {
  const issuedAt = Math.floor(nowMs / 1000);
  const expiry = issuedAt + spec.expirationSeconds;
  const token = await new SignJWT({
    'kubernetes.io': {
      namespace: spec.namespace,
      ...(spec.node === undefined ? {} : { node: spec.node }),
      ...(spec.pod === undefined ? {} : { pod: spec.pod }),
      ...(spec.secret === undefined ? {} : { secret: spec.secret }),
      serviceaccount: spec.serviceAccount,
    },
  })
    .setProtectedHeader({ alg: signer.key.algorithm, kid: signer.key.keyId })
    .setIssuer(signer.issuer)
    .setSubject(serviceAccountUserName(spec.namespace, spec.serviceAccount.name))
    .setAudience([...spec.audiences])
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(expiry)
    .setJti(randomUUID())
    .sign(signer.key.key);
  return { token, expiresMs: expiry * 1000 };
}

/** Verifies signatures and reads claims; keeps what it verified for a few seconds. */
export class TokenVerifier {
  readonly #keys: readonly VerifyingKey[];
  readonly #issuers: readonly string[];
  readonly #cache = new Map<string, { readonly claims: TokenClaims; readonly untilMs: number }>();

  /** `issuers`: the first one issues, all are accepted. */
  constructor(keys: readonly VerifyingKey[], issuers: readonly string[]) {
    this.#keys = keys;
    this.#issuers = issuers;
  }

  /** The claims of a good token at `nowMs`. Errors: TokenError. */
  async verify(token: string, nowMs: number): Promise<TokenClaims> {
    if (token.length > MAX_TOKEN_BYTES) throw new TokenError('the token is too long', false);
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#cache.get(digest);
    const claims = known !== undefined && known.untilMs > nowMs ? known.claims : await this.#verifyAnew(token);
    if (nowMs > claims.expiresMs) throw new TokenError('service account token has expired', true);
    if (nowMs + CLOCK_SKEW_MS < claims.notBeforeMs)
      throw new TokenError('service account token is not valid yet', true);
    if (claims !== known?.claims) this.#remember(digest, claims, nowMs + TOKEN_CACHE_TTL_MS);
    return claims;
  }

  #remember(digest: string, claims: TokenClaims, untilMs: number): void {
    this.#cache.delete(digest);
    this.#cache.set(digest, { claims, untilMs });
    const oldest = this.#cache.keys().next();
    if (this.#cache.size > TOKEN_CACHE_ENTRIES && !oldest.done) this.#cache.delete(oldest.value);
  }

  async #verifyAnew(token: string): Promise<TokenClaims> {
    const issuer = unverifiedIssuer(token);
    if (issuer === undefined || !(issuer === LEGACY_ISSUER || this.#issuers.includes(issuer))) {
      throw new TokenError('not a token of this issuer', false);
    }
    for (const { key, algorithm, keyId } of this.#keysFor(token)) {
      try {
        // The algorithm is the key's, never the header's: `none` and HMAC-with-the-public-key do not get in.
        const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
        return readClaims(JSON.parse(new TextDecoder().decode(payload)) as Json, issuer);
      } catch (error) {
        if (error instanceof TokenError) throw error;
        void keyId; // the next key may have signed it
      }
    }
    throw new TokenError('the signature is not of a known key', true);
  }

  /** The key that the header names first, then the others. */
  #keysFor(token: string): readonly VerifyingKey[] {
    const keyId = unverifiedKeyId(token);
    return [...this.#keys].sort((a, b) => Number(b.keyId === keyId) - Number(a.keyId === keyId));
  }
}

function segment(token: string, index: number): JsonObject | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const value = JSON.parse(Buffer.from(parts[index] ?? '', 'base64url').toString('utf8')) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unverifiedIssuer(token: string): string | undefined {
  const issuer = segment(token, 1)?.['iss'];
  return typeof issuer === 'string' ? issuer : undefined;
}

const unverifiedKeyId = (token: string): Json | undefined => segment(token, 0)?.['kid'];

function readClaims(payload: Json, issuer: string): TokenClaims {
  if (!isObject(payload)) throw new TokenError('the claims are no object', true);
  const claims = issuer === LEGACY_ISSUER ? legacyClaims(payload) : boundClaims(payload);
  if (payload['sub'] !== serviceAccountUserName(claims.namespace, claims.serviceAccount.name)) {
    throw new TokenError('sub claim does not match the service account', true);
  }
  return claims;
}

function boundClaims(payload: JsonObject): TokenClaims {
  const kubernetes = payload['kubernetes.io'];
  if (!isObject(kubernetes)) throw new TokenError('the kubernetes.io claim is missing', true);
  const serviceAccount = reference(kubernetes['serviceaccount']);
  const namespace = kubernetes['namespace'];
  const expiry = payload['exp'];
  if (serviceAccount === undefined || typeof namespace !== 'string' || namespace === '') {
    throw new TokenError('the kubernetes.io claim names no service account', true);
  }
  if (typeof expiry !== 'number' || !Number.isFinite(expiry)) throw new TokenError('the exp claim is missing', true);
  const pod = reference(kubernetes['pod']);
  const secret = reference(kubernetes['secret']);
  const node = reference(kubernetes['node']);
  return {
    namespace,
    serviceAccount,
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    ...(node === undefined ? {} : { node }),
    audiences: audiencesOf(payload['aud']),
    id: typeof payload['jti'] === 'string' ? payload['jti'] : '',
    expiresMs: expiry * 1000,
    notBeforeMs: typeof payload['nbf'] === 'number' ? payload['nbf'] * 1000 : 0,
    legacy: false,
  };
}

function legacyClaims(payload: JsonObject): TokenClaims {
  const text = (claim: string): string => {
    const value = payload[`${LEGACY_ISSUER}/${claim}`];
    if (typeof value !== 'string' || value === '') throw new TokenError(`the ${claim} claim is missing`, true);
    return value;
  };
  return {
    namespace: text('namespace'),
    serviceAccount: { name: text('service-account.name'), uid: text('service-account.uid') },
    secret: { name: text('secret.name'), uid: '' },
    audiences: [],
    id: '',
    expiresMs: Number.POSITIVE_INFINITY,
    notBeforeMs: 0,
    legacy: true,
  };
}

function reference(value: Json | undefined): BoundObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (
    !isObject(value) ||
    typeof value['name'] !== 'string' ||
    typeof value['uid'] !== 'string' ||
    value['name'] === ''
  ) {
    throw new TokenError('a reference in the kubernetes.io claim is malformed', true);
  }
  return { name: value['name'], uid: value['uid'] };
}

function audiencesOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return isArray(value) ? value.filter((audience): audience is string => typeof audience === 'string') : [];
}
