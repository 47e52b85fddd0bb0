import type { Index } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';
import type { RaftNode, Ready, SnapshotMeta } from '../raft/types.ts';
import type { BackendView } from '../storage/backend/backend.ts';
import { beginRestore } from '../storage/machine/restore.ts';
import type { BackendDirectory } from '../storage/snapshots/backend-directory.ts';
import { removeStaleSnapshots } from '../storage/snapshots/files.ts';
import { type ReceivedSnapshot, SnapshotSink } from '../storage/snapshots/sink.ts';
import { openSnapshotSource, type SnapshotSource } from '../storage/snapshots/source.ts';
import type { Replica } from './replica.ts';
import { restoreMachine } from './startup.ts';

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
}

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

  /** Keeps chunks that arrived; durable and checked once the last one is kept. Errors: SnapshotError, DiskError. */
  keep(chunks: Ready['snapshotChunks']): Promise<void> {
    const kept = this.#incoming.then(async () => {
      for (const chunk of chunks) {
        await this.#sink.write(chunk);
        if (chunk.done) this.#received = await this.#sink.finish();
      }
    });
    this.#incoming = kept.catch(() => undefined);
    return kept;
  }

  /** Puts the snapshot that arrived in place of machine and backend; durable when it resolves. */
  async install(meta: SnapshotMeta): Promise<void> {
    const received = this.#received;
    if (received?.meta.index !== meta.index)
      throw new StoreError('CORRUPT', `no snapshot at index ${meta.index} has arrived`);
    const { backends, replica, disk, dir } = this.#options;
    await replica.replace(async () => {
      const backend = await backends.install(received);
      return { backend, machine: await restoreMachine(backend, this.#options) };
    });
    this.#received = undefined;
    await this.#closeSource();
    await removeStaleSnapshots(disk, dir, undefined);
  }

  /** A chunk for a follower: of the snapshot it has begun with, or of the newest. Undefined when that one is not there any more. */
  read(wanted: Ready['snapshotReads'][number]): Promise<Parameters<RaftNode['provideSnapshotChunk']>[1]> {
    const chunk = this.#outgoing.then(async () => {
      const source = await this.#sourceOf(wanted.meta);
      if (source === undefined) return undefined;
      const { data, done } = await source.read(wanted.offset, wanted.maxBytes);
      return { meta: source.meta, offset: wanted.offset, data, done };
    });
    this.#outgoing = chunk.catch(() => undefined);
    return chunk;
  }

  async close(): Promise<void> {
    await this.#incoming;
    await this.#outgoing;
    await this.#closeSource();
  }

  async #sourceOf(meta: SnapshotMeta | undefined): Promise<SnapshotSource | undefined> {
    const { isInLog } = this.#options;
    if (meta !== undefined) return this.#source?.meta.index === meta.index ? this.#source : undefined;
    if (this.#source !== undefined && isInLog(this.#source.meta.index)) return this.#source;
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
