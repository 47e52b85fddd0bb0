import type { Entry, SnapshotMeta } from '../../raft/types.ts';

/**
 * Where the log ends and which terms it is made of, without its entries: enough to follow, at the writing end, what a replay of the
 * same records will come to (replay.ts).
 */
export class LogTail {
  #snapshotIndex: number;
  #lastIndex: number;
  /** Ascending; a run ends where the next begins. All behind `#snapshotIndex`. */
  #runs: { readonly from: number; readonly term: number }[] = [];

  constructor(snapshotIndex: number, entries: readonly Entry[]) {
    this.#snapshotIndex = snapshotIndex;
    this.#lastIndex = snapshotIndex;
    for (const entry of entries) this.#push(entry);
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Whether these may be appended after `snapshot`: each follows the one before, the first follows or replaces what is there. */
  accepts(entries: readonly Entry[], snapshot: SnapshotMeta | undefined): boolean {
    let last = Math.max(this.#lastIndex, snapshot?.index ?? 0);
    let isFirst = true;
    for (const { index } of entries) {
      if (isFirst ? index > last + 1 || index < 1 : index !== last + 1) return false;
      last = index;
      isFirst = false;
    }
    return true;
  }

  add(entries: readonly Entry[], snapshot: SnapshotMeta | undefined): void {
    if (snapshot !== undefined) this.#restart(snapshot);
    for (const entry of entries) this.#push(entry);
  }

  #push(entry: Entry): void {
    if (entry.index <= this.#snapshotIndex) return;
    while ((this.#runs.at(-1)?.from ?? 0) >= entry.index) this.#runs.pop();
    if (this.#runs.at(-1)?.term !== entry.term) this.#runs.push({ from: entry.index, term: entry.term });
    this.#lastIndex = entry.index;
  }

  #restart(snapshot: SnapshotMeta): void {
    if (snapshot.index < this.#snapshotIndex) return;
    const agrees = snapshot.index === this.#snapshotIndex || this.#termAt(snapshot.index) === snapshot.term;
    const next = agrees ? this.#termAt(snapshot.index + 1) : undefined;
    const later = this.#runs.filter((run) => run.from > snapshot.index + 1);
    this.#runs = next === undefined ? [] : [{ from: snapshot.index + 1, term: next }, ...later];
    if (next === undefined) this.#lastIndex = snapshot.index;
    this.#snapshotIndex = snapshot.index;
  }

  #termAt(index: number): number | undefined {
    if (index > this.#lastIndex) return undefined;
    return this.#runs.findLast((run) => run.from <= index)?.term;
  }
}
