import { assert } from '../base/assert.ts';

/** Bounds of the client. Times in milliseconds. */
export const CLIENT_LIMITS = {
  /** A call that names no timeout ends with DEADLINE_EXCEEDED after this. */
  defaultTimeoutMs: 60_000,
  /** Tries of a call that may be repeated, the first one included; the last failure is the answer. */
  maxAttempts: 12,
  /** The wait before the second try; doubles up to `maxBackoffMs`. */
  firstBackoffMs: 25,
  maxBackoffMs: 1_000,
  /** A server that let a read wait too long is left alone for so long, and by writes and watches until a read has got through to it. */
  suspicionMs: 5_000,
  /** A dead connection is noticed within time plus timeout. etcd refuses pings more often than every 5 s. */
  keepaliveTimeMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  /** A connection that is not made by then will not be. */
  connectTimeoutMs: 20_000,
  reconnectFirstMs: 100,
  reconnectMaxMs: 3_000,
  /** HTTP/2 window of a stream and of the connection: a list of a few megabytes must not wait for acknowledgements. */
  flowControlWindowBytes: 4 * 1024 * 1024,
  /** A longer message ends its call. Source: etcd clientv3, MaxCallRecvMsgSize. */
  maxMessageBytes: 2 ** 31 - 1,
  /** Requests of one watch stream that wait for the call, and their bytes afterwards; more end the stream with TOO_MANY_REQUESTS. */
  maxPendingWatchRequests: 10_000,
  maxPendingWatchBytes: 4 * 1024 * 1024,
  /** Calls that wait for one connection, or for a stream on it; one more is refused. */
  maxWaitingCalls: 10_000,
  /** Responses that one `next` of a watch stream hands over at most. */
  maxWatchBatch: 256,
} as const;

assert(CLIENT_LIMITS.keepaliveTimeMs > 5_000, 'etcd closes connections that ping more often than every 5 s');
assert(CLIENT_LIMITS.firstBackoffMs < CLIENT_LIMITS.maxBackoffMs, 'the wait between tries grows');
