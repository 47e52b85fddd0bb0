import type { PeerFact } from './peers/peers.ts';

/** Something that happened to a member, for its log. Ids are 64 bits; the observer decides how to print them. */
export type MemberFact =
  | PeerFact
  | {
      readonly type: 'started';
      readonly clusterId: bigint;
      readonly memberId: bigint;
      readonly applied: number;
      readonly replayed: number;
      /** It had the file of a clean stop, and need not read every row. */
      readonly fromCheckpoint: boolean;
    }
  /** The cluster knows this member's name and client URLs: it takes part. */
  | { readonly type: 'published' }
  | { readonly type: 'repaired'; readonly tornBytes: number }
  /** The backend was damaged; the state of another member took its place, and what was damaged lies aside. */
  | {
      readonly type: 'rebuilt';
      readonly reason: string;
      readonly aside: string;
      readonly from: bigint;
      readonly index: number;
    }
  /** A snapshot that came was damaged: it was refused, and is asked for again. */
  | { readonly type: 'snapshotRefused'; readonly reason: string }
  | { readonly type: 'leaderChanged'; readonly leader: bigint; readonly term: number; readonly isSelf: boolean }
  | { readonly type: 'snapshotInstalled'; readonly index: number; readonly durationMs: number }
  | { readonly type: 'snapshotFailed'; readonly reason: string }
  | { readonly type: 'logCompacted'; readonly index: number }
  | { readonly type: 'storeCompacted'; readonly revision: number }
  | { readonly type: 'storeSwept'; readonly revision: number; readonly rows: number; readonly durationMs: number }
  | { readonly type: 'spaceReclaimed'; readonly revision: number; readonly durationMs: number }
  | { readonly type: 'leasesExpired'; readonly count: number }
  | { readonly type: 'membersChanged'; readonly members: number }
  | { readonly type: 'alarm'; readonly memberId: bigint; readonly alarm: string; readonly isActive: boolean }
  | { readonly type: 'authFailed'; readonly user: string }
  /** HashKV is the same here and at so many others. */
  | { readonly type: 'hashesCompared'; readonly revision: number; readonly agreeing: number }
  /** It is not: `members` are the ids of those who differ, in hexadecimal. */
  | { readonly type: 'hashesDiffer'; readonly revision: number; readonly agreeing: number; readonly members: string }
  /** It does not trust its own state any more, and serves nobody. */
  | { readonly type: 'fenced'; readonly reason: string }
  /** It led, and had the next best follower take over. */
  | { readonly type: 'gaveUpLeadership'; readonly reason: GiveUpReason; readonly waitedMs: number }
  | { readonly type: 'removed' }
  | { readonly type: 'failed'; readonly reason: string }
  /** The log or the backend could not be written for want of space: the member has stopped. */
  | { readonly type: 'diskFull'; readonly reason: string }
  | { readonly type: 'stopped' };

/** Why a leader lets another one lead. */
export type GiveUpReason = 'corrupt' | 'slow-disk';

/** Told about a member's life as it happens. */
export interface MemberObserver {
  fact(fact: MemberFact): void;
}

/** Counts of durations: `counts[i]` took at most `boundsSeconds[i]`, the last one longer than all bounds. */
export interface HistogramSample {
  readonly boundsSeconds: readonly number[];
  readonly counts: readonly number[];
  readonly sumSeconds: number;
  readonly count: number;
}

/** One metric at one moment, named as etcd names it (dashboards know these names). */
export type MetricSample =
  | (MetricName & { readonly type: 'counter' | 'gauge'; readonly value: number })
  | (MetricName & { readonly type: 'histogram'; readonly value: HistogramSample });

/** Samples of one name with different labels follow one another. */
interface MetricName {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A histogram with doubling bounds, as etcd's disk metrics have. */
export class Histogram {
  readonly #boundsSeconds: readonly number[];
  readonly #counts: number[];
  #sumSeconds = 0;
  #count = 0;

  constructor(firstSeconds: number, buckets: number) {
    this.#boundsSeconds = Array.from({ length: buckets }, (_, i) => firstSeconds * 2 ** i);
    this.#counts = new Array<number>(buckets + 1).fill(0);
  }

  observe(seconds: number): void {
    const found = this.#boundsSeconds.findIndex((bound) => seconds <= bound);
    const bucket = found < 0 ? this.#boundsSeconds.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumSeconds += seconds;
    this.#count++;
  }

  sample(): HistogramSample {
    return {
      boundsSeconds: this.#boundsSeconds,
      counts: [...this.#counts],
      sumSeconds: this.#sumSeconds,
      count: this.#count,
    };
  }
}
