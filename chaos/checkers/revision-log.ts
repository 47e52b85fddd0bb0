/** One change of one key. `value` undefined: deleted. `previous`: the value before the revision, where it is known. */
export interface Change {
  readonly key: string;
  readonly value: string | undefined;
  readonly previous: string | undefined;
  readonly lease?: bigint;
}

/** A key as it is after some revision. */
export interface KeyState {
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

/** Everything that was ever committed, revision by revision: what all else is compared with. */
export class RevisionLog {
  readonly #revisions = new Map<number, readonly Change[]>();
  readonly #states: ReadonlyMap<string, KeyState>[] = [new Map()];
  #last = 1;

  get last(): number {
    return this.#last;
  }

  /**
   * The changes of a revision; what is told twice must be the same. Returns what was known when it is not. `mayLack`: the revision
   * was compacted to, so that previous values may be gone from it.
   */
  record(
    revision: number,
    changes: readonly Change[],
    options: { readonly mayLack: boolean } = { mayLack: false },
  ): readonly Change[] | undefined {
    const known = this.#revisions.get(revision);
    const told =
      options.mayLack && known !== undefined ? changes.map((change, i) => filled(change, known[i])) : changes;
    const before = options.mayLack ? known?.map((change, i) => filled(change, told[i])) : known;
    if (before !== undefined && !sameChanges(before, told)) return known;
    this.#revisions.set(revision, told);
    this.#last = Math.max(this.#last, revision);
    return undefined;
  }

  changesAt(revision: number): readonly Change[] | undefined {
    return this.#revisions.get(revision);
  }

  /** Every key after `revision`; to be asked only once everything is recorded. */
  stateAt(revision: number): ReadonlyMap<string, KeyState> {
    for (let at = this.#states.length; at <= revision; at++) {
      const before = this.#states[at - 1] as ReadonlyMap<string, KeyState>;
      this.#states.push(after(before, this.#revisions.get(at) ?? [], at));
    }
    return this.#states[revision] ?? new Map();
  }
}

function filled(change: Change, other: Change | undefined): Change {
  return change.previous === undefined && other !== undefined ? { ...change, previous: other.previous } : change;
}

function after(
  before: ReadonlyMap<string, KeyState>,
  changes: readonly Change[],
  revision: number,
): ReadonlyMap<string, KeyState> {
  if (changes.length === 0) return before;
  const next = new Map(before);
  for (const { key, value } of changes) {
    const old = next.get(key);
    if (value === undefined) next.delete(key);
    else
      next.set(key, {
        value,
        createRevision: old?.createRevision ?? revision,
        modRevision: revision,
        version: (old?.version ?? 0) + 1,
      });
  }
  return next;
}

/** Whether two members, or a member and a watcher, were told the same. */
export function sameChanges(a: readonly Change[], b: readonly Change[]): boolean {
  return (
    a.length === b.length &&
    a.every((change, i) => {
      const other = b[i] as Change;
      return change.key === other.key && change.value === other.value && change.previous === other.previous;
    })
  );
}
