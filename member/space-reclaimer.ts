import type { Revision } from '../base/brand.ts';
import { keyBehind } from '../base/bytes.ts';
import { type Clock, DiskError } from '../io/doors.ts';
import type { Backend, BackendOp } from '../storage/backend/backend.ts';
import type { Machine } from '../storage/machine/machine.ts';
import { encodeRevisionKey } from '../storage/mvcc/revision-key.ts';
import type { BackendWriter } from './backend-writer.ts';
import type { MemberLimits } from './config.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface SpaceReclaimerOptions {
  readonly clock: Clock;
  readonly writer: BackendWriter;
  readonly limits: Pick<MemberLimits, 'sweepRows'>;
  /** So many useless rows up to `revision` were deleted together. */
  readonly onSwept: (revision: Revision, swept: { readonly rows: number; readonly durationMs: number }) => void;
  /** The backend was asked to give back what it held up to `revision`. */
  readonly onReclaimed: (revision: Revision, durationMs: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Asks the backend, after a compaction of the store, to give back what the compaction has made useless. By itself a log-structured database does
 * so only while others write, and a store that has just been emptied often has no writers. It is asked when what is there to be won is
 * worth rewriting the rest, piece by piece, and never for more than a share of the time: writes go on meanwhile.
 *
 * Where revisions lie in packs nobody has deleted them yet: they are looked for first, and deleted in their order. So whatever a crash leaves is without a
 * row only if it is without all useless rows before it, and no key comes back whose tombstone is gone.
 */
export class SpaceReclaimer {
  readonly #options: SpaceReclaimerOptions;
  /** The newest compact revision whose space is still to be looked at; 0: none. */
  #owed = 0;
  #busy: Promise<void> | undefined;
  #stopped = false;
  /** Ends the rest after a run. */
  #wake: (() => void) | undefined;
  /** Who waits for useless rows to be gone, whatever it is worth. */
  #waiting: (() => void)[] = [];

  constructor(options: SpaceReclaimerOptions) {
    this.#options = options;
  }

  /** Nothing of what compacting at `revision` forgets is owed by the machine any more: the deletes are on their way to the backend, or are to be found there. */
  compacted(revision: Revision): void {
    this.#owed = Math.max(this.#owed, revision);
    this.#start();
  }

  /** As `compacted`; resolves when the backend has no row any more that is of no use, or when this is stopped. */
  swept(revision: Revision): Promise<void> {
    if (this.#stopped || revision === 0 || !this.#options.writer.backend.isPacked) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#owed = Math.max(this.#owed, revision);
      this.#wake?.();
      this.#start();
    });
  }

  /** Resolves when the backend is not being asked any more: a piece that is under way is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#busy;
    this.#releaseAll();
  }

  #start(): void {
    if (this.#stopped) return;
    this.#busy ??= this.#run().finally(() => {
      this.#busy = undefined;
      if (this.#owed > 0) this.#start(); // asked for in the moment in which the run ended
    });
  }

  async #run(): Promise<void> {
    const { clock, onFailure } = this.#options;
    try {
      while (this.#owed > 0 && !this.#stopped) {
        const revision = this.#owed as Revision;
        const waiting = this.#waiting;
        this.#owed = 0;
        this.#waiting = [];
        try {
          await this.#sweepIfWorth(revision, waiting.length > 0);
        } finally {
          this.#release(waiting);
        }
        const startMs = clock.nowMs();
        await this.#reclaim(revision);
        if (this.#waiting.length === 0) await this.#rest((clock.nowMs() - startMs) * MEMBER_LIMITS.reclaimRestShare);
      }
    } catch (error) {
      this.#owed = 0;
      this.#releaseAll();
      // A snapshot that is installed closes the backend: what takes its place holds nothing that was deleted. Of damage others have been told.
      if (!(error instanceof DiskError && (error.code === 'CLOSED' || error.code === 'CORRUPT'))) onFailure(error);
    }
  }

  /** `isAskedFor`: somebody waits for it. */
  async #sweepIfWorth(revision: Revision, isAskedFor: boolean): Promise<void> {
    const { clock, writer, onSwept } = this.#options;
    const { backend, machine } = writer; // they belong together
    if (!backend.isPacked || this.#stopped) return;
    const to = encodeRevisionKey(revision + 1, 0, false);
    const storedBytes = await backend.storedBytes('revision', { to });
    if (!isAskedFor && !isWorth(storedBytes - machine.size().liveBytes, storedBytes)) return;
    const startMs = clock.nowMs();
    const rows = await this.#sweep(backend, machine, to);
    if (!this.#stopped) onSwept(revision, { rows, durationMs: clock.nowMs() - startMs });
  }

  async #reclaim(revision: Revision): Promise<void> {
    const { clock, writer, onReclaimed } = this.#options;
    while (writer.isDeleting && !this.#stopped) await pause(clock, MEMBER_LIMITS.compactionPauseMs);
    if (this.#stopped) return;
    const { backend, machine } = writer;
    const storedBytes = await backend.storedBytes('revision', { to: encodeRevisionKey(revision + 1, 0, false) });
    if (!isWorth(storedBytes - machine.size().liveBytes, storedBytes)) return;
    const startMs = clock.nowMs();
    const pieces = Math.ceil(storedBytes / MEMBER_LIMITS.reclaimPieceBytes);
    for (let i = 0; i < pieces && !this.#stopped; i++) {
      const [first, end] = [i, i + 1].map((n) => Math.floor((n * (revision + 1)) / pieces));
      const range = { from: encodeRevisionKey(first ?? 0, 0, false), to: encodeRevisionKey(end ?? 0, 0, false) };
      await backend.reclaim('revision', range);
    }
    if (!this.#stopped) onReclaimed(revision, clock.nowMs() - startMs);
  }

  /** Deletes the rows before `to` that are of no use; returns how many. */
  async #sweep(backend: Backend, machine: Machine, to: Uint8Array): Promise<number> {
    const { clock, limits } = this.#options;
    const bounds = { to, limit: limits.sweepRows, maxBytes: MEMBER_LIMITS.sweepBytes };
    const view = backend.view();
    let count = 0;
    try {
      let from: Uint8Array = new Uint8Array(0);
      while (!this.#stopped) {
        const startMs = clock.nowMs();
        const rows = await view.scan('revision', { from, ...bounds });
        const last = rows.at(-1);
        if (last === undefined) break;
        const deletes = rows
          .filter(({ key, value }) => !machine.isWanted(key, value))
          .map(({ key }): BackendOp => ({ op: 'delete', space: 'revision', key }));
        if (deletes.length > 0) await backend.write(deletes);
        count += deletes.length;
        from = keyBehind(last.key);
        await pause(clock, Math.max(1, clock.nowMs() - startMs) * MEMBER_LIMITS.sweepRestShare);
      }
    } finally {
      await view.close();
    }
    return count;
  }

  #release(waiting: readonly (() => void)[]): void {
    for (const resolve of waiting) resolve();
  }

  #releaseAll(): void {
    this.#release(this.#waiting);
    this.#waiting = [];
  }

  async #rest(durationMs: number): Promise<void> {
    if (this.#stopped || durationMs <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(durationMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** Live values count in full though some may lie beyond the compact revision: better too seldom than for nothing. */
function isWorth(deadBytes: number, storedBytes: number): boolean {
  return deadBytes >= MEMBER_LIMITS.minReclaimBytes && deadBytes >= MEMBER_LIMITS.minReclaimShare * storedBytes;
}
