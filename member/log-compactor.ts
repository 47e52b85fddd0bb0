import type { Index } from '../base/brand.ts';
import type { RaftNode } from '../raft/types.ts';
import type { Wal } from '../storage/wal/wal.ts';
import type { MemberLimits } from './config.ts';
import type { Replica } from './replica.ts';

export interface LogCompactorOptions {
  readonly raft: RaftNode;
  readonly wal: Wal;
  readonly replica: Replica;
  readonly limits: MemberLimits;
  readonly onCompacted: (index: Index) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Shortens the log once the backend has, synced, what its oldest entries did. Some entries stay for followers that are a little
 * behind; others get a snapshot.
 */
export class LogCompactor {
  readonly #options: LogCompactorOptions;
  #compactedTo: Index;
  #bytesSince = 0;
  #busy: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LogCompactorOptions) {
    this.#options = options;
    this.#compactedTo = options.replica.writer.writtenIndex;
  }

  /** An entry was applied. */
  applied(entryBytes: number): void {
    this.#bytesSince += entryBytes;
  }

  /** A snapshot took the place of everything up to `index`. */
  installed(index: Index): void {
    this.#compactedTo = index;
    this.#bytesSince = 0;
  }

  /** Compacts if enough has been written since the last time. */
  check(): void {
    const { replica, limits } = this.#options;
    const entries = replica.writer.writtenIndex - this.#compactedTo;
    if (this.#busy !== undefined || this.#stopped) return;
    if (entries < limits.compactEveryEntries && (this.#bytesSince < limits.compactEveryBytes || entries === 0)) return;
    this.#busy = this.#compact().finally(() => {
      this.#busy = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#busy;
  }

  async #compact(): Promise<void> {
    const { raft, wal, replica, limits, onCompacted, onFailure } = this.#options;
    const isHeavy = this.#bytesSince >= limits.compactEveryBytes;
    try {
      const written = replica.writer.writtenIndex;
      this.#compactedTo = written;
      this.#bytesSince = 0;
      await replica.writer.backend.sync();
      // Few entries may weigh as much as many: then a tenth of them must do for those who are behind.
      const kept = isHeavy
        ? Math.min(limits.catchUpEntries, Math.floor(limits.catchUpEntries / 10))
        : limits.catchUpEntries;
      const index = (written - kept) as Index;
      const term = index > 0 ? raft.termOf(index) : undefined;
      if (term === undefined || this.#stopped) return;
      await wal.append({ snapshot: { index, term, conf: replica.machine.conf() } }, { sync: true });
      await wal.releaseTo(index);
      if (this.#stopped) return;
      raft.compact(index);
      onCompacted(index);
    } catch (error) {
      if (!this.#stopped) onFailure(error);
    }
  }
}
