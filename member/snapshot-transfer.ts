import type { Index } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';
import type { RaftNode, Ready, SnapshotMeta } from '../raft/types.ts';
import type { BackendView } from '../storage/backend/backend.ts';
import { beginRestore } from '../storage/machine/restore.ts';
import type { BackendDirectory } from '../storage/snapshots/backend-directory.ts';
import { removeStaleSnapshots } from '../storage/snapshots/files.ts';
import { type ReceivedSnapshot, SnapshotSink } from '../storage/snapshots/sink.ts';
import { SnapshotError } from '../storage/snapshots/snapshot-error.ts';
import { openSnapshotSource, type SnapshotSource } from '../storage/snapshots/source.ts';
import type { CheckedSnapshot } from './driver.ts';
import type { Replica } from './replica.ts';
import { restoreMachine } from './restore-machine.ts';

export interface SnapshotTransferOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly clusterId: bigint;
  /** The member's; see MemberConfig. */
  readonly format: number;
  readonly backends: BackendDirectory;
  readonly replica: Replica;
  /** Whether the log goes on after this index. */
  readonly isInLog: (index: Index) => boolean;
  /** A snapshot that came is no good, and is not used. */
  readonly onRefused: (error: SnapshotError) => void;
}

/** A piece of this member's state that somebody wants. */
export interface SnapshotRead {
  /** 0: of the newest snapshot, which is of `minIndex` or later if there is one. */
  readonly index: Index;
  readonly offset: number;
  readonly maxBytes: number;
  readonly minIndex: Index;
}

export type SnapshotPart = NonNullable<Parameters<RaftNode['provideSnapshotChunk']>[1]>;

const NEWEST = 0 as Index;

/** Snapshots between members: made for followers that the log cannot help any more, and installed when one arrives here. */
export class SnapshotTransfer {
  readonly #options: SnapshotTransferOptions;
  readonly #sink: SnapshotSink;
  #received: ReceivedSnapshot | undefined;
  #source: SnapshotSource | undefined;
  /** Work on the incoming file, and on the outgoing one, is done one after the other. */
  #incoming: Promise<unknown> = Promise.resolve();
  #outgoing: Promise<unknown> = Promise.resolve();

  constructor(options: SnapshotTransferOptions) {
    this.#options = options;
    const { disk, dir, clusterId } = options;
    this.#sink = new SnapshotSink(disk, dir, { clusterId });
  }

  /** Keeps chunks that arrived; durable and checked once the last one is kept. Errors: DiskError. */
  keep(chunks: Ready['snapshotChunks']): Promise<CheckedSnapshot | undefined> {
    const kept = this.#incoming.then(async () => {
      let checked: CheckedSnapshot | undefined;
      for (const chunk of chunks) checked = (await this.#keepOne(chunk)) ?? checked;
      return checked;
    });
    this.#incoming = kept.catch(() => undefined);
    return kept;
  }

  /** What is wrong with a snapshot is its sender's business: it is refused as a whole. */
  async #keepOne(chunk: Ready['snapshotChunks'][number]): Promise<CheckedSnapshot | undefined> {
    try {
      await this.#sink.write(chunk);
      if (!chunk.done) return undefined;
      this.#received = await this.#sink.finish();
      return { meta: chunk.meta, isWhole: true };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      if (!chunk.done) return undefined; // the last one will not fit either
      this.#options.onRefused(error);
      return { meta: chunk.meta, isWhole: false };
    }
  }

  /** Puts the snapshot that arrived in place of machine and backend; durable when it resolves. */
  async install(meta: SnapshotMeta): Promise<void> {
    const received = this.#received;
    if (received?.meta.index !== meta.index)
      throw new StoreError('CORRUPT', `no snapshot at index ${meta.index} has arrived`);
    const { backends, replica, disk, dir } = this.#options;
    await replica.replace(async () => {
      const backend = await backends.install(received);
      const { machine } = await restoreMachine(backend, this.#options);
      return { backend, machine };
    });
    this.#received = undefined;
    await this.#closeSource();
    await removeStaleSnapshots(disk, dir, undefined);
  }

  /** A chunk for a follower: of the snapshot it has begun with, or of the newest. Undefined when that one is not there any more. */
  read({ meta, offset, maxBytes }: Ready['snapshotReads'][number]): Promise<SnapshotPart | undefined> {
    return this.readFor({ index: meta?.index ?? NEWEST, offset, maxBytes, minIndex: NEWEST });
  }

  /** As `read`, for whoever asks. Errors: SnapshotError when this member's own file is damaged: it is gone then, and the next is a new one. */
  readFor(wanted: SnapshotRead): Promise<SnapshotPart | undefined> {
    const part = this.#outgoing.then(async () => {
      const source = await this.#sourceOf(wanted);
      if (source === undefined) return undefined;
      try {
        const { data, done } = await source.read(wanted.offset, wanted.maxBytes);
        return { meta: source.meta, offset: wanted.offset, data, done };
      } catch (error) {
        await this.#closeSource();
        throw error;
      }
    });
    this.#outgoing = part.catch(() => undefined);
    return part;
  }

  async close(): Promise<void> {
    await this.#incoming;
    await this.#outgoing;
    await this.#closeSource();
  }

  async #sourceOf({ index, minIndex }: SnapshotRead): Promise<SnapshotSource | undefined> {
    const { isInLog } = this.#options;
    const present = this.#source;
    if (index !== NEWEST) return present?.meta.index === index ? present : undefined;
    if (present !== undefined && isInLog(present.meta.index) && present.meta.index >= minIndex) return present;
    await this.#closeSource();
    this.#source = await this.#make();
    return this.#source;
  }

  async #make(): Promise<SnapshotSource> {
    const { disk, dir, clusterId, replica } = this.#options;
    const view = replica.writer.backend.view();
    try {
      const meta = await metaOf(view);
      const source = await openSnapshotSource(disk, dir, view, { clusterId, meta });
      await removeStaleSnapshots(disk, dir, meta);
      return source;
    } finally {
      await view.close();
    }
  }

  async #closeSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }
}

/** What a view says it has applied, in which term, and who takes part. */
async function metaOf(view: BackendView): Promise<SnapshotMeta> {
  const restore = beginRestore();
  for (const { key, value } of await view.scan('meta', { limit: 4096, maxBytes: 1024 * 1024 }))
    restore.row('meta', key, value);
  const machine = restore.finish();
  return { index: machine.applied, term: machine.appliedTerm, conf: machine.conf() };
}
