import { assert } from '../../base/assert.ts';
import { allocateBytes } from '../../base/bytes.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Where something lies in a slab; the owner's fields are written by Slabs only. */
export interface Placed {
  slab: Slab | undefined;
  offset: number;
  length: number;
}

/** Bytes that lie elsewhere until somebody wants them. */
export interface StoredBytes {
  readonly sizeBytes: number;
  /** Errors: those of reading them, which is a failure of the disk. */
  readonly bytes: Uint8Array;
  /** Nobody wants them any more. */
  drop(): void;
}

/** A full slab whose bytes are not in memory, or whose owners are not all made. */
export interface StoredSlab {
  readonly stored: StoredBytes;
  /** Has all its owners say so with `own`. */
  readonly makeOwners: () => void;
}

/** A piece of memory that is only ever appended to, so that views of it stay what they are. */
export class Slab {
  readonly #memory: Uint8Array | undefined;
  readonly #stored: StoredSlab | undefined;
  readonly sizeBytes: number;
  used = 0;
  liveBytes = 0;
  /** In the order in which they came; an owner that has moved on may still be named. */
  readonly owners: Placed[] = [];

  constructor(content: Uint8Array | StoredSlab) {
    if (content instanceof Uint8Array) {
      this.#memory = content;
      this.sizeBytes = content.length;
    } else {
      this.#stored = content;
      this.sizeBytes = this.used = this.liveBytes = content.stored.sizeBytes;
    }
  }

  get bytes(): Uint8Array {
    return this.#memory ?? (this.#stored as StoredSlab).stored.bytes;
  }

  /** `owner` is what lies at this place: only of a slab that was stored. */
  own(owner: Placed, offset: number, length: number): void {
    owner.slab = this;
    owner.offset = offset;
    owner.length = length;
    this.owners.push(owner);
  }

  /** All that lies here, the ones that have moved on included. */
  allOwners(): readonly Placed[] {
    this.#stored?.makeOwners();
    return this.owners;
  }

  drop(): void {
    this.#stored?.stored.drop();
  }
}

/**
 * Packs many small byte sequences into few large pieces of memory. Space is never written twice: what dies is counted,
 * and when more than `maxDeadShare` is dead the emptiest slabs are evacuated and dropped; a view that somebody still
 * holds keeps its slab alive.
 */
export class Slabs {
  readonly #slabs = new Set<Slab>();
  #current: Slab | undefined;
  #usedBytes = 0;
  #liveBytes = 0;
  /** Evacuating starts when this many bytes are dead. */
  #reclaimAt: number = LIMITS.minSlabBytes;

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Bytes taken, the dead ones included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Gives `owner` room for `length` bytes, which the caller writes at `owner.offset` of `owner.slab`. */
  place(owner: Placed, length: number): Uint8Array {
    const slab = this.#slabFor(length);
    owner.slab = slab;
    owner.offset = slab.used;
    owner.length = length;
    slab.used += length;
    slab.liveBytes += length;
    slab.owners.push(owner);
    this.#usedBytes += length;
    this.#liveBytes += length;
    return slab.bytes;
  }

  /** Takes a slab that is full already, and all of it wanted. */
  adopt(content: StoredSlab): Slab {
    const slab = new Slab(content);
    this.#slabs.add(slab);
    this.#usedBytes += slab.used;
    this.#liveBytes += slab.used;
    return slab;
  }

  /** The bytes of `owner`: a view that stays valid whatever happens to the owner. */
  view(owner: Placed): Uint8Array {
    assert(owner.slab !== undefined, 'what is viewed has been placed');
    return owner.slab.bytes.subarray(owner.offset, owner.offset + owner.length);
  }

  /** The owner's bytes are no longer wanted. */
  release(owner: Placed): void {
    const slab = owner.slab;
    assert(slab !== undefined, 'what is released has been placed');
    owner.slab = undefined;
    slab.liveBytes -= owner.length;
    this.#liveBytes -= owner.length;
    if (slab.liveBytes === 0 && slab !== this.#current) this.#drop(slab);
    if (this.#usedBytes - this.#liveBytes > this.#reclaimAt) this.#reclaim();
  }

  #slabFor(length: number): Slab {
    if (length > LIMITS.ownSlabBytes) return this.#add(length);
    const current = this.#current;
    if (current !== undefined && current.used + length <= current.sizeBytes) return current;
    const wanted = Math.min(LIMITS.maxSlabBytes, Math.max(LIMITS.minSlabBytes, this.#liveBytes >>> 3));
    this.#current = this.#add(Math.max(wanted, length));
    if (current !== undefined && current.liveBytes === 0) this.#drop(current);
    return this.#current;
  }

  #add(sizeBytes: number): Slab {
    const slab = new Slab(allocateBytes(sizeBytes));
    this.#slabs.add(slab);
    return slab;
  }

  #drop(slab: Slab): void {
    this.#slabs.delete(slab);
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
      if (slab === this.#current || slab.liveBytes >= slab.used * share) continue;
      emptiest = slab;
      share = slab.liveBytes / slab.used;
    }
    return emptiest;
  }

  #evacuate(victim: Slab): void {
    for (const owner of victim.allOwners()) {
      if (owner.slab !== victim) continue;
      const from = owner.offset;
      const length = owner.length;
      this.#liveBytes -= length;
      victim.liveBytes -= length;
      const target = this.place(owner, length);
      target.set(victim.bytes.subarray(from, from + length), owner.offset);
    }
    this.#drop(victim);
  }
}
