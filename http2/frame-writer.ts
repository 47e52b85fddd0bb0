import type { Duplex } from 'node:stream';
import { assert } from '../base/assert.ts';
import { SESSION_LIMITS } from './limits.ts';

/** A piece of memory that frames are gathered in. Bytes before `used` have been given to a socket and do not change until all are taken. */
interface Slab {
  readonly bytes: Buffer;
  used: number;
  /** Writes that the system has not taken. */
  writes: number;
  state: 'held' | 'free' | 'full';
}

/** The slabs of all connections: what is left of one serves the next connection, and one that was taken whole starts over. */
export class SlabPool {
  readonly #free: Slab[] = [];

  /** One with room for a frame. */
  take(): Slab {
    const slab = this.#free.pop() ?? {
      bytes: Buffer.allocUnsafeSlow(SESSION_LIMITS.slabBytes),
      used: 0,
      writes: 0,
      state: 'held',
    };
    slab.state = 'held';
    return slab;
  }

  give(slab: Slab): void {
    if (slab.writes === 0) slab.used = 0;
    slab.state = 'full';
    const hasRoom = slab.bytes.length - slab.used >= SESSION_LIMITS.minSlabRoomBytes;
    if (!hasRoom || this.#free.length >= SESSION_LIMITS.maxFreeSlabs) return;
    slab.state = 'free';
    this.#free.push(slab);
  }

  /** The system has taken one write. */
  written(slab: Slab): void {
    slab.writes--;
    if (slab.writes > 0) return;
    if (slab.state === 'free') slab.used = 0;
    else if (slab.state === 'full') this.give(slab);
  }
}

/** A part of a slab that waits for its turn. */
interface Piece {
  readonly slab: Slab;
  readonly bytes: Buffer;
}

/**
 * What a connection is about to send. Frames are copied together, and one write is under way at a time: what comes meanwhile leaves in the
 * next ones. A socket that is given more makes lists of buffers, which TLS copies once more.
 */
export class FrameWriter {
  /** Where `reserve` made room; frames are written from `at` on. */
  bytes: Buffer = NOTHING;
  at = 0;

  readonly #socket: Duplex;
  readonly #pool: SlabPool;
  readonly #onDirty: () => void;
  readonly #onTaken: () => void;
  #slab: Slab | undefined;
  #from = 0;
  /** Full slabs, oldest first. */
  #pieces: Piece[] = [];
  #pieceBytes = 0;
  /** Of the write that is under way. */
  #writingBytes = 0;
  #isEnding = false;

  /** `onDirty`: there is something to flush. `onTaken`: the system has taken a write. */
  constructor(socket: Duplex, pool: SlabPool, events: { readonly onDirty: () => void; readonly onTaken: () => void }) {
    this.#socket = socket;
    this.#pool = pool;
    this.#onDirty = events.onDirty;
    this.#onTaken = events.onTaken;
  }

  /** What the system has not taken yet. */
  get pendingBytes(): number {
    return this.at - this.#from + this.#pieceBytes + this.#writingBytes;
  }

  /** DATA should wait. */
  get isFull(): boolean {
    return this.pendingBytes >= SESSION_LIMITS.socketQueueBytes;
  }

  /** Makes room for `sizeBytes` from `at` on, at most a frame, and has what is written there flushed soon. */
  reserve(sizeBytes: number): void {
    if (this.#slab === undefined) this.#onDirty();
    else if (this.at + sizeBytes <= this.bytes.length) return;
    else this.#seal();
    const slab = this.#pool.take();
    this.#slab = slab;
    this.bytes = slab.bytes;
    this.at = slab.used;
    this.#from = slab.used;
  }

  /** Adds a payload, for which there is room. */
  append(payload: Uint8Array): void {
    this.bytes.set(payload, this.at);
    this.at += payload.length;
  }

  /** Gives what there is to the socket, as soon as it has taken what it was given before. */
  flush(): void {
    if (this.#writingBytes > 0) return;
    if (this.#pieces.length === 0) this.#seal();
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      if (this.#isEnding) this.#socket.end();
      return;
    }
    const { slab, bytes } = piece;
    this.#pieceBytes -= bytes.length;
    if (!this.#socket.writable) return; // Nobody will read it.
    this.#writingBytes = bytes.length;
    this.#socket.write(bytes, () => {
      this.#writingBytes = 0;
      this.#pool.written(slab);
      this.#onTaken();
      this.flush();
    });
  }

  /** Sends what there is and ends the socket. */
  end(): void {
    this.#isEnding = true;
    this.flush();
  }

  #seal(): void {
    const slab = this.#slab;
    if (slab === undefined) return;
    assert(this.at <= this.bytes.length, 'nothing is written beyond what was reserved');
    if (this.at > this.#from) {
      const bytes = slab.bytes.subarray(this.#from, this.at);
      this.#pieces.push({ slab, bytes });
      this.#pieceBytes += bytes.length;
      slab.writes++;
      slab.used = this.at;
    }
    this.#slab = undefined;
    this.bytes = NOTHING;
    this.at = 0;
    this.#from = 0;
    this.#pool.give(slab);
  }
}

const NOTHING = Buffer.alloc(0);
