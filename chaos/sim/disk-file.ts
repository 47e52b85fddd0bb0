import type { Prng } from '../../base/prng.ts';

/** A disk writes a sector whole or not at all; anything larger can be torn. */
export const SECTOR_BYTES = 512;

interface PendingWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A write, or a change of the size. */
type Change = PendingWrite | { readonly size: number };

/** How many of the sectors that were written but not synced reach the disk when the power is cut. */
export type SurvivingWrites = 'none' | 'all' | 'prefix' | 'any';

/**
 * A file as the kernel sees it (`bytes`) and as the disk has it (`durable`). Invariant: `bytes` = `durable` with the pending
 * changes in order. A change of size counts as a write of its own.
 */
export class SimInode {
  #bytes = new Uint8Array(0);
  #size = 0;
  #durable = new Uint8Array(0);
  #pending: Change[] = [];

  get size(): number {
    return this.#size;
  }

  get hasUnsynced(): boolean {
    return this.#pending.length > 0;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    return this.#bytes.slice(Math.min(offset, this.#size), Math.min(offset + sizeBytes, this.#size));
  }

  write(offset: number, bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    this.#pending.push({ offset, bytes: copy });
    this.#put(offset, copy);
  }

  resize(sizeBytes: number): void {
    this.#pending.push({ size: sizeBytes });
    this.#setSize(sizeBytes);
  }

  /** Changes bytes on the disk behind everybody's back: bit rot. */
  rot(offset: number, change: (byte: number) => number): void {
    this.#bytes[offset] = change(this.#bytes[offset] ?? 0);
    this.sync();
  }

  sync(): void {
    if (this.#pending.length === 0) return;
    for (const change of this.#pending) this.#durable = applied(this.#durable, change);
    this.#pending = [];
  }

  /** What was written since the last sync is gone: the kernel dropped it when the sync failed. */
  loseUnsynced(): void {
    this.#pending = [];
    this.#bytes = new Uint8Array(this.#durable);
    this.#size = this.#durable.length;
  }

  /** The power is cut: what is left is what was durable, and as much of the rest as `surviving` and `chance` say. */
  crash(surviving: SurvivingWrites, chance: Prng): void {
    const changes = this.#pending.flatMap((change): readonly Change[] =>
      'size' in change ? [change] : sectorsOf(change),
    );
    const prefix = chance.between(0, changes.length);
    const keeps = {
      none: () => false,
      all: () => true,
      prefix: (i: number) => i < prefix,
      any: () => chance.chance(0.5),
    };
    for (const [i, change] of changes.entries())
      if (keeps[surviving](i)) this.#durable = applied(this.#durable, change);
    this.#pending = [];
    this.#bytes = new Uint8Array(this.#durable);
    this.#size = this.#durable.length;
  }

  #put(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.#size) this.#setSize(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  #setSize(sizeBytes: number): void {
    if (sizeBytes > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(sizeBytes, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    if (sizeBytes < this.#size) this.#bytes.fill(0, sizeBytes, this.#size);
    this.#size = sizeBytes;
  }
}

function applied(durable: Uint8Array, change: Change): Uint8Array<ArrayBuffer> {
  const size = 'size' in change ? change.size : Math.max(durable.length, change.offset + change.bytes.length);
  const isResized = size !== durable.length;
  const next = isResized ? new Uint8Array(size) : (durable as Uint8Array<ArrayBuffer>);
  if (isResized) next.set(durable.subarray(0, size));
  if ('bytes' in change) next.set(change.bytes, change.offset);
  return next;
}

/** The parts of a write that reach the disk, or do not, by themselves. */
function sectorsOf(write: PendingWrite): PendingWrite[] {
  const sectors: PendingWrite[] = [];
  for (let at = 0; at < write.bytes.length; ) {
    const offset = write.offset + at;
    const end = Math.min(write.bytes.length, at + SECTOR_BYTES - (offset % SECTOR_BYTES));
    sectors.push({ offset, bytes: write.bytes.subarray(at, end) });
    at = end;
  }
  return sectors;
}
