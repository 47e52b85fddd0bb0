/** How a store compacts itself: keeping a time of history, or a number of revisions. */
export type AutoCompaction =
  | { readonly mode: 'periodic'; readonly retentionMs: number }
  | { readonly mode: 'revision'; readonly retention: number };

/** Where the store is, and whether this member decides. */
export interface CompactionView {
  readonly revision: number;
  readonly isLeader: boolean;
}

/** Says, at every tick, at which revision to compact now, if at any. */
export interface AutoCompactor {
  tick(nowMs: number, view: CompactionView): number | undefined;
  /** A revision that was asked for is compacted, whoever did it. */
  compacted(revision: number, nowMs: number): void;
}

export function autoCompactorOf(setting: AutoCompaction | undefined): AutoCompactor | undefined {
  if (setting === undefined) return undefined;
  return setting.mode === 'periodic'
    ? new PeriodicCompactor(setting.retentionMs)
    : new RevisionCompactor(setting.retention);
}

const HOUR_MS = 3_600_000;
/** A tenth of the time between compactions passes between looks at the revision, and before a compaction that failed is tried again. */
const LOOKS_PER_INTERVAL = 10;

/**
 * Keeps the history of the last `retentionMs`: notes the revision ten times per hour (or per retention, if that is shorter) and
 * compacts once per hour (or retention) at what was noted a retention ago. Every member notes, so that a new leader goes on. Source:
 * etcd api/v3compactor/periodic.go.
 */
export class PeriodicCompactor implements AutoCompactor {
  readonly #intervalMs: number;
  readonly #lookMs: number;
  readonly #maxNoted: number;
  /** The first compaction waits for a whole retention, later ones for the interval. */
  #waitMs: number;
  #noted: number[] = [];
  #nextLookMs: number | undefined;
  #lastRevision = 0;
  #lastMs = 0;

  constructor(retentionMs: number) {
    this.#intervalMs = Math.min(retentionMs, HOUR_MS);
    this.#lookMs = this.#intervalMs / LOOKS_PER_INTERVAL;
    this.#maxNoted = Math.floor(retentionMs / this.#lookMs) + 1;
    this.#waitMs = retentionMs;
  }

  tick(nowMs: number, { revision, isLeader }: CompactionView): number | undefined {
    if (this.#nextLookMs === undefined) {
      this.#lastMs = nowMs;
      this.#note(revision, nowMs);
      return undefined;
    }
    if (nowMs < this.#nextLookMs) return undefined;
    const [oldest = 0] = this.#noted;
    this.#note(revision, nowMs);
    const isDue = oldest !== this.#lastRevision && nowMs - this.#lastMs >= this.#waitMs;
    if (!isLeader || !isDue) return undefined;
    this.#waitMs = this.#intervalMs;
    return oldest;
  }

  compacted(revision: number, nowMs: number): void {
    this.#lastRevision = revision;
    this.#lastMs = nowMs;
  }

  #note(revision: number, nowMs: number): void {
    this.#nextLookMs = nowMs + this.#lookMs;
    this.#noted.push(revision);
    if (this.#noted.length > this.#maxNoted) this.#noted.shift();
  }
}

const REVISION_LOOK_MS = 300_000;

/** Keeps the last `retention` revisions, and looks every five minutes. Source: etcd api/v3compactor/revision.go. */
export class RevisionCompactor implements AutoCompactor {
  readonly #retention: number;
  #nextLookMs: number | undefined;
  #lastRevision = 0;

  constructor(retention: number) {
    this.#retention = retention;
  }

  tick(nowMs: number, { revision, isLeader }: CompactionView): number | undefined {
    const nextMs = this.#nextLookMs;
    if (nextMs !== undefined && nowMs < nextMs) return undefined;
    this.#nextLookMs = nowMs + REVISION_LOOK_MS;
    if (nextMs === undefined || !isLeader) return undefined;
    const wanted = revision - this.#retention;
    return wanted > 0 && wanted !== this.#lastRevision ? wanted : undefined;
  }

  compacted(revision: number): void {
    this.#lastRevision = revision;
  }
}
