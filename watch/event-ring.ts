import { viewOf } from '../base/bytes.ts';
import type { WatchEvent } from './watch-event.ts';

/** Room for so many events at first; it doubles when it is full. A power of two. */
const FIRST_CAPACITY = 1024;
/** Numbers of an event: type, then offset and length of `kv` and of `prevKv`. */
const NUMBERS = 5;

/**
 * Events in the order in which they were added, by number from 0 on; the oldest are let go. Kept as columns: an object and two views an event,
 * of which few are ever read back, would be copied and marked by each collection that they live through.
 */
export class EventRing {
  #keys: string[] = filled(FIRST_CAPACITY, '');
  /** What `kv` and `prevKv` of an event lie in. */
  #memory: (ArrayBufferLike | undefined)[] = filled(2 * FIRST_CAPACITY, undefined);
  #numbers = new Int32Array(NUMBERS * FIRST_CAPACITY);
  #capacity = FIRST_CAPACITY;
  #first = 0;
  #end = 0;

  /** The number that the next event gets. */
  get end(): number {
    return this.#end;
  }

  add({ key, event }: WatchEvent): void {
    if (this.#end - this.#first === this.#capacity) this.#grow();
    const slot = this.#end++ & (this.#capacity - 1);
    this.#keys[slot] = key;
    this.#numbers[NUMBERS * slot] = event.type;
    this.#keep(slot, 0, event.kv);
    this.#keep(slot, 1, event.prevKv);
  }

  /** The event of a number that has not been let go. */
  at(number: number): WatchEvent {
    const slot = number & (this.#capacity - 1);
    const type = this.#numbers[NUMBERS * slot] as number;
    const key = this.#keys[slot] as string;
    return { key, event: { type, kv: this.#view(slot, 0), prevKv: this.#view(slot, 1) } };
  }

  /** Lets all events before this number go. */
  dropBefore(number: number): void {
    for (; this.#first < number; this.#first++) {
      const slot = this.#first & (this.#capacity - 1);
      this.#keys[slot] = '';
      this.#memory[2 * slot] = undefined;
      this.#memory[2 * slot + 1] = undefined;
    }
  }

  #keep(slot: number, which: 0 | 1, bytes: Uint8Array | undefined): void {
    const at = NUMBERS * slot + 1 + 2 * which;
    this.#memory[2 * slot + which] = bytes?.buffer;
    this.#numbers[at] = bytes?.byteOffset ?? 0;
    this.#numbers[at + 1] = bytes?.length ?? 0;
  }

  #view(slot: number, which: 0 | 1): Uint8Array | undefined {
    const memory = this.#memory[2 * slot + which];
    const at = NUMBERS * slot + 1 + 2 * which;
    if (memory === undefined) return undefined;
    return viewOf(memory, this.#numbers[at] as number, this.#numbers[at + 1] as number);
  }

  #grow(): void {
    const keys: string[] = filled(2 * this.#capacity, '');
    const memory: (ArrayBufferLike | undefined)[] = filled(4 * this.#capacity, undefined);
    const numbers = new Int32Array(2 * NUMBERS * this.#capacity);
    for (let number = this.#first; number < this.#end; number++) {
      const from = number & (this.#capacity - 1);
      const to = number & (2 * this.#capacity - 1);
      keys[to] = this.#keys[from] as string;
      memory[2 * to] = this.#memory[2 * from];
      memory[2 * to + 1] = this.#memory[2 * from + 1];
      numbers.set(this.#numbers.subarray(NUMBERS * from, NUMBERS * (from + 1)), NUMBERS * to);
    }
    this.#keys = keys;
    this.#memory = memory;
    this.#numbers = numbers;
    this.#capacity *= 2;
  }
}

function filled<T>(length: number, value: T): T[] {
  return new Array<T>(length).fill(value);
}
