import { assert } from '../base/assert.ts';

/** Bounds of the edge. Sizes in bytes, times in milliseconds. */
export const RPC_LIMITS = {
  /** A write larger than this is refused with "etcdserver: request is too large" (etcd's --max-request-bytes). */
  maxRequestBytes: 1_572_864,
  /** What etcd lets a gRPC message exceed it by, before gRPC itself refuses the message. */
  grpcOverheadBytes: 512 * 1024,
  /** A message beyond this is not even collected: the transport refuses it with a text of its own. */
  maxCollectedBytes: 8 * 1024 * 1024,
  /** Calls under way on one connection; the client's further ones wait. */
  maxStreamsPerConnection: 100_000,
  /** Connections to one listener; further ones are closed at once. */
  maxConnections: 20_000,
  /** A connection must say what it speaks (after its TLS handshake) within this. */
  firstBytesTimeoutMs: 10_000,
  tlsHandshakeTimeoutMs: 10_000,
  /** A client may ping this often (etcd's --grpc-keepalive-min-time). */
  keepaliveMinTimeMs: 5_000,
  /** Silent gRPC connections are pinged, and closed when no answer comes. */
  keepaliveTimeMs: 30_000,
  keepaliveTimeoutMs: 20_000,
  /** An HTTP/1.1 connection that says nothing for this long is closed. */
  httpIdleTimeoutMs: 30_000,
  /** etcd's request timeout at its default election timeout: how long a health check may read. */
  healthReadTimeoutMs: 7_000,
  /** The lease of a lock or candidate that brings none, in seconds (etcd's concurrency.defaultSessionTTL). */
  sessionTtlSeconds: 60,
  /** How long entering and leaving the queue of a lock may take when the caller has left. */
  undoTimeoutMs: 7_000,
  /** A snapshot whose client takes nothing for this long ends: it keeps old data of the store on disk. */
  snapshotStallMs: 60_000,
  /** Versions of clients that are counted by themselves, and how long one may be; all further ones are counted together. */
  maxClientVersions: 100,
  maxClientVersionLength: 64,
  /** How long calls may finish when the server closes. */
  drainMs: 1_000,
} as const;

assert(
  RPC_LIMITS.maxCollectedBytes > RPC_LIMITS.maxRequestBytes + RPC_LIMITS.grpcOverheadBytes,
  "a message that is refused with etcd's text must be collected first",
);
