import type { Duplex } from 'node:stream';
import { assert } from '../../base/assert.ts';
import { H2_LIMITS } from './limits.ts';

/** A piece of memory that frames are gathered in. Bytes before `used` have been given to a socket and do not change. */
interface Slab {
  readonly bytes: Buffer;
  used: number;
}

/** Slabs that nobody fills at the moment; what is left of one serves the next connection. */
export class Slabs {
  readonly #free: Slab[] = [];

  take(): Slab {
    return this.#free.pop() ?? { bytes: Buffer.allocUnsafeSlow(H2_LIMITS.slabBytes), used: 0 };
  }

  give(slab: Slab): void {
    const isWorthIt = slab.bytes.length - slab.used >= H2_LIMITS.copyBelowBytes;
    if (isWorthIt && this.#free.length < H2_LIMITS.maxFreeSlabs) this.#free.push(slab);
  }
}

/**
 * What a connection is about to send. Frames gather until `flush`, and then go to the socket in one write. Small things are
 * copied into a slab, large payloads pass by reference.
 */
export class Outbox {
  /** Where `reserve` made room; frames are written from `at` on. */
  bytes: Buffer = NOTHING;
  at = 0;

  readonly #socket: Duplex;
  readonly #slabs: Slabs;
  readonly #onDirty: () => void;
  #slab: Slab | undefined;
  /** What is in `bytes` before `at` and not yet among the parts. */
  #from = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  constructor(socket: Duplex, slabs: Slabs, onDirty: () => void) {
    this.#socket = socket;
    this.#slabs = slabs;
    this.#onDirty = onDirty;
  }

  /** What was not yet taken by the system. */
  get pendingBytes(): number {
    return this.#partBytes + (this.at - this.#from) + this.#socket.writableLength;
  }

  /** Messages should wait. */
  get isFull(): boolean {
    return this.pendingBytes >= H2_LIMITS.outboxBytes;
  }

  /** Makes room for `sizeBytes` from `at` on, and has what is written there flushed soon. */
  reserve(sizeBytes: number): void {
    if (this.#slab === undefined) this.#onDirty();
    else if (this.at + sizeBytes <= this.bytes.length) return;
    else this.#release();
    const slab = this.#slabs.take();
    this.#use(slab.bytes.length - slab.used >= sizeBytes ? slab : roomFor(sizeBytes));
  }

  /** Adds a payload after what was written, copied when small; it must fit what was reserved then. */
  append(payload: Uint8Array): void {
    if (payload.length <= H2_LIMITS.copyBelowBytes) {
      this.bytes.set(payload, this.at);
      this.at += payload.length;
      return;
    }
    this.#cut();
    this.#parts.push(payload);
    this.#partBytes += payload.length;
  }

  /** Gives everything to the socket. */
  flush(): void {
    if (this.#slab !== undefined) this.#release();
    const parts = this.#parts;
    const [first] = parts;
    if (first === undefined) return;
    this.#parts = [];
    this.#partBytes = 0;
    if (!this.#socket.writable) return; // Nobody will read it.
    if (parts.length === 1) {
      this.#socket.write(first);
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  #use(slab: Slab): void {
    this.#slab = slab;
    this.bytes = slab.bytes;
    this.at = slab.used;
    this.#from = slab.used;
  }

  /** Ends the part that is being written. */
  #cut(): void {
    assert(this.at <= this.bytes.length, 'nothing is written beyond what was reserved');
    if (this.at === this.#from) return;
    this.#parts.push(this.bytes.subarray(this.#from, this.at));
    this.#partBytes += this.at - this.#from;
    this.#from = this.at;
  }

  #release(): void {
    this.#cut();
    if (this.#slab !== undefined) {
      this.#slab.used = this.at;
      this.#slabs.give(this.#slab);
    }
    this.#slab = undefined;
    this.bytes = NOTHING;
    this.at = 0;
    this.#from = 0;
  }
}

const NOTHING = Buffer.alloc(0);

function roomFor(sizeBytes: number): Slab {
  return { bytes: Buffer.allocUnsafeSlow(Math.max(sizeBytes, H2_LIMITS.slabBytes)), used: 0 };
}
