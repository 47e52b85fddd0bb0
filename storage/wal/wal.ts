import type { Index } from '../../base/brand.ts';
import type { Entry, HardState, SnapshotMeta } from '../../raft/types.ts';

/** What the log's files hold, after repair of a torn tail. */
export interface WalContent {
  /** Cluster and member id and format version, as written by `create`. */
  readonly metadata: Uint8Array;
  readonly hardState: HardState;
  /** The newest snapshot marker; entries follow its index without a gap. */
  readonly snapshot: SnapshotMeta;
  readonly entries: readonly Entry[];
  /** Bytes cut off a torn tail (0: it was clean). */
  readonly repairedBytes: number;
}

/** Bounds: segment size, record size, queue; see limits.ts. Errors are DiskError and WalError ('CORRUPT' names file, offset and what to do). */
export interface Wal {
  /**
   * Appends in call order. With `sync` the promise resolves when this and everything before it is on the disk: one fdatasync
   * serves every append that waits (group commit). A failed sync fails this and every later append: the member must stop.
   * A hard state alone and without `sync` (a commit that moved) costs no write: it lies in the log with the next append, or after `close`.
   */
  append(
    records: {
      readonly hardState?: HardState | undefined;
      readonly entries?: readonly Entry[];
      readonly snapshot?: SnapshotMeta;
    },
    options: { readonly sync: boolean },
  ): Promise<void>;
  /** Frees the segments that hold nothing but entries at or below `index`; the snapshot marker for it must have been appended. */
  releaseTo(index: Index): Promise<void>;
  close(): Promise<void>;
}
