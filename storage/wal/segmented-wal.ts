import { join } from 'node:path';
import type { Index } from '../../base/brand.ts';
import type { Clock, Disk, DiskFile } from '../../io/doors.ts';
import type { Entry, HardState, SnapshotMeta } from '../../raft/types.ts';
import { sizeOfFrame } from './frame.ts';
import { WAL_LIMITS } from './limits.ts';
import { LogTail } from './log-tail.ts';
import { segmentName, WAL_FORMAT_VERSION } from './prologue.ts';
import { sizeOfRecords, type WalRecords } from './records.ts';
import {
  prepareSegmentFile,
  Scratch,
  type Segment,
  type SegmentOptions,
  startSegment,
  successorOf,
} from './segment.ts';
import type { Wal } from './wal.ts';
import { WalError } from './wal-error.ts';

/** How a log is kept. */
export interface WalOptions {
  readonly segmentBytes?: number;
  readonly allocateStepBytes?: number;
  /** Of the segments that are made; the newest unless given. An older program reads only what it knows. */
  readonly version?: number;
  /** Told after each durable write or fdatasync how long it took and how many appends it served. */
  readonly observer?: WalObserver;
}

export interface WalObserver {
  readonly clock: Clock;
  synced(durationMs: number, appends: number): void;
  /** A round of writing, sync included, begins; and is over, or has failed. */
  began?(): void;
  ended?(): void;
}

/** A complete segment that is still kept. */
export interface SealedSegment {
  readonly sequence: number;
  readonly maxIndex: number;
}

/** What the writer goes on from. */
export interface WalState {
  readonly metadata: Uint8Array;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta;
  readonly entries: readonly Entry[];
  readonly sealed: readonly SealedSegment[];
  /** Whether the last segment has nothing but its head. */
  readonly isFresh: boolean;
}

interface Pending {
  readonly records: WalRecords;
  /** Frame included; 0: only waits for the sync. */
  readonly frameBytes: number;
  readonly sync: boolean;
  /** The log's last index once this is written. */
  readonly lastIndex: number;
  readonly resolve: () => void;
  readonly reject: (error: WalError) => void;
}

/**
 * The log over a row of segments. One loop writes: it takes everything that waits, writes it at once and lets one fdatasync
 * serve all of it; what arrives meanwhile is the next round.
 *
 * Invariants: appends reach the file in call order; a segment gets a successor only when it is durable to its last byte; after a
 * failure of the disk nothing is written any more, because the kernel may have dropped what it could not write and a second
 * fsync would not say so.
 */
export class SegmentedWal implements Wal {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #options: SegmentOptions;
  readonly #observer: WalObserver | undefined;
  readonly #metadata: Uint8Array;
  readonly #tail: LogTail;
  readonly #sealed: SealedSegment[];
  #segment: Segment;
  #next: Promise<DiskFile> | undefined;

  #queue: Pending[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;
  #releasing: Promise<void> = Promise.resolve();
  #failure: WalError | undefined;
  #closing: Promise<void> | undefined;

  /** A commit that nobody waits for: it is written with the next append. */
  #deferred: HardState | undefined;

  /** What has been written so far, and must stand at the head of the next segment. */
  #hardState: HardState;
  #snapshot: SnapshotMeta;
  #lastIndex: number;
  /** Whether nothing but its head is in the current segment. */
  #isFresh: boolean;

  constructor(disk: Disk, directory: string, segment: Segment, state: WalState, options: WalOptions) {
    this.#disk = disk;
    this.#directory = directory;
    this.#options = segmentOptions(options);
    this.#observer = options.observer;
    this.#segment = segment;
    this.#metadata = state.metadata;
    this.#hardState = state.hardState;
    this.#snapshot = state.snapshot;
    this.#sealed = [...state.sealed];
    this.#isFresh = state.isFresh;
    this.#tail = new LogTail(state.snapshot.index, state.entries);
    this.#lastIndex = this.#tail.lastIndex;
  }

  append(records: Parameters<Wal['append']>[0], options: { readonly sync: boolean }): Promise<void> {
    const { hardState = this.#deferred, entries = [], snapshot } = records;
    const kept: WalRecords = snapshot === undefined ? { hardState, entries } : { hardState, entries, snapshot };
    const bodyBytes = sizeOfRecords(kept);
    const refusal = this.#refusal(kept, bodyBytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    const isDeferred = !options.sync && entries.length === 0 && snapshot === undefined;
    this.#deferred = isDeferred ? hardState : undefined;
    if (isDeferred) return Promise.resolve();
    this.#tail.add(entries, snapshot);
    return this.#enqueue(kept, { frameBytes: bodyBytes === 0 ? 0 : sizeOfFrame(kept), sync: options.sync });
  }

  async releaseTo(index: Index): Promise<void> {
    const released = this.#releasing.then(() => this.#release(index));
    this.#releasing = released.catch(() => undefined);
    await released;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Why an append is not taken; undefined when it is. */
  #refusal(records: WalRecords, bodyBytes: number): WalError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#closing !== undefined) return new WalError('CLOSED', 'the log is closed');
    if (bodyBytes > WAL_LIMITS.maxAppendBytes) {
      return new WalError(
        'TOO_LARGE',
        `an append of ${bodyBytes} bytes is over the limit of ${WAL_LIMITS.maxAppendBytes}`,
      );
    }
    const isFull =
      this.#queuedBytes + bodyBytes > WAL_LIMITS.maxQueuedBytes || this.#queue.length >= WAL_LIMITS.maxQueuedAppends;
    if (isFull) return new WalError('QUEUE_FULL', `${this.#queue.length} appends wait for the disk`);
    if (!this.#tail.accepts(records.entries ?? [], records.snapshot)) {
      const [first] = records.entries ?? [];
      return new WalError(
        'GAP',
        `entries from ${first?.index} on do not follow the log's last index ${this.#tail.lastIndex}`,
      );
    }
    return undefined;
  }

  #enqueue(records: WalRecords, how: { readonly frameBytes: number; readonly sync: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, ...how, lastIndex: this.#tail.lastIndex, resolve, reject });
      this.#queuedBytes += how.frameBytes;
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // appends of the same turn of the event loop share the first round
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const batch = this.#takeBatch();
      try {
        this.#observer?.began?.();
        await this.#writeBatch(batch);
      } catch (error) {
        this.#fail(error, batch);
        break;
      } finally {
        this.#observer?.ended?.();
      }
      for (const pending of batch) pending.resolve();
    }
    this.#draining = undefined;
  }

  #takeBatch(): readonly Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.frameBytes > WAL_LIMITS.maxBatchBytes) break;
      bytes += pending.frameBytes;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    let left = batch;
    while (left.length > 0) {
      const fitting = this.#fitting(left);
      if (fitting.length === 0) await this.#roll();
      else await this.#writeFitting(fitting);
      left = left.slice(fitting.length);
    }
    const waiting = batch.filter((pending) => pending.sync).length;
    if (waiting > 0) await this.#sync(waiting);
    this.#prepareNext();
  }

  /** The first of `batch` that go into the current segment. */
  #fitting(batch: readonly Pending[]): readonly Pending[] {
    let bytes = 0;
    let isFirst = this.#isFresh;
    for (const [i, { frameBytes }] of batch.entries()) {
      if (frameBytes > 0 && !this.#segment.hasRoomFor(bytes + frameBytes, isFirst)) return batch.slice(0, i);
      if (frameBytes > 0) isFirst = false;
      bytes += frameBytes;
    }
    return batch;
  }

  async #writeFitting(batch: readonly Pending[]): Promise<void> {
    const appends = batch.filter((pending) => pending.frameBytes > 0).map((pending) => pending.records);
    if (appends.length === 0) return;
    const waiting = batch.filter((pending) => pending.sync).length;
    const startMs = this.#observer?.clock.nowMs() ?? 0;
    await this.#segment.write(appends, { durable: waiting > 0 });
    if (waiting > 0 && this.#segment.isDurable) this.#observer?.synced(this.#observer.clock.nowMs() - startMs, waiting);
    this.#isFresh = false;
    for (const { hardState, snapshot, entries = [] } of appends) {
      if (hardState !== undefined) this.#hardState = hardState;
      if (snapshot !== undefined && snapshot.index >= this.#snapshot.index) this.#snapshot = snapshot;
      const last = entries.at(-1);
      if (last !== undefined) this.#segment.maxIndex = Math.max(this.#segment.maxIndex, last.index);
    }
    this.#lastIndex = (batch.at(-1) as Pending).lastIndex;
  }

  async #sync(appends: number): Promise<void> {
    if (this.#segment.isDurable) return;
    const startMs = this.#observer?.clock.nowMs() ?? 0;
    await this.#segment.sync();
    this.#observer?.synced(this.#observer.clock.nowMs() - startMs, appends);
  }

  /** Ends the current segment and goes on in a new one, whose head repeats everything that older ones may be deleted with. */
  async #roll(): Promise<void> {
    const old = this.#segment;
    await old.write([{ seal: true }]);
    await this.#sync(0);
    const file = await this.#takeNext();
    const { version } = this.#options;
    const prologue = successorOf(old.prologue, { version, endBytes: old.endBytes, lastIndex: this.#lastIndex });
    const head = { metadata: this.#metadata, snapshot: this.#snapshot, hardState: this.#hardState };
    this.#segment = await startSegment(this.#disk, this.#directory, file, { prologue, head, options: this.#options });
    this.#isFresh = true;
    this.#sealed.push({ sequence: old.prologue.sequence, maxIndex: old.maxIndex });
    await old.close();
  }

  /** Makes the next segment's file in the background once this one is half full. */
  #prepareNext(): void {
    if (this.#next !== undefined || this.#segment.endBytes < this.#options.segmentBytes / 2) return;
    this.#next = prepareSegmentFile(this.#disk, this.#directory, this.#options);
    this.#next.catch(() => undefined); // met again by the roll that needs the file
  }

  async #takeNext(): Promise<DiskFile> {
    const prepared = this.#next;
    this.#next = undefined;
    try {
      if (prepared !== undefined) return await prepared;
    } catch {
      // There was no space a while ago; there may be now.
    }
    return prepareSegmentFile(this.#disk, this.#directory, this.#options);
  }

  #fail(cause: unknown, batch: readonly Pending[]): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new WalError('FAILED', `the log could not be written, this member must stop: ${reason}`, { cause });
    this.#failure = error;
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const pending of [...batch, ...waiting]) pending.reject(error);
  }

  /** Oldest first, and each deletion durable before the next, so that what a crash leaves has no hole. */
  async #release(index: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new WalError('CLOSED', 'the log is closed');
    if (this.#sealed.length === 0) return;
    await this.#enqueue({}, { frameBytes: 0, sync: true }); // the marker must outlive what it stands for
    const upTo = Math.min(index, this.#snapshot.index);
    for (let oldest = this.#sealed[0]; oldest !== undefined && oldest.maxIndex <= upTo; oldest = this.#sealed[0]) {
      await this.#disk.remove(join(this.#directory, segmentName(oldest.sequence)));
      await this.#disk.syncDirectory(this.#directory);
      this.#sealed.shift();
    }
  }

  /** A last mark proves that all before it was durable: damage found at the next start is then never taken for a torn write. */
  async #close(): Promise<void> {
    await this.#releasing;
    await this.#draining;
    try {
      const isUnwritten = this.#deferred !== undefined;
      if (this.#failure === undefined && (!this.#isFresh || isUnwritten)) {
        await this.#sync(0);
        await this.#segment.write([...(isUnwritten ? [{ hardState: this.#deferred }] : []), { mark: true }]);
        await this.#sync(0);
      }
    } finally {
      await this.#segment.close();
      await this.#next?.then((file) => file.close()).catch(() => undefined);
    }
  }
}

/** The sizes of `options` with the defaults of limits.ts. */
export function segmentOptions(options: WalOptions): SegmentOptions {
  const segmentBytes = options.segmentBytes ?? WAL_LIMITS.segmentBytes;
  const allocateStepBytes = Math.min(options.allocateStepBytes ?? WAL_LIMITS.allocateStepBytes, segmentBytes);
  const { version = WAL_FORMAT_VERSION } = options;
  return { segmentBytes, allocateStepBytes, version, scratch: new Scratch() };
}
