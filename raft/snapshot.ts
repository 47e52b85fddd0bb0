import type { Index, MemberId, Term } from '../base/brand.ts';
import { MAX_SNAPSHOT_CHUNKS_IN_FLIGHT, MAX_SNAPSHOT_FAILURES } from './limits.ts';
import type { Message, SnapshotMeta } from './types.ts';

export interface SnapshotChunk {
  readonly meta: SnapshotMeta;
  /** Bytes of the snapshot before this chunk. */
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

/** A piece of a snapshot that a leader wants to read. */
export interface SnapshotRead {
  readonly meta: SnapshotMeta | undefined;
  readonly offset: number;
  readonly maxBytes: number;
}

/**
 * A snapshot on its way to one follower: acked <= sent <= asked. The window between `acked` and `asked` is bounded; silence or
 * a refusal rewinds to what the follower has, and a transfer that goes nowhere starts anew with the newest snapshot.
 */
export class SnapshotSender {
  readonly #chunkBytes: number;
  readonly #patienceTicks: number;
  #meta: SnapshotMeta | undefined;
  #acked = 0;
  #sent = 0;
  #asked = 0;
  #lastSent = false;
  #rewoundTo = -1;
  #pauseTicks = 0;
  #idleTicks = 0;
  #failures = 0;

  /** `patienceTicks`: after that long without an answer, what is on its way counts as lost. */
  constructor(options: { readonly chunkBytes: number; readonly patienceTicks: number }) {
    this.#chunkBytes = options.chunkBytes;
    this.#patienceTicks = options.patienceTicks;
  }

  /** The snapshot on its way, once the first chunk of it has been read. */
  get meta(): SnapshotMeta | undefined {
    return this.#meta;
  }

  /** The reads that the window has room for; each is asked once. */
  takeReads(): readonly SnapshotRead[] {
    const reads: SnapshotRead[] = [];
    if (this.#pauseTicks > 0) return reads;
    const windowEnd = this.#acked + MAX_SNAPSHOT_CHUNKS_IN_FLIGHT * this.#chunkBytes;
    while (!this.#lastSent && this.#asked < windowEnd) {
      if (this.#meta === undefined && this.#asked > 0) break; // which snapshot it is comes with the first chunk
      reads.push({ meta: this.#meta, offset: this.#asked, maxBytes: this.#chunkBytes });
      this.#asked += this.#chunkBytes;
    }
    return reads;
  }

  /** A chunk was read. False if it is not the next one to send (an answer from before a rewind). */
  provide(chunk: SnapshotChunk): boolean {
    if (this.#lastSent || chunk.offset !== this.#sent) return false;
    if (this.#meta !== undefined && !sameSnapshot(this.#meta, chunk.meta)) return false;
    this.#meta = chunk.meta;
    this.#sent += chunk.data.length;
    // After a short read the reads already asked lie at the wrong offsets: ask them again.
    if (chunk.done || chunk.data.length !== this.#chunkBytes) this.#asked = this.#sent;
    this.#lastSent = chunk.done;
    return true;
  }

  /** There was nothing to read: wait a little, and give up this snapshot if that goes on. */
  unavailable(): void {
    this.#pauseTicks = this.#patienceTicks;
    this.#asked = this.#sent;
    this.#fail();
  }

  /** The follower has everything before `nextOffset`. */
  acknowledge(nextOffset: number): void {
    if (nextOffset <= this.#acked) return;
    this.#acked = nextOffset;
    if (nextOffset > this.#sent) this.#sent = nextOffset; // it kept more than a rewind assumed
    if (nextOffset > this.#asked) this.#asked = nextOffset;
    this.#idleTicks = this.#failures = 0;
    this.#rewoundTo = -1;
  }

  /** The follower wants the snapshot from `nextOffset` on; from the beginning, when it had all of it: then that one is no good. */
  refuse(nextOffset: number): void {
    if (nextOffset === 0 && this.#lastSent) {
      this.#startAnew();
      this.#pauseTicks = this.#patienceTicks; // should it go on like that, it must not take up the network
      return;
    }
    // Each chunk behind a lost one is refused: rewind for the first of them only.
    if (nextOffset === this.#rewoundTo || nextOffset > this.#sent) return;
    this.#rewindTo(nextOffset);
    this.#rewoundTo = nextOffset;
  }

  tick(): void {
    if (this.#pauseTicks > 0) {
      this.#pauseTicks--;
      return;
    }
    if (++this.#idleTicks < this.#patienceTicks) return;
    this.#rewindTo(this.#acked);
    this.#fail();
  }

  #rewindTo(offset: number): void {
    this.#acked = this.#sent = this.#asked = offset;
    this.#lastSent = false;
    this.#idleTicks = 0;
    this.#rewoundTo = -1;
  }

  #fail(): void {
    if (++this.#failures >= MAX_SNAPSHOT_FAILURES) this.#startAnew();
  }

  #startAnew(): void {
    this.#failures = 0;
    this.#meta = undefined;
    this.#rewindTo(0);
  }
}

/** What a follower makes of a chunk. */
export interface ReceivedChunk {
  /** To be appended to the file that collects the snapshot; undefined for a duplicate or a gap. */
  readonly chunk: SnapshotChunk | undefined;
  readonly nextOffset: number;
  /** The chunk lies beyond a gap: send again from `nextOffset`. */
  readonly rejected: boolean;
}

/**
 * Collects the snapshot that one leader sends in one term. Another leader's snapshot of the same index may be other bytes, so
 * a change of leader starts it anew; the same leader may resume it. (Hence a member must answer snapshotReads of the same
 * index and term with the same bytes for as long as it runs.)
 */
export class SnapshotReceiver {
  #from: MemberId;
  #term: Term;
  #meta: SnapshotMeta;
  #nextOffset = 0;
  #isComplete = false;

  constructor(message: Extract<Message, { type: 'snapshot-chunk' }>) {
    this.#from = message.from;
    this.#term = message.term;
    this.#meta = message.meta;
  }

  get from(): MemberId {
    return this.#from;
  }

  get meta(): SnapshotMeta {
    return this.#meta;
  }

  /** Everything has come, and the driver checks it: what comes again meanwhile says nothing new. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether this is the transfer of that snapshot, from who leads in that term. */
  isOf(leader: MemberId, term: Term, meta: { readonly index: Index; readonly term: Term }): boolean {
    return leader === this.#from && term === this.#term && sameSnapshot(meta, this.#meta);
  }

  /** Whether `message` belongs to this transfer. */
  continues(message: Extract<Message, { type: 'snapshot-chunk' }>): boolean {
    return message.from === this.#from && message.term === this.#term && sameSnapshot(message.meta, this.#meta);
  }

  receive({ meta, offset, data, done }: SnapshotChunk): ReceivedChunk {
    if (offset !== this.#nextOffset) {
      const gap = offset > this.#nextOffset;
      return { chunk: undefined, nextOffset: this.#nextOffset, rejected: gap };
    }
    this.#nextOffset += data.length;
    this.#isComplete = done;
    const chunk: SnapshotChunk = { meta, offset, data, done };
    return { chunk, nextOffset: this.#nextOffset, rejected: false };
  }
}

function sameSnapshot(
  a: { readonly index: Index; readonly term: Term },
  b: { readonly index: Index; readonly term: Term },
): boolean {
  return a.index === b.index && a.term === b.term;
}
