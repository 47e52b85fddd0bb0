import { assert } from '../../base/assert.ts';
import { allocateBytes } from '../../base/bytes.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';

/** Where something lies in a slab; the owner's fields are written by Slabs only. */
export interface Placed {
  slab: Slab | undefined;
  offset: number;
  length: number;
}

/** A piece of memory that is only ever appended to, so that views of it stay what they are. */
export class Slab {
  readonly bytes: Uint8Array;
  used = 0;
  liveBytes = 0;
  /** In the order of their places; an owner that has moved on may still be named. */
  owners: Placed[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
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

  /** Takes memory that is full already: `owners`, each with its offset and length, lie in it one after the other. */
  adopt(bytes: Uint8Array, owners: readonly Placed[]): void {
    const slab = new Slab(bytes);
    slab.used = slab.liveBytes = bytes.length;
    slab.owners = [...owners];
    for (const owner of owners) owner.slab = slab;
    this.#slabs.add(slab);
    this.#usedBytes += bytes.length;
    this.#liveBytes += bytes.length;
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
    if (current !== undefined && current.used + length <= current.bytes.length) return current;
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
    for (const owner of victim.owners) {
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
