import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { KvClient } from '../client/kv-client.ts';
import { grpcJsTransport } from './grpc-js-transport.ts';
import { ServingState } from './health.ts';
import { httpTransport } from './http.ts';
import { RPC_LIMITS } from './limits.ts';
import { type Listener, listen, type ServerTls } from './listener.ts';
import type { Logger } from './logger.ts';
import { type MemberView, REMOTE_MEMBER } from './member-view.ts';
import { RpcMetrics } from './metrics.ts';
import { etcdBindings } from './services.ts';

export interface EtcdServerOptions {
  /** The store that is served. Stays open when the server closes. */
  readonly kv: KvClient;
  /** Omitted for an edge before a cluster elsewhere. */
  readonly member?: MemberView;
  /** `http://host:port` or `https://host:port` (which needs `tls`); port 0 picks a free one. */
  readonly listenUrls: readonly string[];
  readonly tls?: ServerTls;
  readonly logger: Logger;
  /** Where /metrics comes from, and where this edge counts. One server per registry. */
  readonly registry: Registry;
}

export interface EtcdServer {
  /** Where it listens, in the order of `listenUrls`, with the ports that were picked. */
  readonly urls: readonly string[];
  /** Stops listening, lets calls finish for a moment, then ends them. */
  close(): Promise<void>;
}

/** Serves the etcd v3 API by gRPC and its HTTP endpoints, both on each URL. Rejects when an address cannot be had. */
export async function serveEtcd(options: EtcdServerOptions): Promise<EtcdServer> {
  const { kv, logger, registry } = options;
  const metrics = new RpcMetrics(registry);
  const state = new ServingState();
  const grpc = grpcJsTransport(etcdBindings(kv, options.member ?? REMOTE_MEMBER, state), metrics, logger);
  const http = httpTransport(kv, registry, metrics, logger);
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    state.stop();
    for (const listener of listeners) listener.stop();
    const drained = grpc.close();
    await Promise.race([drained, delay(RPC_LIMITS.drainMs, undefined, { ref: false })]);
    http.close();
    for (const listener of listeners) listener.destroy();
    await drained;
  };
  try {
    for (const url of options.listenUrls) {
      const onConnections = (change: 1 | -1): void => metrics.connections.inc(change);
      listeners.push(
        await listen({ url, tls: options.tls, onHttp2: grpc.accept, onHttp1: http.accept, onConnections }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { urls: listeners.map(({ url }) => url), close };
}
