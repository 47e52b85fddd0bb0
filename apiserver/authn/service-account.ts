import { timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../request.ts';
import { at, type KubeObject, textAt } from '../scheme/json.ts';
import type { AuthenticationResult, Authenticator, Credentials } from './authenticator.ts';
import { DELETION_LEEWAY_MS } from './limits.ts';
import { type BoundObject, type TokenClaims, TokenError, type TokenVerifier } from './service-account-token.ts';
import { serviceAccountGroups, serviceAccountUserName } from './users.ts';

/** Where the authenticator looks whether what a token is bound to still is. `namespace` '' for nodes. */
export interface ObjectLookup {
  find(
    resource: 'serviceaccounts' | 'secrets' | 'pods' | 'nodes',
    namespace: string,
    name: string,
  ): Promise<KubeObject | undefined>;
}

/** Service-account tokens: the signature, the time, the audience, and that every object the token is bound to is still the same one. */
export function serviceAccountAuthenticator(options: {
  readonly verifier: TokenVerifier;
  readonly lookup: ObjectLookup;
  readonly apiAudiences: readonly string[];
  readonly nowMs?: () => number;
}): Authenticator {
  const now = options.nowMs ?? Date.now;
  return {
    name: 'service-account',
    async authenticate(credentials: Credentials, wanted: readonly string[]): Promise<AuthenticationResult> {
      const token = credentials.bearerToken;
      if (token === undefined) return { type: 'none' };
      try {
        const claims = await options.verifier.verify(token, now());
        const accepted = wanted.length === 0 ? options.apiAudiences : wanted;
        // Legacy tokens carry no audience and are meant for the API server.
        const has = claims.legacy ? options.apiAudiences : claims.audiences;
        const audiences = has.filter((audience) => accepted.includes(audience));
        if (audiences.length === 0) throw new TokenError('token audiences are not those of this server', true);
        await checkBindings(claims, token, options.lookup, now());
        return { type: 'user', user: userOf(claims), audiences };
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        return error.ours ? { type: 'rejected', why: error.message } : { type: 'none' };
      }
    },
  };
}

async function checkBindings(claims: TokenClaims, token: string, lookup: ObjectLookup, nowMs: number): Promise<void> {
  const { namespace } = claims;
  await mustLive('serviceaccounts', namespace, claims.serviceAccount);
  if (claims.pod !== undefined) await mustLive('pods', namespace, claims.pod);
  if (claims.node !== undefined && claims.pod === undefined) await mustLive('nodes', '', claims.node);
  if (claims.secret === undefined) return;
  if (!claims.legacy) return mustLive('secrets', namespace, claims.secret);
  const secret = await lookup.find('secrets', namespace, claims.secret.name);
  const stored = Buffer.from(textAt(secret, 'data', 'token'), 'base64');
  const given = Buffer.from(token, 'utf8');
  if (stored.length !== given.length || !timingSafeEqual(stored, given)) {
    throw new TokenError("token does not match server's copy", true);
  }

  async function mustLive(
    resource: 'serviceaccounts' | 'secrets' | 'pods' | 'nodes',
    space: string,
    bound: BoundObject,
  ): Promise<void> {
    const object = await lookup.find(resource, space, bound.name);
    if (object === undefined) throw new TokenError(`the ${resource} object of the token has been deleted`, true);
    if (textAt(object, 'metadata', 'uid') !== bound.uid) {
      throw new TokenError(`the ${resource} object of the token is not the one it was issued for`, true);
    }
    const deleted = at(object, 'metadata', 'deletionTimestamp');
    if (typeof deleted === 'string' && Date.parse(deleted) + DELETION_LEEWAY_MS < nowMs) {
      throw new TokenError(`the ${resource} object of the token is being deleted`, true);
    }
  }
}

function userOf(claims: TokenClaims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (claims.id !== '') extra['authentication.kubernetes.io/credential-id'] = [`JTI=${claims.id}`];
  if (claims.pod !== undefined) {
    extra['authentication.kubernetes.io/pod-name'] = [claims.pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [claims.pod.uid];
  }
  if (claims.node !== undefined) {
    extra['authentication.kubernetes.io/node-name'] = [claims.node.name];
    if (claims.node.uid !== '') extra['authentication.kubernetes.io/node-uid'] = [claims.node.uid];
  }
  return {
    name: serviceAccountUserName(claims.namespace, claims.serviceAccount.name),
    uid: claims.serviceAccount.uid,
    groups: serviceAccountGroups(claims.namespace),
    extra,
  };
}
