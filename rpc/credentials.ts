import type { CallCredentials } from '../client/kv-client.ts';
import type { CallContext } from './service.ts';

/**
 * The call as services see it: with the credentials that it brought. `trustsCertificates`: clients must show a certificate, so that its name
 * may stand for a user. Source of names and order: etcd server/auth/store.go, AuthInfoFromCtx and AuthInfoFromTLS.
 */
export function withCredentials(context: CallContext, trustsCertificates: boolean): CallContext {
  const credentials = credentialsOf(context, trustsCertificates);
  if (credentials === undefined) return context;
  return {
    signal: context.signal,
    ...(context.timeoutMs !== undefined && { timeoutMs: context.timeoutMs }),
    credentials,
    metadata: (key) => context.metadata(key),
  };
}

function credentialsOf(context: CallContext, trustsCertificates: boolean): CallCredentials | undefined {
  const token = context.metadata('token') ?? context.metadata('authorization');
  if (token !== undefined) return { token: token.startsWith(BEARER) ? token.slice(BEARER.length) : token };
  if (!trustsCertificates) return undefined;
  // A gateway in front shows its own certificate for whoever calls it.
  if (context.metadata('grpcgateway-accept') !== undefined) return undefined;
  const { certificateName } = context;
  return certificateName === undefined ? undefined : { certificateName };
}

const BEARER = 'Bearer ';
