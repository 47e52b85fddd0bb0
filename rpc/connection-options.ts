import { RPC_LIMITS } from './limits.ts';

/** What a server grants on one gRPC connection, and how it finds out that the client is gone. Milliseconds. */
export interface ConnectionOptions {
  /** Calls at once (etcd's --max-concurrent-streams); RPC_LIMITS.maxStreamsPerConnection at most. */
  readonly maxStreams: number;
  /** A client that pings more often is told to calm down (--grpc-keepalive-min-time). */
  readonly keepaliveMinTimeMs: number;
  /** Silence after which the client is pinged (--grpc-keepalive-interval); 0: never. */
  readonly keepaliveTimeMs: number;
  /** How long it may take to answer (--grpc-keepalive-timeout). */
  readonly keepaliveTimeoutMs: number;
}

/** What holds unless a flag says otherwise. */
export const CONNECTION_DEFAULTS: ConnectionOptions = {
  maxStreams: RPC_LIMITS.maxStreamsPerConnection,
  keepaliveMinTimeMs: RPC_LIMITS.keepaliveMinTimeMs,
  keepaliveTimeMs: RPC_LIMITS.keepaliveTimeMs,
  keepaliveTimeoutMs: RPC_LIMITS.keepaliveTimeoutMs,
};
