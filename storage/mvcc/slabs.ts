import { assert } from '../../base/assert.ts';
import { allocateBytes } from '../../base/bytes.ts';
import { IdList } from './id-list.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Where things lie in slabs, by their owners. */
export interface Places {
  /** Number of the slab; 0: in none. */
  slab(owner: number): number;
  offset(owner: number): number;
  length(owner: number): number;
  place(owner: number, slab: number, offset: number, length: number): void;
}

/** Bytes that lie elsewhere until somebody wants them. */
export interface StoredBytes {
  readonly sizeBytes: number;
  /** Errors: those of reading them, which is a failure of the disk. */
  readonly bytes: Uint8Array;
  /** Nobody wants them any more. */
  drop(): void;
}

/** A piece of memory that is only ever appended to, so that views of it stay what they are. */
class Slab {
  readonly number: number;
  readonly sizeBytes: number;
  readonly #content: Uint8Array | StoredBytes;
  used = 0;
  liveBytes = 0;
  /** In the order in which they came; an owner that has moved on may still be named. */
  readonly #owners: IdList;

  /** `full`: what a slab is of which all bytes are used. */
  constructor(number: number, content: Uint8Array | StoredBytes, full?: Omit<SlabImage, 'number'>) {
    this.number = number;
    this.#content = content;
    this.sizeBytes = content instanceof Uint8Array ? content.length : content.sizeBytes;
    this.#owners = new IdList(full?.owners);
    if (full === undefined) return;
    this.used = this.sizeBytes;
    this.liveBytes = full.liveBytes;
  }

  get bytes(): Uint8Array {
    return this.#content instanceof Uint8Array ? this.#content : this.#content.bytes;
  }

  get owners(): Uint32Array {
    return this.#owners.all;
  }

  /** The next bytes are `owner`'s. */
  add(owner: number, length: number): void {
    this.#owners.add(owner);
    this.used += length;
    this.liveBytes += length;
  }

  drop(): void {
    if (!(this.#content instanceof Uint8Array)) this.#content.drop();
  }
}

/** A slab as a checkpoint keeps it. */
export interface SlabImage {
  readonly number: number;
  readonly liveBytes: number;
  readonly owners: Uint32Array;
}

/**
 * Packs many small byte sequences into few large pieces of memory. Space is never written twice: what dies is counted,
 * and when more than `maxDeadShare` is dead the emptiest slabs are evacuated and dropped; a view that somebody still
 * holds keeps its slab alive.
 */
export class Slabs {
  readonly #places: Places;
  /** By number. */
  readonly #slabs: (Slab | undefined)[] = [undefined];
  /** Numbers of slabs that are gone. */
  readonly #gone: number[] = [];
  #current: Slab | undefined;
  #usedBytes = 0;
  #liveBytes = 0;
  /** Evacuating starts when this many bytes are dead. */
  #reclaimAt: number = LIMITS.minSlabBytes;

  constructor(places: Places) {
    this.#places = places;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes taken, the dead ones included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Gives `owner` room for `length` bytes, which the caller writes to what is returned, at the owner's offset. */
  place(owner: number, length: number): Uint8Array {
    const slab = this.#slabFor(length);
    this.#places.place(owner, slab.number, slab.used, length);
    slab.add(owner, length);
    this.#usedBytes += length;
    this.#liveBytes += length;
    return slab.bytes;
  }

  /** What a checkpoint keeps, and the bytes of each. */
  *images(): Generator<{ readonly slab: SlabImage; readonly bytes: Uint8Array }> {
    for (const slab of this.#slabs) {
      if (slab === undefined || slab.liveBytes === 0) continue;
      const { number, liveBytes, owners, used } = slab;
      yield { slab: { number, liveBytes, owners }, bytes: slab.bytes.subarray(0, used) };
    }
  }

  /** Takes a slab as it was; its owners must be where they say. False when there can be none. */
  restore({ number, liveBytes, owners }: SlabImage, content: StoredBytes): boolean {
    if (number === 0 || number > LIMITS.maxSlabs || liveBytes > content.sizeBytes) return false;
    if (this.#slabs[number] !== undefined) return false;
    // Numbers that nobody has may be those of slabs that are still to come.
    while (this.#slabs.length <= number) this.#slabs.push(undefined);
    this.#slabs[number] = new Slab(number, content, { liveBytes, owners });
    this.#usedBytes += content.sizeBytes;
    this.#liveBytes += liveBytes;
    return true;
  }

  /** The last slab was restored. */
  endRestore(): void {
    for (const [number, slab] of this.#slabs.entries()) if (number > 0 && slab === undefined) this.#gone.push(number);
  }

  /** The bytes of `owner`: a view that stays valid whatever happens to the owner. */
  view(owner: number): Uint8Array {
    const offset = this.#places.offset(owner);
    return this.#slabOf(owner).bytes.subarray(offset, offset + this.#places.length(owner));
  }

  /** The owner's bytes are no longer wanted. */
  release(owner: number): void {
    const slab = this.#slabOf(owner);
    const length = this.#places.length(owner);
    this.#places.place(owner, 0, 0, 0);
    slab.liveBytes -= length;
    this.#liveBytes -= length;
    if (slab.liveBytes === 0 && slab !== this.#current) this.#drop(slab);
    if (this.#usedBytes - this.#liveBytes > this.#reclaimAt) this.#reclaim();
  }

  #slabOf(owner: number): Slab {
    const slab = this.#slabs[this.#places.slab(owner)];
    assert(slab !== undefined, 'what is asked for has been placed');
    return slab;
  }

  #slabFor(length: number): Slab {
    if (length > LIMITS.ownSlabBytes) return this.#add(allocateBytes(length));
    const current = this.#current;
    if (current !== undefined && current.used + length <= current.sizeBytes) return current;
    const wanted = Math.min(LIMITS.maxSlabBytes, Math.max(LIMITS.minSlabBytes, this.#liveBytes >>> 3));
    this.#current = this.#add(allocateBytes(Math.max(wanted, length)));
    if (current !== undefined && current.liveBytes === 0) this.#drop(current);
    return this.#current;
  }

  #add(content: Uint8Array | StoredBytes): Slab {
    const slab = new Slab(this.#gone.pop() ?? this.#slabs.length, content);
    this.#slabs[slab.number] = slab;
    return slab;
  }

  #drop(slab: Slab): void {
    this.#slabs[slab.number] = undefined;
    this.#gone.push(slab.number);
    this.#usedBytes -= slab.used;
    slab.drop();
  }

  #reclaim(): void {
    const tolerated = LIMITS.minSlabBytes + this.#liveBytes * LIMITS.maxDeadShare;
    for (let i = 0; i < LIMITS.maxEvacuations && this.#usedBytes - this.#liveBytes > tolerated; i++) {
      const victim = this.#emptiest();
      if (victim === undefined) break;
      this.#evacuate(victim);
    }
    // Look again when a little more has died, not at every release.
    const dead = this.#usedBytes - this.#liveBytes;
    this.#reclaimAt = Math.max(tolerated, dead) + LIMITS.minSlabBytes;
  }

  #emptiest(): Slab | undefined {
    let emptiest: Slab | undefined;
    let share = 1;
    for (const slab of this.#slabs) {
      if (slab === undefined || slab === this.#current || slab.liveBytes >= slab.used * share) continue;
      emptiest = slab;
      share = slab.liveBytes / slab.used;
    }
    return emptiest;
  }

  #evacuate(victim: Slab): void {
    const bytes = victim.bytes;
    const places = this.#places;
    for (const owner of victim.owners) {
      if (places.slab(owner) !== victim.number) continue;
      const from = places.offset(owner);
      const length = places.length(owner);
      this.#liveBytes -= length;
      victim.liveBytes -= length;
      const target = this.place(owner, length);
      target.set(bytes.subarray(from, from + length), places.offset(owner));
    }
    this.#drop(victim);
  }
}
