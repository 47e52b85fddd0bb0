import { assert } from '../base/assert.ts';
import type { Index, Term } from '../base/brand.ts';
import { ENTRY_OVERHEAD_BYTES } from './limits.ts';
import type { Entry } from './types.ts';

/** What an entry weighs in every bound that counts bytes. */
export function entryBytes(entry: { readonly data: Uint8Array }): number {
  return entry.data.length + ENTRY_OVERHEAD_BYTES;
}

interface Write {
  readonly sequence: number;
  /** The last index that is on disk with its present content once this write is. */
  last: Index;
}

const NOTHING: readonly Entry[] = [];

/**
 * The replicated log in memory, from the newest compaction to the end, and how far each stage of its life has come:
 *
 *     snapshotIndex <= applied <= handedOut <= min(commit, stable) <= stable <= handedToDisk <= lastIndex
 *
 * Committed entries are handed out only up to `stable`, also on a leader that a majority has overtaken: the state machine
 * stores its applied index without a sync, so it must never be ahead of the log that a crash leaves behind.
 */
export class RaftLog {
  #entries: Entry[];
  /** Running total of bytes at each entry of #entries; makes the weight of any range one subtraction. */
  #totals: number[] = [];
  #totalBefore = 0;
  #snapshotIndex: Index;
  #snapshotTerm: Term;
  #commit: Index;
  #applied: Index;
  #handedOut: Index;
  #stable: Index;
  #handedToDisk: Index;
  readonly #writes: Write[] = [];

  /** `entries` follow `snapshot` without a gap and are all on disk. */
  constructor(
    snapshot: { readonly index: Index; readonly term: Term },
    entries: readonly Entry[],
    progress: { readonly commit: Index; readonly applied: Index },
  ) {
    this.#snapshotIndex = snapshot.index;
    this.#snapshotTerm = snapshot.term;
    this.#entries = [];
    this.#push(entries);
    const last = this.lastIndex;
    assert(progress.applied >= snapshot.index, 'the state machine is behind the snapshot that its log starts from');
    assert(progress.applied <= last, 'the state machine is ahead of its log');
    this.#applied = this.#handedOut = progress.applied;
    // The commit index is written without a sync of its own, so a torn tail may be shorter than it says.
    this.#commit = Math.min(Math.max(progress.commit, progress.applied), last) as Index;
    this.#stable = this.#handedToDisk = last;
  }

  get firstIndex(): Index {
    return (this.#snapshotIndex + 1) as Index;
  }
  get lastIndex(): Index {
    return (this.#snapshotIndex + this.#entries.length) as Index;
  }
  get lastTerm(): Term {
    return this.#entries.at(-1)?.term ?? this.#snapshotTerm;
  }
  get commit(): Index {
    return this.#commit;
  }
  get applied(): Index {
    return this.#applied;
  }
  /** The last entry that is on disk with its present content. */
  get stable(): Index {
    return this.#stable;
  }
  get snapshotIndex(): Index {
    return this.#snapshotIndex;
  }

  /** Undefined before the snapshot and after the end. */
  termOf(index: Index): Term | undefined {
    if (index === this.#snapshotIndex) return this.#snapshotTerm;
    return this.#entries[index - this.#snapshotIndex - 1]?.term;
  }

  /** Whether a log that ends in (index, term) is at least as complete as this one (Raft paper §5.4.1). */
  isUpToDate(index: Index, term: Term): boolean {
    return term > this.lastTerm || (term === this.lastTerm && index >= this.lastIndex);
  }

  /**
   * The last index <= `index` whose term is <= `term`: the other side's log cannot agree after it, as terms never fall along
   * a log. Below the snapshot nothing is known and the snapshot's index is the answer.
   */
  lastIndexWithin(index: Index, term: Term): Index {
    let low = this.#snapshotIndex as number;
    let high = Math.min(index, this.lastIndex);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.termOf(middle as Index) as Term) <= term) low = middle;
      else high = middle - 1;
    }
    return Math.min(low, index) as Index;
  }

  /** The weight of the entries in (after, upTo], both within the log. */
  bytesBetween(after: Index, upTo: Index): number {
    return this.#totalAt(upTo) - this.#totalAt(after);
  }

  /** Entries from `from` on that weigh at most `maxBytes` together, but at least one if there is one up to `upTo`. */
  slice(from: Index, upTo: Index, maxBytes: number): readonly Entry[] {
    if (from > upTo) return NOTHING;
    const start = from - this.#snapshotIndex - 1;
    const before = start === 0 ? this.#totalBefore : (this.#totals[start - 1] as number);
    let low = start;
    let high = upTo - this.#snapshotIndex - 1;
    if ((this.#totals[high] as number) - before > maxBytes) {
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((this.#totals[middle] as number) - before <= maxBytes) low = middle;
        else high = middle - 1;
      }
    }
    return this.#entries.slice(start, high + 1);
  }

  /** Adds a leader's own entry at the end. */
  append(term: Term, type: Entry['type'], data: Uint8Array): Index {
    const index = (this.lastIndex + 1) as Index;
    const entry: Entry = { index, term, type, data };
    this.#totals.push(this.#lastTotal() + entryBytes(entry));
    this.#entries.push(entry);
    return index;
  }

  /**
   * Takes over a leader's entries, the first of which follows an entry that matches. What is already there stays; from the
   * first conflict on the tail is replaced (Raft paper §5.3).
   */
  take(entries: readonly Entry[]): void {
    let known = 0;
    for (const entry of entries) {
      if (this.termOf(entry.index) !== entry.term) break;
      known++;
    }
    const first = entries[known];
    if (first === undefined) return;
    if (first.index <= this.lastIndex) this.#truncateFrom(first.index);
    this.#push(known === 0 ? entries : entries.slice(known));
  }

  /** True if the commit index moved. It never falls, and never points past the end. */
  commitTo(index: Index): boolean {
    if (index <= this.#commit) return false;
    assert(
      index <= this.lastIndex,
      `the log ends at ${this.lastIndex} and has lost entries up to ${index} that it had acknowledged`,
    );
    this.#commit = index;
    return true;
  }

  /** Replaces everything by a snapshot that is ahead of the commit index. */
  restore(index: Index, term: Term): void {
    assert(index > this.#commit, 'a snapshot must not take back what is committed');
    this.#entries = [];
    this.#totals = [];
    this.#totalBefore = 0;
    this.#snapshotIndex = index;
    this.#snapshotTerm = term;
    this.#commit = this.#handedOut = this.#stable = this.#handedToDisk = index;
    for (const write of this.#writes) write.last = Math.min(write.last, index) as Index;
  }

  /** Forgets entries up to and including `index`, which must be applied. */
  compact(index: Index): void {
    assert(index <= this.#applied, 'only applied entries can be compacted');
    if (index <= this.#snapshotIndex) return;
    const gone = index - this.#snapshotIndex;
    this.#snapshotTerm = this.termOf(index) as Term;
    this.#totalBefore = this.#totals[gone - 1] as number;
    this.#entries = this.#entries.slice(gone);
    this.#totals = this.#totals.slice(gone);
    this.#snapshotIndex = index;
  }

  /** The entries that the disk has not been given yet, with the write that carries them under `sequence`. */
  takeForDisk(sequence: number): readonly Entry[] {
    const last = this.lastIndex;
    const entries = this.slice((this.#handedToDisk + 1) as Index, last, Number.POSITIVE_INFINITY);
    this.#handedToDisk = last;
    this.#writes.push({ sequence, last });
    return entries;
  }

  hasEntriesForDisk(): boolean {
    return this.#handedToDisk < this.lastIndex;
  }

  /** The write `sequence` and all before it are on disk. */
  persisted(sequence: number): void {
    let done = 0;
    for (const write of this.#writes) {
      if (write.sequence > sequence) break;
      if (write.last > this.#stable) this.#stable = write.last;
      done++;
    }
    if (done > 0) this.#writes.splice(0, done);
  }

  /** Committed and stable entries not handed out before, at most `maxBytes` (one at least). */
  takeCommitted(maxBytes: number): readonly Entry[] {
    const entries = this.slice((this.#handedOut + 1) as Index, this.#handOutLimit(), maxBytes);
    this.#handedOut = (this.#handedOut + entries.length) as Index;
    return entries;
  }

  hasCommitted(): boolean {
    return this.#handedOut < this.#handOutLimit();
  }

  /** The weight of what was handed out and is not applied yet. */
  applyingBytes(): number {
    return this.bytesBetween(Math.max(this.#applied, this.#snapshotIndex) as Index, this.#handedOut);
  }

  appliedTo(index: Index): void {
    assert(index <= this.#handedOut, 'only what was handed out can be applied');
    if (index > this.#applied) this.#applied = index;
  }

  /** Whether a membership change is among the entries in (after, upTo]. */
  hasConfEntry(after: Index, upTo: Index): boolean {
    for (let index = Math.max(after, this.#snapshotIndex) + 1; index <= upTo; index++) {
      if (this.#entries[index - this.#snapshotIndex - 1]?.type === 'conf') return true;
    }
    return false;
  }

  #handOutLimit(): Index {
    return Math.min(this.#commit, this.#stable) as Index;
  }

  #truncateFrom(index: Index): void {
    assert(index > this.#commit, `entry ${index} is committed and cannot be replaced`);
    const kept = index - this.#snapshotIndex - 1;
    this.#entries.length = kept;
    this.#totals.length = kept;
    const last = (index - 1) as Index;
    this.#stable = Math.min(this.#stable, last) as Index;
    this.#handedToDisk = Math.min(this.#handedToDisk, last) as Index;
    // A write on its way still ends in the old tail: when it is done, only what lies before the cut is on disk as it is now.
    for (const write of this.#writes) write.last = Math.min(write.last, last) as Index;
  }

  #push(entries: readonly Entry[]): void {
    let total = this.#lastTotal();
    let expected = this.lastIndex + 1;
    for (const entry of entries) {
      assert(entry.index === expected, `the log has a gap: ${entry.index} where ${expected} belongs`);
      expected++;
      total += entryBytes(entry);
      this.#totals.push(total);
      this.#entries.push(entry);
    }
  }

  #lastTotal(): number {
    return this.#totals.at(-1) ?? this.#totalBefore;
  }

  #totalAt(index: Index): number {
    return index === this.#snapshotIndex
      ? this.#totalBefore
      : (this.#totals[index - this.#snapshotIndex - 1] as number);
  }
}
