import type { Authenticator } from './authenticator.ts';
import { authenticatorChain, tokenAuthenticators } from './chain.ts';
import { type ObjectLookup, serviceAccountAuthenticator } from './service-account.ts';
import { TokenVerifier } from './service-account-token.ts';
import { tokenFileAuthenticator } from './token-file.ts';
import type { VerifyingKey } from './token-keys.ts';
import { x509Authenticator } from './x509.ts';

/** How an API server tells who asks. */
export interface AuthenticationOptions {
  readonly anonymous: boolean;
  readonly tokenFile?: { readonly path: string; readonly csv: string };
  readonly serviceAccount?: {
    readonly keys: readonly VerifyingKey[];
    readonly issuers: readonly string[];
    readonly apiAudiences: readonly string[];
    readonly lookup: ObjectLookup;
  };
}

/** The chain in force (`requests`) and the one that TokenReview asks (`tokens`). */
export function buildAuthentication(options: AuthenticationOptions): {
  readonly requests: Authenticator;
  readonly tokens: Authenticator;
} {
  const tokens: Authenticator[] = [];
  if (options.tokenFile !== undefined)
    tokens.push(
      tokenFileAuthenticator(options.tokenFile.csv, options.tokenFile.path, options.serviceAccount?.apiAudiences),
    );
  if (options.serviceAccount !== undefined) {
    const { keys, issuers, apiAudiences, lookup } = options.serviceAccount;
    tokens.push(serviceAccountAuthenticator({ verifier: new TokenVerifier(keys, issuers), lookup, apiAudiences }));
  }
  return {
    requests: authenticatorChain([x509Authenticator, ...tokens], { anonymous: options.anonymous }),
    tokens: tokenAuthenticators(tokens),
  };
}
