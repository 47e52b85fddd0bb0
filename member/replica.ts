import type { Index, Revision } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock, DiskError } from '../io/doors.ts';
import type { ConfChange, ConfState, Entry } from '../raft/types.ts';
import type { Backend } from '../storage/backend/backend.ts';
import type { Applied, Machine } from '../storage/machine/machine.ts';
import { AppliedIndex } from './applied-index.ts';
import { BackendWriter } from './backend-writer.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface ReplicaOptions {
  readonly clock: Clock;
  /** What of the log is on disk when it starts. */
  readonly persisted: Index;
  /** Told of every entry, before the next is applied: publishes its events, then answers who proposed it. */
  readonly onApplied: (applied: Applied, entry: Entry) => void;
  /** A conf entry is in force: consensus must know. */
  readonly onConfChange: (change: ConfChange) => ConfState;
  /** Everything at hand up to `index` is applied. */
  readonly onBatch: (index: Index) => void;
  readonly onWritten: (durationMs: number) => void;
  readonly onCompacted: (revision: Revision) => void;
  readonly onDamage: (error: DiskError) => void;
  readonly onFailure: (error: unknown) => void;
}

/** This member's copy of the store: the machine, the backend that makes it durable, and the queue of what is to be applied. */
export class Replica {
  readonly applied: AppliedIndex;
  readonly writer: BackendWriter;
  readonly #options: ReplicaOptions;
  #machine: Machine;
  #queue: Entry[] = [];
  #busy = false;
  #stopped = false;
  #idle: (() => void)[] = [];
  #compacting = false;
  #compactedTo: Revision;

  constructor(machine: Machine, backend: Backend, options: ReplicaOptions) {
    this.#machine = machine;
    this.#compactedTo = machine.compactRevision;
    this.#options = options;
    this.applied = new AppliedIndex(machine.applied);
    const { clock, persisted, onWritten, onDamage, onFailure } = options;
    this.writer = new BackendWriter(backend, machine, { clock, persisted, onWritten, onDamage, onFailure });
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** No step of the compaction at this revision is owed any more. A machine that was just restored owes none in memory. */
  get compactedTo(): Revision {
    return this.#compactedTo;
  }

  /** Queues committed entries. */
  push(entries: readonly Entry[]): void {
    for (const entry of entries) this.#queue.push(entry);
    if (!this.#busy) void this.#run();
  }

  /** Resolves when everything that was pushed is applied. */
  idle(): Promise<void> {
    return this.#busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** Goes on with the machine and the backend that `load` brings, for a snapshot that covers everything applied so far. */
  async replace(load: () => Promise<{ readonly machine: Machine; readonly backend: Backend }>): Promise<void> {
    await this.idle();
    const machine = await this.writer.replace(load);
    this.#machine = machine;
    this.#compactedTo = machine.compactRevision;
    this.applied.advance(machine.applied);
    this.compact();
  }

  /** Deletes superseded revisions in small steps until nothing is owed. */
  compact(): void {
    if (!this.#compacting && !this.#stopped) void this.#compactAll();
  }

  /** Resolves when no superseded revision is owed any more. */
  async compactedPhysically(): Promise<void> {
    while (this.#compacting && !this.#stopped) await pause(this.#options.clock, MEMBER_LIMITS.compactionPauseMs);
    await this.writer.reached(this.#machine.applied);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#queue = [];
    this.applied.failAll(new StoreError('STOPPED'));
    await this.writer.stop();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      for (;;) {
        const batch = this.#queue;
        if (batch.length === 0 || this.#stopped) break;
        this.#queue = [];
        await this.#applyAll(batch);
      }
    } catch (error) {
      this.#stopped = true;
      this.#options.onFailure(error);
    }
    this.#busy = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #applyAll(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) {
      if (this.writer.isFull) {
        this.#report();
        await this.writer.room();
      }
      const needs = this.#machine.needs(entry);
      const values = needs.length === 0 ? NO_VALUES : await this.#fetch(needs);
      if (this.#stopped) return;
      this.#applyOne(entry, values);
    }
    this.#report();
  }

  async #fetch(needs: ReturnType<Machine['needs']>): Promise<readonly Uint8Array[]> {
    this.#report();
    return this.writer.readRevisions(needs);
  }

  #applyOne(entry: Entry, values: readonly Uint8Array[]): void {
    const { onApplied, onConfChange } = this.#options;
    const applied = this.#machine.apply(entry, values);
    const change = this.#machine.confChange();
    if (change !== undefined) onConfChange(change);
    onApplied(applied, entry);
    this.writer.applied(entry.data.length);
    if (applied.outcome.type === 'compact') this.compact();
  }

  #report(): void {
    const index = this.#machine.applied;
    if (index === this.applied.index) return;
    this.applied.advance(index);
    this.#options.onBatch(index);
  }

  async #compactAll(): Promise<void> {
    this.#compacting = true;
    try {
      while (!this.#stopped) {
        const machine = this.#machine;
        const revision = machine.compactRevision;
        const isOwed = await this.#compactOnce(machine);
        if (this.#stopped || this.#machine !== machine) continue;
        this.#compactedTo = revision;
        if (isOwed) this.#options.onCompacted(revision);
        if (machine.compactRevision === revision) break; // no other was asked for meanwhile
      }
    } catch (error) {
      if (!this.#stopped) this.#options.onFailure(error);
    }
    this.#compacting = false;
  }

  /** Takes every step that is owed by now; false when there was none. */
  async #compactOnce(machine: Machine): Promise<boolean> {
    let isOwed = false;
    // A compaction's own row is written before any of the deletes that it allows.
    await this.writer.reached(machine.applied);
    for (;;) {
      await this.writer.room();
      if (this.#stopped || this.#machine !== machine) return isOwed;
      const ops = machine.compactionStep(MEMBER_LIMITS.compactionBatchKeys);
      if (ops === undefined) return isOwed;
      isOwed = true;
      if (ops.length > 0) this.writer.delete(ops);
      await pause(this.#options.clock, MEMBER_LIMITS.compactionPauseMs);
    }
  }
}

const NO_VALUES: readonly Uint8Array[] = [];
