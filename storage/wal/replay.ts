import { type Index, NO_MEMBER, type Term } from '../../base/brand.ts';
import { allocateBytes, compareBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import type { Entry, HardState, SnapshotMeta } from '../../raft/types.ts';
import type { SegmentContent } from './reader.ts';
import { corrupt } from './wal-error.ts';

/** Before the first vote. */
export const NO_STATE: HardState = { term: 0 as Term, vote: NO_MEMBER, commit: 0 as Index };
/** Before the first snapshot: an empty state machine without members. */
export const NO_SNAPSHOT: SnapshotMeta = {
  index: 0 as Index,
  term: 0 as Term,
  conf: { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false },
};

/** The log that its records describe, in the order in which they were written: later ones win. */
export class Replay {
  #metadata: Uint8Array = EMPTY_BYTES;
  #hardState = NO_STATE;
  #snapshot = NO_SNAPSHOT;
  /** Index before the first of `#entries`. */
  #base = 0;
  #entries: Entry[] = [];
  #isFirst = true;
  /** Entries from here on lie in the segment that is being taken up. */
  #firstNew = 1;

  get metadata(): Uint8Array {
    return this.#metadata;
  }

  get snapshot(): SnapshotMeta {
    return this.#snapshot;
  }

  /** Entries behind the snapshot. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get lastIndex(): number {
    return this.#base + this.#entries.length;
  }

  /** A state machine that has the snapshot has committed it, whatever the last hard state knew. */
  get hardState(): HardState {
    const { commit } = this.#hardState;
    return commit >= this.#snapshot.index ? this.#hardState : { ...this.#hardState, commit: this.#snapshot.index };
  }

  /** Takes up the next segment; returns the highest index of an entry in it. Errors: CORRUPT. */
  add(segment: SegmentContent, file: string): number {
    if (this.#isFirst) this.#base = segment.prologue.lastIndex;
    else if (this.lastIndex !== segment.prologue.lastIndex) {
      throw corrupt(
        file,
        24,
        `the log ends at index ${this.lastIndex}, this segment follows ${segment.prologue.lastIndex}`,
      );
    }
    let maxIndex = 0;
    this.#firstNew = this.lastIndex + 1;
    for (const record of segment.records) {
      if (record.type === 'entry') {
        maxIndex = Math.max(maxIndex, record.entry.index);
        this.#addEntry(record.entry, file);
      } else if (record.type === 'hard-state') this.#hardState = record.state;
      else if (record.type === 'snapshot') this.#addSnapshot(record.meta);
      else if (record.type === 'metadata') this.#addMetadata(record.data, file);
    }
    this.#isFirst = false;
    this.#keepEntries(segment.endBytes);
    return maxIndex;
  }

  /** To be called after the last segment. Errors: CORRUPT when entries that should follow the snapshot are not there. */
  finish(file: string): void {
    if (this.#base > this.#snapshot.index) {
      const what = `the newest snapshot is at index ${this.#snapshot.index}, the entries begin at ${this.#base + 1}`;
      throw corrupt(file, 0, `segments are missing: ${what}`);
    }
  }

  /** An entry at or below the last one replaces it and everything behind it, as the leader who sent it says. */
  #addEntry(entry: Entry, file: string): void {
    if (entry.index > this.lastIndex + 1) {
      throw corrupt(file, 0, `entry ${entry.index} does not follow ${this.lastIndex}`);
    }
    if (entry.index <= this.#base) {
      if (entry.index <= this.#snapshot.index) return; // the snapshot has it
      this.#base = entry.index - 1;
    }
    this.#entries.length = entry.index - 1 - this.#base;
    this.#entries.push(entry);
    if (entry.index < this.#firstNew) this.#firstNew = entry.index;
  }

  /** Entries that the snapshot covers go; those behind it stay only if the log agrees with it (Raft paper §7). */
  #addSnapshot(meta: SnapshotMeta): void {
    if (meta.index < this.#snapshot.index) return;
    this.#snapshot = meta;
    if (meta.index < this.#base) return; // repeated at the head of the oldest segment: a newer one follows, or finish() fails
    const last = this.#entries[meta.index - this.#base - 1];
    const agrees = meta.index === this.#base || last?.term === meta.term;
    this.#entries = agrees ? this.#entries.slice(meta.index - this.#base) : [];
    this.#base = meta.index;
  }

  /** Little that is left of a segment's entries is copied, all to one place: it must not keep the whole segment in memory. */
  #keepEntries(segmentBytes: number): void {
    const start = Math.max(0, this.#firstNew - 1 - this.#base);
    let sizeBytes = 0;
    for (let i = start; i < this.#entries.length; i++) sizeBytes += (this.#entries[i] as Entry).data.length;
    if (sizeBytes > segmentBytes / 2) return;
    const bytes = allocateBytes(sizeBytes);
    let at = 0;
    for (let i = start; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Entry;
      bytes.set(entry.data, at);
      this.#entries[i] = { ...entry, data: bytes.subarray(at, (at += entry.data.length)) };
    }
  }

  #addMetadata(data: Uint8Array, file: string): void {
    if (this.#isFirst) this.#metadata = data;
    else if (compareBytes(this.#metadata, data) !== 0)
      throw corrupt(file, 0, 'this segment belongs to the log of another member');
  }
}
