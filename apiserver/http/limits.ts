import { assert } from '../../base/assert.ts';

/** Bounds of sockets and bodies. */
export const HTTP_LIMITS = {
  /** Longer bodies are refused with 413. Source: apiserver MaxRequestBodyBytes. */
  maxBodyBytes: 3 * 1024 * 1024,
  maxHeaderBytes: 1024 * 1024,
  /** Request headers must be complete within this. Source: apiserver ReadHeaderTimeout. */
  headersTimeoutMs: 32_000,
  /** How often HTTP/1.1 connections are looked after. */
  connectionsCheckMs: 5_000,
  /** A whole request, body included. */
  requestTimeoutMs: 60_000,
  /** An idle HTTP/1.1 connection is closed. */
  keepAliveTimeoutMs: 90_000,
  tlsHandshakeTimeoutMs: 10_000,
  /** TCP asks an idle peer whether it is still there. */
  tcpKeepAliveMs: 30_000,
  /** An HTTP/2 session is pinged this often; one that does not answer in the time below is closed with all its watches. */
  pingIntervalMs: 30_000,
  pingTimeoutMs: 15_000,
  /** Streams (watches among them) a client may open on one connection. Source: --http2-max-streams-per-connection. */
  maxConcurrentStreams: 1_000,
  /** Bytes of bodies of one HTTP/2 connection that wait for their handlers; the stream that goes beyond it is reset. */
  maxHeldBodyBytes: 64 * 1024 * 1024,
  /** What a stream may send before it is acknowledged: large enough for a patch in one go. */
  initialWindowBytes: 256 * 1024,
  /** Bytes in a socket's own queue above which writers wait. */
  writeHighWaterBytes: 1024 * 1024,
  /** How long a stopping server waits for requests under way. */
  drainTimeoutMs: 10_000,
} as const;

assert(HTTP_LIMITS.pingTimeoutMs < HTTP_LIMITS.pingIntervalMs, 'a ping must be judged before the next is sent');
assert(HTTP_LIMITS.headersTimeoutMs < HTTP_LIMITS.requestTimeoutMs, 'headers are a part of the request');
