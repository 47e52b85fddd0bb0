import { dirname, join } from 'node:path';
import type { Disk, DiskFile } from '../../io/doors.ts';
import type { SnapshotMeta } from '../../raft/types.ts';
import type { BackendOp } from '../backend/backend.ts';
import { snapshotPath } from './files.ts';
import { encodeHeader } from './format.ts';
import { readRows, verifySnapshot } from './reader.ts';
import { SnapshotError } from './snapshot-error.ts';

const INCOMING_NAME = 'incoming.part';

/** A snapshot that has arrived whole, was checked to the last byte, and is durable. */
export interface ReceivedSnapshot {
  readonly meta: SnapshotMeta;
  readonly rows: number;
  readonly sizeBytes: number;
  /** All rows, a block at a time; checked again on the way. */
  batches(): AsyncGenerator<readonly BackendOp[], void>;
}

/**
 * Collects the chunks of an incoming snapshot in a file. One at a time: offset 0 starts anew, whatever came before. Calls must
 * not overlap.
 */
export class SnapshotSink {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #clusterId: bigint;
  #incoming: { readonly meta: SnapshotMeta; readonly file: DiskFile } | undefined;
  #nextOffset = 0;

  /** `dir`: where snapshots live. A snapshot of another cluster than `clusterId` is refused at the end. */
  constructor(disk: Disk, dir: string, options: { readonly clusterId: bigint }) {
    this.#disk = disk;
    this.#dir = dir;
    this.#clusterId = options.clusterId;
  }

  /** Where the next chunk must begin. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** Takes a chunk. Errors: SnapshotError OUT_OF_ORDER when it is not the next one of the same snapshot; DiskError. */
  async write(chunk: {
    readonly meta: SnapshotMeta;
    readonly offset: number;
    readonly data: Uint8Array;
  }): Promise<void> {
    if (chunk.offset === 0) await this.#start(chunk.meta);
    const incoming = this.#incoming;
    const isSame = incoming?.meta.index === chunk.meta.index && incoming.meta.term === chunk.meta.term;
    if (incoming === undefined || !isSame || chunk.offset !== this.#nextOffset) {
      throw new SnapshotError(
        'OUT_OF_ORDER',
        this.#path,
        `a chunk at ${chunk.offset}, the next is ${this.#nextOffset}`,
      );
    }
    await incoming.file.write(chunk.offset, [chunk.data]);
    this.#nextOffset += chunk.data.length;
  }

  /**
   * The last chunk was taken: checks the whole. Errors: SnapshotError CORRUPT, FORMAT, WRONG_CLUSTER (the file is removed);
   * OUT_OF_ORDER when nothing has come.
   */
  async finish(): Promise<ReceivedSnapshot> {
    const incoming = this.#incoming;
    if (incoming === undefined) throw new SnapshotError('OUT_OF_ORDER', this.#path, 'no chunk has come');
    await incoming.file.sync();
    await this.#close();
    try {
      const { header, rows, sizeBytes } = await verifySnapshot(this.#disk, this.#path);
      this.#assertExpected(header.clusterId, header.meta, incoming.meta);
      const path = snapshotPath(this.#dir, header.meta);
      await this.#disk.rename(this.#path, path);
      await this.#disk.syncDirectory(dirname(path));
      return { meta: header.meta, rows, sizeBytes, batches: () => readRows(this.#disk, path) };
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  /** Forgets what has come so far. */
  async abandon(): Promise<void> {
    await this.#close();
    if (await this.#disk.exists(this.#path)) await this.#disk.remove(this.#path);
  }

  get #path(): string {
    return join(this.#dir, INCOMING_NAME);
  }

  async #start(meta: SnapshotMeta): Promise<void> {
    await this.#disk.makeDirectory(this.#dir);
    await this.abandon();
    this.#incoming = { meta, file: await this.#disk.open(this.#path, 'create') };
  }

  async #close(): Promise<void> {
    const file = this.#incoming?.file;
    this.#incoming = undefined;
    this.#nextOffset = 0;
    await file?.close();
  }

  #assertExpected(clusterId: bigint, meta: SnapshotMeta, announced: SnapshotMeta): void {
    if (clusterId !== this.#clusterId) {
      const detail = `it is of cluster ${clusterId.toString(16)}, not of ${this.#clusterId.toString(16)}`;
      throw new SnapshotError('WRONG_CLUSTER', this.#path, detail);
    }
    const encode = (of: SnapshotMeta): Buffer => encodeHeader({ clusterId, meta: of }).bytes;
    if (!encode(meta).equals(encode(announced))) {
      throw new SnapshotError('CORRUPT', this.#path, `it is at index ${meta.index}, announced was ${announced.index}`);
    }
  }
}
