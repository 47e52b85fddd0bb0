import { badRequest } from '../errors.ts';
import type { RequestContext, UserInfo } from '../request.ts';
import { at, isArray, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import type { Authenticator } from './authenticator.ts';

/** UserInfo as authentication.k8s.io/v1 writes it; empty parts are left out. */
export function userInfoJson(user: UserInfo): JsonObject {
  const extra: JsonObject = {};
  for (const [key, values] of Object.entries(user.extra)) extra[key] = [...values];
  return {
    ...(user.name === '' ? {} : { username: user.name }),
    ...(user.uid === '' ? {} : { uid: user.uid }),
    ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** TokenReview: says whose a token is. The token is answered back as it came, as kube-apiserver does. Errors: 400 without a token. */
export async function reviewToken(
  review: KubeObject,
  authenticator: Authenticator,
  apiAudiences: readonly string[],
): Promise<KubeObject> {
  const token = textAt(review, 'spec', 'token');
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = at(review, 'spec', 'audiences');
  const named = isArray(asked) ? asked.filter((audience): audience is string => typeof audience === 'string') : [];
  const credentials = { bearerToken: token, clientCertificate: undefined, headers: {} };
  const result = await authenticator.authenticate(credentials, named.length === 0 ? apiAudiences : named);
  const base = { ...review, metadata: review.metadata ?? {} };
  if (result.type !== 'user') {
    const error = result.type === 'rejected' ? result.why : 'invalid bearer token';
    return { ...base, status: { user: {}, error } };
  }
  return {
    ...base,
    status: {
      authenticated: true,
      user: userInfoJson(result.user),
      ...(result.audiences.length === 0 ? {} : { audiences: [...result.audiences] }),
    },
  };
}

/** SelfSubjectReview: `kubectl auth whoami`. */
export async function reviewSelf(review: KubeObject, context: RequestContext): Promise<KubeObject> {
  return { ...review, metadata: review.metadata ?? {}, status: { userInfo: userInfoJson(context.user) } };
}
