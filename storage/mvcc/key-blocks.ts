import { byteStringAt } from '../../base/bytes.ts';
import type { LeafContent, LeafSource } from '../../base/ordered-map.ts';
import { LiveKey, type RevisionList } from './live-key.ts';
import type { Slab } from './slabs.ts';

/** Keys in order and what they were, in columns. Everything that ends is counted from the begin of its column. */
export interface KeyColumns {
  /** Byte strings, one after the other. */
  readonly keys: Uint8Array;
  readonly keyEnds: Uint32Array;
  /** RevisionLists, one after the other. */
  readonly lists: Float64Array;
  readonly listEnds: Uint32Array;
}

/** Keys that exist. Their newest values lie in `slab` one after the other. */
export interface LiveColumns extends KeyColumns {
  readonly createRevisions: Float64Array;
  readonly modRevisions: Float64Array;
  readonly versions: Float64Array;
  readonly subs: Uint32Array;
  readonly valueEnds: Uint32Array;
  /** By the key's place in the block; most keys hang on no lease. */
  readonly leases: ReadonlyMap<number, bigint>;
  readonly slab: Slab;
}

/** Keys in columns, block after block, of which what is wanted is made when somebody comes to it. */
abstract class KeyBlocks<C extends KeyColumns, V> implements LeafSource<V> {
  readonly #blocks: C[] = [];
  /** The rank of each block's first key. */
  readonly #firsts: number[] = [];
  size = 0;

  /** All its keys follow those of the blocks before. */
  add(block: C): void {
    this.#blocks.push(block);
    this.#firsts.push(this.size);
    this.size += block.keyEnds.length;
  }

  keyAt(rank: number): string {
    const b = this.#blockOf(rank);
    return keyOf(this.#blocks[b] as C, rank - (this.#firsts[b] as number));
  }

  take(from: number, to: number): LeafContent<V> {
    const keys: string[] = [];
    const values: V[] = [];
    let b = this.#blockOf(from);
    for (let rank = from; rank < to; rank++) {
      while (rank >= (this.#firsts[b + 1] ?? Number.POSITIVE_INFINITY)) b++;
      const block = this.#blocks[b] as C;
      const i = rank - (this.#firsts[b] as number);
      const key = keyOf(block, i);
      keys.push(key);
      values.push(this.make(block, i, key));
    }
    return { keys, values };
  }

  protected abstract make(block: C, i: number, key: string): V;

  #blockOf(rank: number): number {
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] as number) <= rank) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

export class LiveBlocks extends KeyBlocks<LiveColumns, LiveKey> {
  protected make(block: LiveColumns, i: number, key: string): LiveKey {
    const { createRevisions, modRevisions, versions, subs, valueEnds, leases, slab } = block;
    const record = new LiveKey(key, modRevisions[i] as number, subs[i] as number, listOf(block, i));
    record.createRevision = createRevisions[i] as number;
    record.version = versions[i] as number;
    if (leases.size > 0) record.lease = leases.get(i) ?? 0n;
    const start = startOf(valueEnds, i);
    slab.own(record, start, (valueEnds[i] as number) - start);
    return record;
  }
}

/** A dead key has revisions. */
export class DeadBlocks extends KeyBlocks<KeyColumns, RevisionList> {
  protected make(block: KeyColumns, i: number): RevisionList {
    return listOf(block, i) ?? [];
  }
}

export function keyOf({ keys, keyEnds }: KeyColumns, i: number): string {
  return byteStringAt(keys, startOf(keyEnds, i), keyEnds[i] as number);
}

function listOf({ lists, listEnds }: KeyColumns, i: number): RevisionList | undefined {
  const start = startOf(listEnds, i);
  const end = listEnds[i] as number;
  return start === end ? undefined : Array.from(lists.subarray(start, end));
}

function startOf(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : (ends[i - 1] as number);
}
