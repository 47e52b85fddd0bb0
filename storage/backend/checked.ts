import { allocateBytes, hexOf } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import { DiskError } from '../../io/doors.ts';
import type { Backend, BackendOp, BackendRange, BackendRow, BackendStore, BackendView, Keyspace } from './backend.ts';
import { PREFIX_OF } from './keyspaces.ts';

/** What a value is longer by in the database: the CRC-32C of keyspace, key and value, little endian. */
export const CHECKSUM_BYTES = 4;

/**
 * Puts a checksum behind every value that is written, and looks at it whenever the row is read. It covers the key, so a value that is found
 * under another key does not pass. RocksDB's own checksums are of blocks, and are not looked at while it iterates; this one is of what
 * the member wrote, whatever lies between. A damaged row fails the read with DiskError CORRUPT, and `onDamage` is told, as of damage that
 * the database itself reports. Rows of the keyspace `except` are left as they are.
 */
export function checkedStore(
  store: BackendStore,
  onDamage: (error: DiskError) => void,
  except?: Keyspace,
): BackendStore {
  return {
    open: (path, order) =>
      told(onDamage, async () => new CheckedBackend(await store.open(path, order), { path, onDamage, except })),
    remove: (path) => store.remove(path),
    rename: (from, to) => store.rename(from, to),
  };
}

class CheckedBackend implements Backend {
  readonly isPacked = false;
  readonly #inner: Backend;
  readonly #path: string;
  readonly #onDamage: (error: DiskError) => void;
  readonly #except: Keyspace | undefined;

  constructor(
    inner: Backend,
    options: {
      readonly path: string;
      readonly onDamage: (error: DiskError) => void;
      readonly except: Keyspace | undefined;
    },
  ) {
    this.#inner = inner;
    this.#path = options.path;
    this.#onDamage = options.onDamage;
    this.#except = options.except;
  }

  write(ops: readonly BackendOp[], options?: { readonly sync?: boolean }): Promise<void> {
    const sealed = withChecksums(ops, this.#except);
    return this.#told(() => this.#inner.write(sealed, options));
  }

  async get(space: Keyspace, key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany(space, [key]))[0];
  }

  getMany(space: Keyspace, keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#told(async () => {
      const values = await this.#inner.getMany(space, keys);
      if (space === this.#except) return values;
      return values.map((value, i) => value && this.#checked(space, keys[i] as Uint8Array, value));
    });
  }

  view(options?: { readonly readAheadBytes?: number }): BackendView {
    const view = this.#inner.view(options);
    return {
      scan: (space, range) =>
        this.#told(async () => {
          const rows = await view.scan(space, range);
          if (space === this.#except) return rows;
          return rows.map(({ key, value }): BackendRow => ({ key, value: this.#checked(space, key, value) }));
        }),
      close: () => view.close(),
    };
  }

  sync(): Promise<void> {
    return this.#told(() => this.#inner.sync());
  }

  size(): Promise<{ readonly totalBytes: number; readonly liveBytes: number }> {
    return this.#inner.size();
  }

  storedBytes(space: Keyspace, range: BackendRange): Promise<number> {
    return this.#inner.storedBytes(space, range);
  }

  reclaim(space: Keyspace, range: BackendRange): Promise<void> {
    return this.#told(() => this.#inner.reclaim(space, range));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #told<T>(work: () => Promise<T>): Promise<T> {
    return told(this.#onDamage, work);
  }

  /** The value without its checksum. Errors: CORRUPT. */
  #checked(space: Keyspace, key: Uint8Array, sealed: Uint8Array): Uint8Array {
    const end = sealed.length - CHECKSUM_BYTES;
    const value = sealed.subarray(0, Math.max(0, end));
    if (end >= 0 && checksumOf(space, key, value) === readUint32(sealed, end)) return value;
    throw new DiskError('CORRUPT', this.#path, `the row ${hexOf(key)} of the keyspace ${space} is damaged`);
  }
}

async function told<T>(onDamage: (error: DiskError) => void, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiskError && error.code === 'CORRUPT') onDamage(error);
    throw error;
  }
}

/** The values of all puts lie in one piece of memory: they are written together. */
function withChecksums(ops: readonly BackendOp[], except: Keyspace | undefined): readonly BackendOp[] {
  let sizeBytes = 0;
  for (const op of ops) if (op.op === 'put' && op.space !== except) sizeBytes += op.value.length + CHECKSUM_BYTES;
  const memory = allocateBytes(sizeBytes);
  const sealed: BackendOp[] = [];
  let start = 0;
  for (const op of ops) {
    if (op.op === 'delete' || op.space === except) {
      sealed.push(op);
      continue;
    }
    const { space, key, value } = op;
    const end = start + value.length;
    memory.set(value, start);
    const checksum = checksumOf(space, key, value);
    for (let i = 0; i < CHECKSUM_BYTES; i++) memory[end + i] = checksum >>> (8 * i);
    sealed.push({ op: 'put', space, key, value: memory.subarray(start, end + CHECKSUM_BYTES) });
    start = end + CHECKSUM_BYTES;
  }
  return sealed;
}

function checksumOf(space: Keyspace, key: Uint8Array, value: Uint8Array): number {
  return crc32c(value, checksumOfKey(space, key));
}

/** The key's size keeps a byte that moves from key to value from going unseen; the keyspace is where the checksum starts. */
function checksumOfKey(space: Keyspace, key: Uint8Array): number {
  return crc32c(key, (PREFIX_OF[space] << 16) ^ key.length);
}

function readUint32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = CHECKSUM_BYTES - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
