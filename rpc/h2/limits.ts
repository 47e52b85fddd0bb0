import { assert } from '../../base/assert.ts';
import { HTTP2_LIMITS } from '../../http2/limits.ts';
import { RPC_LIMITS } from '../limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bounds of one HTTP/2 connection. Sizes in bytes, times in milliseconds. */
export const H2_LIMITS = {
  ...HTTP2_LIMITS,
  /** A gRPC message beyond this is refused with RESOURCE_EXHAUSTED as soon as its length is known. */
  maxMessageBytes: RPC_LIMITS.maxRequestBytes + RPC_LIMITS.grpcOverheadBytes,
  /** Receive windows. A stream's is raised to fit a longer message that was announced. */
  connectionWindowBytes: 8 * MIB,
  streamWindowBytes: MIB,
  /** Requests that were received but that no call has taken; the call that goes beyond it ends with RESOURCE_EXHAUSTED. */
  maxHeldRequestBytes: 32 * MIB,
  /** What a held message costs besides its bytes. */
  heldMessageOverheadBytes: 64,
  /** Unary calls at work; further ones wait their turn. */
  maxRunningCalls: 8_192,
  /** Answers that wait to be sent, plus the expected ones of calls at work; when there are more, calls wait their turn. */
  maxAnswerBytes: 64 * MIB,
  /** Calls that start whatever the size of the answers before them. */
  minRunningCalls: 16,
  /** A stream with this much queued is not written to further until it drains. */
  streamQueueBytes: 64 * KIB,
  /** What the socket holds at most before messages wait in their streams. */
  outboxBytes: MIB,
  /** What it holds at most with frames that cannot wait; then the connection is cut. */
  maxOutboxBytes: 8 * MIB,
  /** Frames are gathered in pieces of this size; longer payloads than `copyBelowBytes` are passed on without copying. */
  slabBytes: 32 * KIB,
  copyBelowBytes: 2 * KIB,
  maxFreeSlabs: 64,
  /** Pings more often than this without a call are bad; at the third bad one the connection ends (grpc-go's policy). */
  minPingIntervalIdleMs: 7_200_000,
  maxPingStrikes: 2,
  /** How exact deadlines are: never early, up to this late. */
  deadlineGrainMs: 10,
} as const;

assert(H2_LIMITS.connectionWindowBytes > 2 * H2_LIMITS.maxMessageBytes, 'a large message leaves room for other calls');
assert(H2_LIMITS.maxHeldRequestBytes > H2_LIMITS.connectionWindowBytes, 'what the window lets in can be held');
assert(H2_LIMITS.maxOutboxBytes > 2 * H2_LIMITS.outboxBytes, 'messages wait before the connection is cut');
assert(H2_LIMITS.slabBytes > 4 * H2_LIMITS.copyBelowBytes, 'a copied payload fits a slab with its frames');
