import type { JsonObject } from '../scheme/json.ts';
import type { VerifyingKey } from './token-keys.ts';

export const DISCOVERY_PATH = '/.well-known/openid-configuration';
export const JWKS_PATH = '/openid/v1/jwks';

/** The two documents by which others verify our service-account tokens (OpenID Connect Discovery 1.0; KEP-1393). */
export interface OidcDocuments {
  readonly configuration: JsonObject;
  readonly keySet: JsonObject;
}

/** `jwksUri`: where the key set can be read from outside; default below the server's own URL. */
export function oidcDocuments(issuer: string, jwksUri: string, keys: readonly VerifyingKey[]): OidcDocuments {
  return {
    configuration: {
      issuer,
      jwks_uri: jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))].sort(),
    },
    keySet: { keys: keys.map(publicJwk) },
  };
}

function publicJwk({ key, keyId, algorithm }: VerifyingKey): JsonObject {
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' });
  const parts: Record<string, string | undefined> = { kty, crv, x, y, n, e };
  const present = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { use: 'sig', kid: keyId, alg: algorithm, ...present };
}
