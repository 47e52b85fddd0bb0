import { ApiError, badRequest, conflict, fieldInvalid, invalid, notFound } from '../errors.ts';
import { at, isArray, isObject, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { DEFAULT_EXPIRATION_SECONDS, MAX_EXPIRATION_SECONDS, MIN_EXPIRATION_SECONDS } from './limits.ts';
import type { ObjectLookup } from './service-account.ts';
import { type BoundObject, issueToken } from './service-account-token.ts';
import type { VerifyingKey } from './token-keys.ts';

/** What `serviceaccounts/token` needs to answer. */
export interface TokenIssuer {
  readonly key: VerifyingKey;
  readonly issuer: string;
  readonly apiAudiences: readonly string[];
  /** A longer life that is asked for is cut to this; 0: no limit. */
  readonly maxExpirationSeconds: number;
  readonly lookup: ObjectLookup;
}

const TOKEN_REQUEST = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** Answers a TokenRequest for `serviceAccount`, an existing ServiceAccount. Errors: 400, 404, 409, 422 as kube-apiserver. */
export async function createToken(
  request: KubeObject,
  serviceAccount: KubeObject,
  issuer: TokenIssuer,
  nowMs: number = Date.now(),
): Promise<KubeObject> {
  const name = textAt(serviceAccount, 'metadata', 'name');
  const namespace = textAt(serviceAccount, 'metadata', 'namespace');
  const spec: JsonObject = isObject(request['spec']) ? { ...request['spec'] } : {};
  const expirationSeconds = expirationOf(spec);
  const asked = at(spec, 'audiences');
  const audiences = isArray(asked) ? asked.filter((audience): audience is string => typeof audience === 'string') : [];
  spec['expirationSeconds'] = expirationSeconds;
  spec['audiences'] = audiences.length === 0 ? [...issuer.apiAudiences] : audiences;
  const bound = await boundObject(spec, namespace, name, issuer.lookup);
  const life =
    issuer.maxExpirationSeconds > 0 ? Math.min(expirationSeconds, issuer.maxExpirationSeconds) : expirationSeconds;
  const { token, expiresMs } = await issueToken(
    {
      namespace,
      serviceAccount: { name, uid: textAt(serviceAccount, 'metadata', 'uid') },
      ...bound,
      audiences: audiences.length === 0 ? issuer.apiAudiences : audiences,
      expirationSeconds: life,
    },
    issuer,
    nowMs,
  );
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: seconds(nowMs) },
    spec,
    status: { token, expirationTimestamp: seconds(expiresMs) },
  };
}

const seconds = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

function expirationOf(spec: JsonObject): number {
  const value = spec['expirationSeconds'] ?? DEFAULT_EXPIRATION_SECONDS;
  const path = 'spec.expirationSeconds';
  if (typeof value !== 'number' || value < MIN_EXPIRATION_SECONDS) {
    throw invalid(TOKEN_REQUEST, '', [fieldInvalid(path, value, 'may not specify a duration less than 10 minutes')]);
  }
  if (value > MAX_EXPIRATION_SECONDS) {
    throw invalid(TOKEN_REQUEST, '', [
      fieldInvalid(path, value, 'may not specify a duration larger than 2^32 seconds'),
    ]);
  }
  return value;
}

const BINDABLE = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

async function boundObject(
  spec: JsonObject,
  namespace: string,
  serviceAccount: string,
  lookup: ObjectLookup,
): Promise<{ readonly pod?: BoundObject; readonly secret?: BoundObject; readonly node?: BoundObject }> {
  const reference = spec['boundObjectRef'];
  if (!isObject(reference)) return {};
  const kind = textAt(reference, 'kind');
  const apiVersion = textAt(reference, 'apiVersion');
  const name = textAt(reference, 'name');
  if (apiVersion !== 'v1' || !(kind === 'Pod' || kind === 'Secret' || kind === 'Node')) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const resource = BINDABLE[kind];
  const object = await lookup.find(resource, kind === 'Node' ? '' : namespace, name);
  if (object === undefined) throw notFound({ group: '', resource }, name);
  const uid = textAt(object, 'metadata', 'uid');
  const asked = textAt(reference, 'uid');
  if (asked !== '' && asked !== uid) {
    throw conflict(
      { group: '', resource: kind },
      name,
      `the UID in the bound object reference (${asked}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (kind === 'Secret') return { secret: { name, uid } };
  if (kind === 'Node') return { node: { name, uid } };
  if (textAt(object, 'spec', 'serviceAccountName') !== serviceAccount) {
    throw badRequest(
      `cannot bind token for serviceaccount "${serviceAccount}" to pod running with different serviceaccount name.`,
    );
  }
  return { pod: { name, uid } };
}

/** What `serviceaccounts/token` answers on a server that has no signing key. */
export const tokensUnavailable = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
