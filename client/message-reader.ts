const PREFIX_BYTES = 5;
const FIRST_ALLOCATION_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Finds gRPC's messages in the payloads of DATA frames. A message that is whole in one payload is a view of it; others are gathered in
 * memory that grows with what has really come, not with what was announced.
 */
export class MessageReader {
  readonly #onMessage: (message: Uint8Array, flag: number) => void;
  /** The prefix or the message that has begun, of which `#have` bytes are there. */
  #gathered: Buffer = NOTHING;
  #have = 0;
  /** The length of the message that has begun; -1 while its prefix is not complete. */
  #length = -1;
  #flag = 0;

  /** `flag`: the byte before the length, 0 for a plain message. */
  constructor(onMessage: (message: Uint8Array, flag: number) => void) {
    this.#onMessage = onMessage;
  }

  push(payload: Buffer): void {
    let at = 0;
    while (at < payload.length) {
      if (this.#length >= 0) at = this.#gather(payload, at);
      else if (this.#have > 0 || payload.length - at < PREFIX_BYTES) at = this.#readPrefix(payload, at);
      else at = this.#whole(payload, at);
    }
  }

  #whole(payload: Buffer, at: number): number {
    const start = at + PREFIX_BYTES;
    const length = payload.readUInt32BE(at + 1);
    if (payload.length - start < length) {
      this.#begin(length, payload[at] as number);
      return start;
    }
    this.#onMessage(payload.subarray(start, start + length), payload[at] as number);
    return start + length;
  }

  #readPrefix(payload: Buffer, start: number): number {
    if (this.#have === 0) this.#gathered = Buffer.allocUnsafe(PREFIX_BYTES);
    const taken = payload.copy(this.#gathered, this.#have, start, start + PREFIX_BYTES - this.#have);
    this.#have += taken;
    if (this.#have === PREFIX_BYTES) this.#begin(this.#gathered.readUInt32BE(1), this.#gathered[0] as number);
    return start + taken;
  }

  #begin(length: number, flag: number): void {
    this.#have = 0;
    this.#flag = flag;
    this.#length = length;
    this.#gathered = Buffer.allocUnsafe(Math.min(length, FIRST_ALLOCATION_BYTES));
    if (length === 0) this.#complete();
  }

  #gather(payload: Buffer, start: number): number {
    const taken = Math.min(payload.length - start, this.#length - this.#have);
    const needed = this.#have + taken;
    if (needed > this.#gathered.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#length, Math.max(needed, 2 * this.#gathered.length)));
      this.#gathered.copy(larger, 0, 0, this.#have);
      this.#gathered = larger;
    }
    payload.copy(this.#gathered, this.#have, start, start + taken);
    this.#have = needed;
    if (needed === this.#length) this.#complete();
    return start + taken;
  }

  #complete(): void {
    const message = this.#gathered;
    this.#gathered = NOTHING;
    this.#have = 0;
    this.#length = -1;
    this.#onMessage(message, this.#flag);
  }
}
