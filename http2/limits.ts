import { assert } from '../base/assert.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bounds of one HTTP/2 connection, whoever uses it. Sizes in bytes, times in milliseconds. */
export const HTTP2_LIMITS = {
  /** The largest frame that we take: what everybody may send without asking (RFC 9113 §4.2). */
  maxFrameBytes: 16_384,
  /** Our side's HPACK table, and the most that we use of the other side's. */
  headerTableBytes: 4_096,
  /** Of a longer header list the fields beyond it are missing. */
  maxHeaderListBytes: 64 * KIB,
  /** Header blocks beyond these, still compressed, end the connection with ENHANCE_YOUR_CALM. */
  maxHeaderBlockBytes: 64 * KIB,
  maxContinuationFrames: 32,
  /** Frames that cost us more than the other side (resets of fresh streams, empty frames, SETTINGS ...): a burst, and so many a second. */
  nuisanceBurst: 2_000,
  nuisancePerSecond: 200,
  /** Streams that we reset, whose frames may still be under way. */
  maxResetRemembered: 1_024,
  /** Preface and header blocks must be complete within this. */
  unfinishedTimeoutMs: 10_000,
  /** How long a connection that we ended may take to close. */
  closeGraceMs: 1_000,
  /** How often connections are looked after. */
  sweepMs: 1_000,
  /** A longer text of a GOAWAY is cut. */
  maxGoAwayText: 256,
} as const;

/** Bounds of a `Session`. */
export const SESSION_LIMITS = {
  /** Frames are gathered in pieces of this size; they are used again when the system has taken what is in them. */
  slabBytes: 64 * KIB,
  /** What must be left of one that is used further: a frame. */
  minSlabRoomBytes: 17 * KIB,
  maxFreeSlabs: 32,
  /** What a socket holds at most before DATA waits in its stream. */
  socketQueueBytes: 256 * KIB,
  /** What it holds at most with frames that cannot wait; then the connection is cut: nobody reads. */
  maxSocketQueueBytes: 8 * MIB,
  /** A stream with this much queued asks its user to wait, until half of it is gone. */
  streamQueueBytes: 256 * KIB,
  /** What may be received on a connection before it is credited, which happens at once. */
  connectionWindowBytes: 16 * MIB,
} as const;

assert(SESSION_LIMITS.minSlabRoomBytes > HTTP2_LIMITS.maxFrameBytes + 9, 'a frame fits a slab that is used further');
assert(
  SESSION_LIMITS.maxSocketQueueBytes > 2 * SESSION_LIMITS.socketQueueBytes,
  'DATA waits before a connection is cut',
);
