import type { Revision } from '../base/brand.ts';
import { type Clock, DiskError } from '../io/doors.ts';
import { encodeRevisionKey } from '../storage/mvcc/revision-key.ts';
import type { BackendWriter } from './backend-writer.ts';
import { pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface SpaceReclaimerOptions {
  readonly clock: Clock;
  readonly writer: BackendWriter;
  /** Bytes of the newest values of all keys. */
  readonly liveBytes: () => number;
  /** The backend was asked to give back what it held up to `revision`. */
  readonly onReclaimed: (revision: Revision, durationMs: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Asks the backend, after a compaction of the store, to give back what the compaction has deleted. By itself a log-structured database does
 * so only while others write, and a store that has just been emptied often has no writers. It is asked when what is there to be won is
 * worth rewriting the rest, piece by piece, and never for more than a share of the time: writes go on meanwhile.
 */
export class SpaceReclaimer {
  readonly #options: SpaceReclaimerOptions;
  /** The newest compact revision whose space is still to be looked at; 0: none. */
  #owed = 0;
  #busy: Promise<void> | undefined;
  #stopped = false;
  /** Ends the rest after a run. */
  #wake: (() => void) | undefined;

  constructor(options: SpaceReclaimerOptions) {
    this.#options = options;
  }

  /** The deletes of everything that compacting at `revision` forgets are on their way to the backend. */
  compacted(revision: Revision): void {
    this.#owed = Math.max(this.#owed, revision);
    if (this.#stopped) return;
    this.#busy ??= this.#run().finally(() => {
      this.#busy = undefined;
    });
  }

  /** Resolves when the backend is not being asked any more: a piece that is under way is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#busy;
  }

  async #run(): Promise<void> {
    const { clock, onFailure } = this.#options;
    try {
      while (this.#owed > 0 && !this.#stopped) {
        const revision = this.#owed as Revision;
        this.#owed = 0;
        const startMs = clock.nowMs();
        await this.#reclaim(revision);
        await this.#rest((clock.nowMs() - startMs) * MEMBER_LIMITS.reclaimRestShare);
      }
    } catch (error) {
      // A snapshot that is installed closes the backend: what takes its place holds nothing that was deleted.
      if (!(error instanceof DiskError && error.code === 'CLOSED')) onFailure(error);
    }
  }

  async #reclaim(revision: Revision): Promise<void> {
    const { clock, writer, onReclaimed } = this.#options;
    while (writer.isDeleting && !this.#stopped) await pause(clock, MEMBER_LIMITS.compactionPauseMs);
    if (this.#stopped) return;
    const { backend } = writer;
    const to = encodeRevisionKey(revision + 1, 0, false);
    const storedBytes = await backend.storedBytes('revision', { to });
    if (!this.#isWorthwhile(storedBytes)) return;
    const startMs = clock.nowMs();
    const pieces = Math.ceil(storedBytes / MEMBER_LIMITS.reclaimPieceBytes);
    for (let i = 0; i < pieces && !this.#stopped; i++) {
      const [first, end] = [i, i + 1].map((n) => Math.floor((n * (revision + 1)) / pieces));
      const range = { from: encodeRevisionKey(first ?? 0, 0, false), to: encodeRevisionKey(end ?? 0, 0, false) };
      await backend.reclaim('revision', range);
    }
    if (!this.#stopped) onReclaimed(revision, clock.nowMs() - startMs);
  }

  /** Live values count in full though some may lie beyond the compact revision: better too seldom than for nothing. */
  #isWorthwhile(storedBytes: number): boolean {
    const deadBytes = storedBytes - this.#options.liveBytes();
    return deadBytes >= MEMBER_LIMITS.minReclaimBytes && deadBytes >= MEMBER_LIMITS.minReclaimShare * storedBytes;
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
