/**
 * The narrow door to the durable ordered map that holds the applied state. `rocks.ts` is RocksDB; the simulator has one in
 * memory that loses on a crash exactly what RocksDB would lose. Both pass `test/storage/backend/suite.ts`.
 */

/**
 * Keyspaces, each with its own one-byte prefix:
 * `revision`: 8 B main BE + 8 B sub BE [+ 't' when a tombstone] -> encoded KeyValue (a tombstone's has only its key);
 * `lease`: 8 B id BE -> encoded lease; `meta`: name -> bytes (applied index and term, compact revision, conf state, format …);
 * `member`: 8 B id BE -> encoded member record.
 */
export type Keyspace = 'revision' | 'lease' | 'meta' | 'member' | 'alarm' | 'auth';

/**
 * How a database orders its keyspaces, from its first row on. Every batch writes a row of `meta`, so every sorted file reaches from there to the newest
 * revision. With revisions in the middle it overlaps all files with older ones, and each compaction writes those anew; with revisions first it
 * overlaps only the youngest, and the others are moved as they are. `mixed` is how it was before that was seen.
 */
export type KeyOrder = 'mixed' | 'revisionsFirst';

export type BackendOp =
  | {
      readonly op: 'put';
      readonly space: Keyspace;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
    }
  | { readonly op: 'delete'; readonly space: Keyspace; readonly key: Uint8Array };

export interface BackendRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A frozen view, unaffected by later writes; must be closed. Rows come in byte order of the key. */
export interface BackendView {
  /** The next rows of `space` from `from` (included) to `to` (excluded, `undefined` = the end), at most `limit` rows or about `maxBytes`. */
  scan(
    space: Keyspace,
    range: { readonly from?: Uint8Array; readonly to?: Uint8Array; readonly limit: number; readonly maxBytes: number },
  ): Promise<readonly BackendRow[]>;
  close(): Promise<void>;
}

/**
 * Errors are DiskError (io/doors.ts). After a failed write every later one fails too, so that no write is ever missing in front of
 * another. Bytes that were handed in must not change until their write resolves.
 */
export interface Backend {
  /**
   * Whether revisions lie together in packs (packed.ts): then a row that is deleted, or written again, costs reading and writing its pack. Who
   * deletes many of them does so in the order of their keys.
   */
  readonly isPacked: boolean;
  /** All of it or nothing, in order with every other write. Not synced unless asked: what is lost in a power cut is a suffix of the writes. */
  write(ops: readonly BackendOp[], options?: { readonly sync?: boolean }): Promise<void>;
  get(space: Keyspace, key: Uint8Array): Promise<Uint8Array | undefined>;
  /** One answer per key, in order. */
  getMany(space: Keyspace, keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * Holds every write that resolved before the call, and no half of any other. Keeps old data on disk until it is closed. `readAheadBytes`: what it
   * may fetch at a time, for who wants a row here and one there.
   */
  view(options?: { readonly readAheadBytes?: number }): BackendView;
  /** Everything written so far survives a power cut when this resolves. */
  sync(): Promise<void>;
  /** Bytes on disk, and an estimate of those that are live. */
  size(): Promise<{ readonly totalBytes: number; readonly liveBytes: number }>;
  /** About how many bytes the rows of a range of `space` take, deleted and overwritten ones that are still there included. */
  storedBytes(space: Keyspace, range: BackendRange): Promise<number>;
  /**
   * Gives back, when it resolves, what deleted and overwritten rows of the range still take, except for what a view needs. Costs reading and
   * writing the rest of the range; reads and writes go on meanwhile. Wait for one before the next. `close()` waits for it.
   */
  reclaim(space: Keyspace, range: BackendRange): Promise<void>;
  close(): Promise<void>;
}

/** From `from` (included, `undefined` = the first) to `to` (excluded, `undefined` = the end). */
export interface BackendRange {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
}

/** Opens and removes backends by path, so that a snapshot can be loaded beside the backend that it replaces. */
export interface BackendStore {
  /** Makes it when it is not there, with its keyspaces in this order for good. Fails with LOCKED while it is open elsewhere, CORRUPT when its order is another. */
  open(path: string, order: KeyOrder): Promise<Backend>;
  /** Must not be open; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Must not be open, `to` must not be there; nothing at `from` is fine. Durable when it resolves. */
  rename(from: string, to: string): Promise<void>;
}
