import { createHash } from 'node:crypto';

const FIRST_SLOTS = 1 << 12;

/**
 * Counts the keys that exist after puts and deletes, by fingerprints of 63 bits: 8 bytes a key and half as much in reserve, however long
 * the keys are. Two keys with the same fingerprint count as one (one in a million times at 4 million keys).
 */
export class KeySet {
  /** Two words a slot: the fingerprint, its lowest bit saying whether the key exists. No fingerprint is 0. */
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #used = 0;
  #live = 0;

  get size(): number {
    return this.#live;
  }

  put(key: Uint8Array): void {
    this.#set(key, 1);
  }

  delete(key: Uint8Array): void {
    this.#set(key, 0);
  }

  #set(key: Uint8Array, exists: 0 | 1): void {
    const digest = createHash('sha1').update(key).digest();
    const high = digest.readUInt32LE(0) || 1;
    const low = digest.readUInt32LE(4) & ~1;
    const at = this.#find(high, low);
    const before = (this.#slots[at + 1] ?? 0) & 1;
    if (this.#slots[at] === 0) this.#used++;
    this.#slots[at] = high;
    this.#slots[at + 1] = low | exists;
    this.#live += exists - before;
    if (2 * this.#used > this.#slots.length / 2) this.#grow();
  }

  /** Where the fingerprint is, or the free slot where it goes. */
  #find(high: number, low: number): number {
    const slots = this.#slots.length / 2;
    let slot = high % slots;
    for (;;) {
      const at = 2 * slot;
      if (this.#slots[at] === 0) return at;
      if (this.#slots[at] === high && ((this.#slots[at + 1] ?? 0) & ~1) === low) return at;
      slot = (slot + 1) % slots;
    }
  }

  #grow(): void {
    const former = this.#slots;
    this.#slots = new Uint32Array(2 * former.length);
    for (let i = 0; i < former.length; i += 2) {
      const [high = 0, low = 0] = former.subarray(i, i + 2);
      if (high === 0) continue;
      const at = this.#find(high, low & ~1);
      this.#slots[at] = high;
      this.#slots[at + 1] = low;
    }
  }
}
