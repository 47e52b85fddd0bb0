import type { Index } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { type Clock, DiskError } from '../io/doors.ts';
import type { Backend, BackendOp } from '../storage/backend/backend.ts';
import type { Machine, RevisionPair } from '../storage/machine/machine.ts';
import { encodeRevisionKey } from '../storage/mvcc/revision-key.ts';
import { AppliedIndex } from './applied-index.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface BackendWriterOptions {
  readonly clock: Clock;
  readonly onWritten: (durationMs: number) => void;
  /** A row that must be there is not. */
  readonly onDamage: (error: DiskError) => void;
  /** The backend failed: the member must stop. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Brings what the machine has applied into the backend: one unsynced batch after the other, each with its applied index.
 * Invariant: the backend never holds more than the local log has on disk (`persisted`), so that a restart finds every entry
 * after the backend's applied index in the log.
 */
export class BackendWriter {
  readonly #options: BackendWriterOptions;
  readonly #written: AppliedIndex;
  #backend: Backend;
  #machine: Machine;
  #persisted: Index;
  #deletes: BackendOp[] = [];
  #deletesUnderWay = false;
  #inProgress: Promise<void> | undefined;
  #unwrittenEntries = 0;
  #unwrittenBytes = 0;
  #waitingForRoom: (() => void)[] = [];
  /** Settles when a snapshot has taken the place of the backend. */
  #replacing: Promise<void> | undefined;
  #stopped = false;
  /** Somebody waits for this index to be written. */
  #demanded = 0;
  /** Cancels the wait before the next batch; undefined when there is none. */
  #cancelPause: (() => void) | undefined;
  #pausedSinceMs = 0;

  constructor(backend: Backend, machine: Machine, options: BackendWriterOptions & { readonly persisted: Index }) {
    this.#options = options;
    this.#backend = backend;
    this.#machine = machine;
    this.#persisted = options.persisted;
    this.#written = new AppliedIndex(machine.applied);
  }

  /** Everything up to here is in the backend (not synced). */
  get writtenIndex(): Index {
    return this.#written.index;
  }

  /** The backend in use; it changes when a snapshot is installed. */
  get backend(): Backend {
    return this.#backend;
  }

  /** The machine whose rows are in it; it changes together with it. */
  get machine(): Machine {
    return this.#machine;
  }

  /** The backend is so far behind that nothing more should be applied before `room`. */
  get isFull(): boolean {
    return this.#unwrittenOps > MEMBER_LIMITS.maxUnwrittenOps || this.#unwrittenBytes > MEMBER_LIMITS.maxUnwrittenBytes;
  }

  /** Resolves when the backend has caught up enough. */
  room(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waitingForRoom.push(resolve);
      this.#hurry();
    });
  }

  /** An entry was applied. */
  applied(entryBytes: number): void {
    this.#unwrittenEntries++;
    this.#unwrittenBytes += entryBytes;
    this.#startIfWorthIt();
  }

  /** The local log is on disk up to `index`. */
  persisted(index: Index): void {
    if (index <= this.#persisted) return;
    this.#persisted = index;
    this.#start();
  }

  /** Entries from `first` on are being written anew: what the log had there does not count any more. */
  appending(first: Index): void {
    if (first <= this.#persisted) this.#persisted = (first - 1) as Index;
  }

  /** Resolves when no snapshot is taking the place of the backend. */
  async replaced(): Promise<void> {
    await this.#replacing;
  }

  /**
   * Queues deletes of superseded revisions; they follow every write that was applied before. To be called when there is `room`. Where they lie in packs
   * nothing is done: space-reclaimer.ts takes them away together.
   */
  delete(ops: readonly BackendOp[]): void {
    if (this.#backend.isPacked) return;
    this.#deletes.push(...ops);
    this.#startIfWorthIt();
  }

  /** Deletes were queued that are not written yet. */
  get isDeleting(): boolean {
    return this.#deletes.length > 0 || this.#deletesUnderWay;
  }

  /** Resolves when `index` is written. Errors: STOPPED. */
  reached(index: Index): Promise<void> {
    if (index > this.#written.index) {
      this.#demanded = Math.max(this.#demanded, index);
      this.#hurry();
    }
    return this.#written.reached(index);
  }

  /**
   * The rows of `pairs`, after waiting for those that are not written yet. Errors: COMPACTED when one was compacted meanwhile;
   * DiskError.
   */
  async readRevisions(pairs: readonly RevisionPair[]): Promise<readonly Uint8Array[]> {
    await this.reached(this.#machine.applied);
    await this.#replacing;
    const backend = this.#backend;
    const keys = pairs.map(({ main, sub }) => encodeRevisionKey(main, sub, false));
    const rows = await backend.getMany('revision', keys).catch((error: unknown) => {
      if (this.#backend !== backend || this.#replacing !== undefined) return undefined;
      throw this.#stopped ? new StoreError('STOPPED') : error;
    });
    if (rows === undefined) return this.readRevisions(pairs); // a snapshot closed the backend meanwhile
    return rows.map((row, i) => {
      if (row === undefined) throw this.#missing(pairs[i]?.main ?? 0);
      return row;
    });
  }

  /** Only a compaction takes revisions away, and none above its own. */
  #missing(revision: number): Error {
    const { compactRevision } = this.#machine;
    if (revision <= compactRevision) return new StoreError('COMPACTED', undefined, { compactRevision });
    const error = new DiskError('CORRUPT', 'backend', `revision ${revision} is missing`);
    this.#options.onDamage(error);
    return error;
  }

  /**
   * Goes on with another machine and its backend, which `load` brings while nothing is written or read here. They hold everything
   * up to `machine.applied`, synced.
   */
  async replace(load: () => Promise<{ readonly machine: Machine; readonly backend: Backend }>): Promise<Machine> {
    let done = (): void => undefined;
    this.#replacing = new Promise((resolve) => {
      done = resolve;
    });
    await this.#inProgress;
    const { machine, backend } = await load();
    this.#backend = backend;
    this.#machine = machine;
    this.#deletes = [];
    this.#unwrittenEntries = 0;
    this.#unwrittenBytes = 0;
    this.#persisted = Math.max(this.#persisted, machine.applied) as Index;
    this.#replacing = undefined;
    done();
    this.#settle(machine.applied);
    return machine;
  }

  /** Stops writing; resolves when the write under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelPause?.();
    this.#written.failAll(new StoreError('STOPPED'));
    await this.#inProgress;
  }

  /** Somebody waits: the next batch goes at once. */
  #hurry(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    this.#start();
  }

  get #unwrittenOps(): number {
    return this.#unwrittenEntries + this.#deletes.length;
  }

  /** During the pause only when enough has gathered. */
  #startIfWorthIt(): void {
    if (this.#cancelPause === undefined) this.#start();
    else if (this.#hasBatch()) this.#hurry();
  }

  /** Enough has gathered, for long enough. */
  #hasBatch(): boolean {
    const { backendBatchOps, backendBatchBytes, backendLeastPauseMs } = MEMBER_LIMITS;
    if (this.#unwrittenOps < backendBatchOps && this.#unwrittenBytes < backendBatchBytes) return false;
    return this.#options.clock.nowMs() - this.#pausedSinceMs >= backendLeastPauseMs;
  }

  /** Lets writes gather before the next batch: each one costs the same whatever is in it, and nobody waits for it. */
  #pause(): void {
    if (this.#stopped || this.#demanded > this.#written.index || this.#waitingForRoom.length > 0) {
      this.#start();
      return;
    }
    this.#pausedSinceMs = this.#options.clock.nowMs();
    this.#cancelPause = this.#options.clock.after(MEMBER_LIMITS.backendPauseMs, () => this.#hurry());
  }

  #start(): void {
    if (
      this.#inProgress !== undefined ||
      this.#cancelPause !== undefined ||
      this.#replacing !== undefined ||
      this.#stopped ||
      this.#machine.applied > this.#persisted
    )
      return;
    if (this.#machine.applied === this.#written.index && this.#deletes.length === 0) return;
    this.#inProgress = this.#writeOnce().finally(() => {
      this.#inProgress = undefined;
      this.#pause();
    });
  }

  async #writeOnce(): Promise<void> {
    const { clock, onWritten, onFailure } = this.#options;
    const index = this.#machine.applied;
    const ops = [...this.#machine.takeWrites(), ...this.#deletes];
    this.#deletesUnderWay = this.#deletes.length > 0;
    this.#deletes = [];
    const [entries, bytes] = [this.#unwrittenEntries, this.#unwrittenBytes];
    const startMs = clock.nowMs();
    try {
      await this.#backend.write(ops);
      this.#deletesUnderWay = false;
      onWritten(clock.nowMs() - startMs);
      this.#unwrittenEntries -= entries;
      this.#unwrittenBytes -= bytes;
      this.#settle(index);
    } catch (error) {
      this.#stopped = true;
      onFailure(error);
    }
  }

  #settle(index: Index): void {
    if (index > this.#written.index) this.#written.advance(index);
    if (this.isFull) return;
    const waiting = this.#waitingForRoom;
    this.#waitingForRoom = [];
    for (const resolve of waiting) resolve();
  }
}
