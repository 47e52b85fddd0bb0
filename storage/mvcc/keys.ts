import type { Imaged } from './image.ts';
import { KeyHints } from './key-hints.ts';
import { hashOf, type KeyId, KeyRecords, NO_KEY } from './key-records.ts';
import { KeyTree } from './key-tree.ts';
import { RevisionLists } from './revision-lists.ts';

/**
 * The keys that exist (`live`), and those that do not but did at a revision that can still be read (`dead`). A dead key has revisions, the
 * last of them a tombstone.
 */
export class Keys {
  readonly records = new KeyRecords();
  readonly lists = new RevisionLists();
  readonly live = new KeyTree(this.records);
  readonly dead = new KeyTree(this.records);
  readonly #hints = new KeyHints(this.records);

  /** The live or dead key of that name; NO_KEY. */
  find(name: string): KeyId {
    const hash = hashOf(name);
    const hinted = this.#hints.find(name, hash);
    if (hinted !== NO_KEY) return hinted;
    const living = this.live.find(name);
    const id = living === NO_KEY ? this.dead.find(name) : living;
    if (id !== NO_KEY) this.#hints.add(id, hash, this.#count);
    return id;
  }

  /** The live key of that name; NO_KEY. */
  findLive(name: string): KeyId {
    const id = this.find(name);
    return id !== NO_KEY && this.records.exists(id) ? id : NO_KEY;
  }

  /** A live key that is not known yet. Its newest revision and its value must follow. */
  create(name: string): KeyId {
    const id = this.records.create(name);
    this.live.insert(name, id);
    this.#hints.add(id, this.records.hash(id), this.#count);
    return id;
  }

  /** All that a checkpoint keeps of keys, in an order that stays. */
  get parts(): readonly Imaged<unknown>[] {
    return [this.records, this.lists, this.live, this.dead, this.#hints] as readonly Imaged<unknown>[];
  }

  /** A live key is dead from now on; its value must have been released. */
  bury(name: string, id: KeyId): void {
    this.live.delete(name, id);
    this.dead.insert(name, id);
  }

  /** The opposite of `bury`. */
  revive(name: string, id: KeyId): void {
    this.dead.delete(name, id);
    this.live.insert(name, id);
  }

  /** A dead key goes, and all that was known of it. */
  forget(id: KeyId): void {
    this.dead.delete(this.records.name(id), id);
    this.lists.drop(this.records.older(id));
    this.#hints.forget(id, this.records.hash(id));
    this.records.drop(id);
  }

  get #count(): number {
    return this.live.size + this.dead.size;
  }
}
