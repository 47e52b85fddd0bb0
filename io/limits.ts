/** Bounds of the doors in io/node. */
export const IO_LIMITS = {
  /** A connection answers `false` to write() above this, until it has drained. */
  highWaterBytes: 4 * 1024 * 1024,
  /** A connection whose peer does not read is closed when this much waits: the writer ignored the high-water mark. */
  maxQueuedBytes: 256 * 1024 * 1024,
  /** A connection on which bytes wait and none has moved for this long is closed. */
  writeStallMs: 30_000,
  /** TCP keep-alive probes start after this much silence, to notice a peer that vanished. */
  keepAliveMs: 10_000,
  /** A TLS handshake, with all that is looked at before the other side is let in, must be done within this (etcd's, since GHSA-6vch). */
  handshakeTimeoutMs: 10_000,
  /** Handshakes under way at one listener; of more the oldest is ended. */
  maxHandshakes: 1024,
  /** Zeros are written in pieces of this size when a file's space is reserved. */
  allocateChunkBytes: 1024 * 1024,
  /** Passwords that wait for the thread that hashes them; one more is refused. */
  maxWaitingPasswords: 64,
  /** Passwords that matched and need not be hashed again; the one used longest ago is forgotten. */
  maxRememberedPasswords: 1000,
} as const;
