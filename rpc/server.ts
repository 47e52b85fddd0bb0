import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { AuthClient } from '../client/auth-client.ts';
import type { KvClient } from '../client/kv-client.ts';
import type { RejectedConnection } from '../io/node/tls/server.ts';
import type { TlsSource } from '../io/node/tls/source.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from './connection-options.ts';
import { ANY_ORIGIN } from './gateway/cors.ts';
import { jsonGateway } from './gateway/gateway.ts';
import { h2Transport } from './h2/transport.ts';
import { ServingState } from './health.ts';
import { httpTransport } from './http.ts';
import { RPC_LIMITS } from './limits.ts';
import { type Listener, type ListenOptions, listen } from './listener.ts';
import type { Logger } from './logger.ts';
import { type MemberView, REMOTE_MEMBER } from './member-view.ts';
import { RpcMetrics } from './metrics.ts';
import { etcdBindings } from './services.ts';

/** `own`: rpc/h2. `grpc-js`: the library, which does the same at several times the cost. */
export type TransportName = 'own' | 'grpc-js';

export interface EtcdServerOptions {
  /** The store that is served. Stays open when the server closes. */
  readonly kv: KvClient;
  /** Users and roles of the store; omitted where they cannot be managed. */
  readonly auth?: AuthClient;
  /** The store as the server's own health checks read it, whoever may read; `kv` unless given. */
  readonly ownKv?: KvClient;
  /** Omitted for an edge before a cluster elsewhere. */
  readonly member?: MemberView;
  /** `http://host:port` or `https://host:port` (which needs `tls`); port 0 picks a free one. */
  readonly listenUrls: readonly string[];
  /** Where HTTP is served instead of on `listenUrls`, which then speak gRPC alone (etcd's --listen-client-http-urls). */
  readonly listenHttpUrls?: readonly string[];
  /** Where /metrics and the health checks are served as well, and nothing else (etcd's --listen-metrics-urls). */
  readonly listenMetricsUrls?: readonly string[];
  /** Origins that browsers may call from (etcd's --cors); all when omitted. */
  readonly cors?: readonly string[];
  readonly tls?: TlsSource;
  /** The common name in a client's certificate stands for a user when it brings no token (etcd's --client-cert-auth). */
  readonly trustsCertificates?: boolean;
  /** Host names that HTTP without TLS may be asked by (etcd's --host-whitelist); all when omitted. */
  readonly hostWhitelist?: readonly string[] | undefined;
  /** The API as JSON under /v3 (etcd's --enable-grpc-gateway); true unless given. */
  readonly servesGateway?: boolean;
  /** CONNECTION_DEFAULTS unless given. */
  readonly connections?: ConnectionOptions;
  /** The greatest request that writes (etcd's --max-request-bytes); RPC_LIMITS.maxRequestBytes unless given. */
  readonly maxRequestBytes?: number;
  readonly logger: Logger;
  /** Who speaks HTTP/2 with gRPC clients: ours, unless said otherwise. */
  readonly transport?: TransportName;
  /** Where /metrics comes from, and where this edge counts. One server per registry. */
  readonly registry: Registry;
}

export interface EtcdServer {
  /** Where it listens, in the order of `listenUrls`, with the ports that were picked. */
  readonly urls: readonly string[];
  /** The same for `listenHttpUrls` and `listenMetricsUrls`. */
  readonly httpUrls: readonly string[];
  readonly metricsUrls: readonly string[];
  /** Stops listening, lets calls finish for a moment, then ends them. */
  close(): Promise<void>;
}

/** Serves the etcd v3 API by gRPC and by HTTP, both on each URL. Rejects when an address cannot be had. */
export async function serveEtcd(options: EtcdServerOptions): Promise<EtcdServer> {
  const { kv, logger, registry } = options;
  const metrics = new RpcMetrics(registry);
  const state = new ServingState();
  const bindings = etcdBindings({
    kv,
    auth: options.auth,
    member: options.member ?? REMOTE_MEMBER,
    state,
    trustsCertificates: options.trustsCertificates === true,
    onClient: (type, version) => metrics.clientRequest(type, version),
    maxRequestBytes: options.maxRequestBytes ?? RPC_LIMITS.maxRequestBytes,
  });
  const transport =
    options.transport === 'grpc-js' ? (await import('./grpc-js-transport.ts')).grpcJsTransport : h2Transport;
  const grpc = transport(bindings, { metrics, logger, connections: grantedTo(options.connections) });
  const shared = { kv: options.ownKv ?? kv, registry, metrics, logger };
  const gateway = options.servesGateway === false ? undefined : jsonGateway(bindings, metrics, logger);
  const { cors = ANY_ORIGIN, hostWhitelist } = options;
  const http = httpTransport({ ...shared, api: { gateway, cors, hostWhitelist } });
  const metricsHttp = httpTransport(shared);
  const listeners: Listener[] = [];
  const onRejected = ({ remote, serverName, reason }: RejectedConnection): void =>
    logger.warn(
      { 'remote-addr': remote, 'server-name': serverName, error: reason },
      'rejected connection on client endpoint',
    );
  const close = async (): Promise<void> => {
    state.stop();
    for (const listener of listeners) listener.stop();
    const drained = grpc.close();
    await Promise.race([drained, delay(RPC_LIMITS.drainMs, undefined, { ref: false })]);
    http.close();
    metricsHttp.close();
    for (const listener of listeners) listener.destroy();
    await drained;
  };
  const listenAt = async (
    urls: readonly string[],
    on: Pick<ListenOptions, 'onHttp1' | 'onHttp2'>,
  ): Promise<string[]> => {
    const taken: string[] = [];
    for (const url of urls) {
      const onConnections = (change: 1 | -1): void => metrics.connections.inc(change);
      const listener = await listen({ url, tls: options.tls, ...on, onConnections, onRejected });
      listeners.push(listener);
      taken.push(listener.url);
    }
    return taken;
  };
  const { listenHttpUrls = [], listenMetricsUrls = [] } = options;
  const onHttp1 = listenHttpUrls.length === 0 ? http.accept : undefined;
  try {
    return {
      urls: await listenAt(options.listenUrls, { onHttp2: grpc.accept, onHttp1 }),
      httpUrls: await listenAt(listenHttpUrls, { onHttp2: undefined, onHttp1: http.accept }),
      metricsUrls: await listenAt(listenMetricsUrls, { onHttp2: undefined, onHttp1: metricsHttp.accept }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Our own bound holds whatever a flag says. */
function grantedTo(options: ConnectionOptions = CONNECTION_DEFAULTS): ConnectionOptions {
  return { ...options, maxStreams: Math.min(options.maxStreams, RPC_LIMITS.maxStreamsPerConnection) };
}
