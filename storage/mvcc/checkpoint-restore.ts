import { assert } from '../../base/assert.ts';
import { utf8Text } from '../../base/bytes.ts';
import { BLOCK_OF, type StoredBlock } from './checkpoint.ts';
import { Columns } from './columns.ts';
import type { KeyId } from './key-records.ts';
import type { StoredBytes } from './slabs.ts';
import type { Store } from './store.ts';

/** How many columns the head of a block has, by what it is of. */
const COLUMNS: readonly number[] = [2, 2, 2, 4, 3];

/**
 * Builds a store from the blocks of one, whose memory it takes; values are read when they are wanted. Blocks are as they were written: whoever
 * reads them must know that. The store must be empty but for its compact revision.
 */
export class CheckpointRestore {
  readonly #store: Store;
  readonly #revision: number;
  #kind = -1;
  #numbers: readonly unknown[] = [];
  /** By the part that they are of. */
  readonly #pieces: Uint8Array[][];
  #previousMain = 0;

  constructor(store: Store, revision: number) {
    assert(store.changes.end === 0 && store.keys.live.size === 0, 'only an empty store is restored');
    this.#store = store;
    this.#revision = revision;
    this.#pieces = store.keys.parts.map(() => []);
  }

  /** False when the block cannot be: it is damaged. */
  block({ head, values }: StoredBlock): boolean {
    const columns = Columns.open(head);
    const [kind = -1, ...numbers] = columns?.words() ?? [];
    if (columns === undefined || columns.count !== COLUMNS[kind] || kind < this.#kind) return false;
    if (kind > BLOCK_OF.piece && this.#kind <= BLOCK_OF.piece && !this.#restoreKeys()) return false;
    this.#kind = kind;
    if (kind === BLOCK_OF.slab) return this.#addSlab(numbers, columns, values);
    if (values.sizeBytes > 0) return false;
    if (kind === BLOCK_OF.numbers) return this.#addNumbers(columns.bytes());
    if (kind === BLOCK_OF.piece) return this.#addPiece(numbers, columns.bytes());
    return kind === BLOCK_OF.changes ? this.#addChanges(columns) : this.#addLeases(columns);
  }

  /** False when blocks are missing. */
  finish(): boolean {
    this.#store.revision = Math.max(this.#revision, this.#store.compactRevision);
    this.#store.slabs.endRestore();
    return this.#kind === BLOCK_OF.leases;
  }

  #addNumbers(bytes: Uint8Array): boolean {
    if (this.#numbers.length > 0) return false;
    this.#numbers = parsed(bytes);
    return this.#numbers.length === this.#pieces.length;
  }

  #addPiece([part = -1]: readonly number[], piece: Uint8Array): boolean {
    return this.#pieces[part]?.push(piece) !== undefined;
  }

  #restoreKeys(): boolean {
    const { parts } = this.#store.keys;
    try {
      return parts.every((part, i) => part.restore({ numbers: this.#numbers[i], pieces: this.#pieces[i] ?? [] }));
    } catch (error) {
      // What was read as JSON may be of any shape.
      if (error instanceof TypeError || error instanceof RangeError) return false;
      throw error;
    }
  }

  #addSlab([number = 0, liveBytes = 0]: readonly number[], columns: Columns, values: StoredBytes): boolean {
    const owners = columns.words();
    return this.#areKeys(owners) && this.#store.slabs.restore({ number, liveBytes, owners }, values);
  }

  #addChanges(columns: Columns): boolean {
    const mains = columns.floats();
    const details = columns.floats();
    const keys = columns.words();
    if (details.length !== mains.length || keys.length !== mains.length || !this.#areKeys(keys)) return false;
    for (const main of mains) {
      if (main < this.#previousMain || main > this.#revision) return false;
      this.#previousMain = main;
    }
    this.#store.changes.appendAll({ mains, details, keys });
    return true;
  }

  #addLeases(columns: Columns): boolean {
    const ids = columns.words();
    const leases = columns.bigints();
    if (ids.length !== leases.length || !this.#areKeys(ids)) return false;
    for (const [i, id] of ids.entries()) this.#store.attach(leases[i] as bigint, id as KeyId);
    return true;
  }

  #areKeys(ids: Uint32Array): boolean {
    const { limit } = this.#store.keys.records;
    return ids.every((id) => id < limit);
  }
}

function parsed(bytes: Uint8Array): readonly unknown[] {
  try {
    const numbers: unknown = JSON.parse(utf8Text(bytes));
    return Array.isArray(numbers) ? numbers : [];
  } catch {
    return [];
  }
}
