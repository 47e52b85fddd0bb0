import { OrderedMap } from '../../base/ordered-map.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
import type { LiveKey } from './live-key.ts';

/**
 * The keys that exist now, in order. In front of the tree stand the keys that were asked for lately, by hash: a step down the tree
 * compares strings that lie all over the memory, and who writes a key or reads it often does so again soon. Two generations: when the
 * young one is full it becomes the old one, and what was only in the old one is forgotten.
 */
export class LiveKeys extends OrderedMap<LiveKey> {
  #young = new Map<string, LiveKey>();
  #old = new Map<string, LiveKey>();

  override get(key: string): LiveKey | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const found = this.#old.get(key) ?? super.get(key);
    if (found !== undefined) this.#remember(found);
    return found;
  }

  /** As `get`, for who comes once to every key: nothing is remembered of it. */
  look(key: string): LiveKey | undefined {
    return this.#young.get(key) ?? this.#old.get(key) ?? super.get(key);
  }

  override set(key: string, record: LiveKey): LiveKey | undefined {
    this.#remember(record);
    return super.set(key, record);
  }

  /** As `set`, for who fills the map with keys that nobody has asked for. */
  load(key: string, record: LiveKey): LiveKey | undefined {
    return super.set(key, record);
  }

  override delete(key: string): LiveKey | undefined {
    this.#young.delete(key);
    this.#old.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    this.#forget();
    super.clear();
  }

  /** Under the record's own string: the one that was asked with is not kept. */
  #remember(record: LiveKey): void {
    if (this.#young.size >= LIMITS.recentKeys) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(record.key, record);
  }

  #forget(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
