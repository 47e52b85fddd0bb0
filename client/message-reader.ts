import { uint32At } from '../http2/protocol.ts';

/** The compressed-flag and the length before each message. Source: gRPC over HTTP/2, Length-Prefixed-Message. */
export const PREFIX_BYTES = 5;
const FIRST_ALLOCATION_BYTES = 16 * 1024;

/** Who takes what a reader finds. */
export interface MessageSink {
  /** `flag`: the byte before the length, 0 for a plain message and 1 for a compressed one. */
  onMessage(bytes: Uint8Array, flag: number): void;
  onTooLarge(sizeBytes: number): void;
}

/**
 * Finds gRPC's messages in the payloads of DATA frames. A message that is whole in one payload is a view of it; others are
 * gathered in memory that grows with what has really come, not with what was announced.
 */
export class MessageReader {
  /** A longer message is not taken. */
  maxMessageBytes: number;
  #flag = 0;
  /** The message's length; -1 while its prefix is not complete. */
  #length = -1;
  #gathered: Buffer = NOTHING;
  #have = 0;
  #isStopped = false;

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** True between messages. */
  get isAtBoundary(): boolean {
    return this.#length < 0 && this.#have === 0;
  }

  /** What is still missing of the message that has begun; 0 when that is not known. */
  get missingBytes(): number {
    return this.#length < 0 ? 0 : this.#length - this.#have;
  }

  /** What was gathered and not yet handed over. */
  get gatheredBytes(): number {
    return this.#length < 0 ? 0 : this.#have;
  }

  /** Forgets what has been gathered and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#gathered = NOTHING;
    this.#have = 0;
    this.#length = -1;
  }

  push(payload: Uint8Array, start: number, end: number, sink: MessageSink): void {
    let at = start;
    while (at < end && !this.#isStopped) {
      if (this.#length < 0) {
        const whole = this.#have === 0 ? wholeMessageEnd(payload, at, end) : 0;
        if (whole > 0) {
          sink.onMessage(payload.subarray(at + PREFIX_BYTES, whole), payload[at] as number);
          at = whole;
        } else {
          at = this.#readPrefix(payload, at, end, sink);
        }
      } else {
        at = this.#gather(payload, at, end, sink);
      }
    }
  }

  #readPrefix(payload: Uint8Array, start: number, end: number, sink: MessageSink): number {
    if (this.#have === 0) this.#gathered = Buffer.allocUnsafe(PREFIX_BYTES);
    let at = start;
    while (at < end && this.#have < PREFIX_BYTES) this.#gathered[this.#have++] = payload[at++] as number;
    if (this.#have < PREFIX_BYTES) return at;
    this.#flag = this.#gathered[0] as number;
    const length = uint32At(this.#gathered, 1);
    this.#have = 0;
    if (length > this.maxMessageBytes) {
      this.stop();
      sink.onTooLarge(length);
      return end;
    }
    this.#length = length;
    this.#gathered = Buffer.allocUnsafe(Math.min(length, FIRST_ALLOCATION_BYTES));
    if (length === 0) this.#complete(sink);
    return at;
  }

  #gather(payload: Uint8Array, start: number, end: number, sink: MessageSink): number {
    const taken = Math.min(end - start, this.#length - this.#have);
    const needed = this.#have + taken;
    if (needed > this.#gathered.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#length, Math.max(needed, 2 * this.#gathered.length)));
      larger.set(this.#gathered.subarray(0, this.#have));
      this.#gathered = larger;
    }
    this.#gathered.set(payload.subarray(start, start + taken), this.#have);
    this.#have = needed;
    if (needed === this.#length) this.#complete(sink);
    return start + taken;
  }

  #complete(sink: MessageSink): void {
    const message = this.#gathered;
    this.#gathered = NOTHING;
    this.#length = -1;
    this.#have = 0;
    sink.onMessage(message, this.#flag);
  }
}

const NOTHING = Buffer.alloc(0);

/** Where the message ends that starts at `at`; 0 when it is not all there, or too long. */
function wholeMessageEnd(payload: Uint8Array, at: number, end: number): number {
  if (end - at < PREFIX_BYTES) return 0;
  const messageEnd = at + PREFIX_BYTES + uint32At(payload, at + 1);
  return messageEnd <= end ? messageEnd : 0;
}
