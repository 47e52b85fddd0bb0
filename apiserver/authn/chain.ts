import type { AuthenticationResult, Authenticator, Credentials } from './authenticator.ts';
import { ANONYMOUS, withAuthenticatedGroup } from './users.ts';

/**
 * Asks each authenticator in order; the first that knows the user wins and system:authenticated is added. Credentials that were there and
 * that nobody took are refused, even where anonymous requests are allowed: a mistyped token must not turn into another user.
 */
export function authenticatorChain(
  authenticators: readonly Authenticator[],
  options: { readonly anonymous: boolean },
): Authenticator {
  return {
    name: 'chain',
    async authenticate(credentials: Credentials, audiences: readonly string[]): Promise<AuthenticationResult> {
      const refusals: string[] = [];
      for (const authenticator of authenticators) {
        const result = await authenticator.authenticate(credentials, audiences);
        if (result.type === 'user') return { ...result, user: withAuthenticatedGroup(result.user) };
        if (result.type === 'rejected') refusals.push(`${authenticator.name}: ${result.why}`);
      }
      if (refusals.length > 0) return { type: 'rejected', why: refusals.join('; ') };
      if (credentials.bearerToken !== undefined) return { type: 'rejected', why: 'invalid bearer token' };
      if (options.anonymous) return { type: 'user', user: ANONYMOUS, audiences: [] };
      return { type: 'none' };
    },
  };
}

/** Only what takes bearer tokens: what a TokenReview asks. */
export function tokenAuthenticators(authenticators: readonly Authenticator[]): Authenticator {
  return authenticatorChain(authenticators, { anonymous: false });
}
