/** One change of one key. `value` undefined: deleted. `previous`: the value before the revision, where it is known. */
export interface Change {
  readonly key: string;
  readonly value: string | undefined;
  readonly previous: string | undefined;
  /** Of a put: the lease it hangs on; 0 or undefined: none. */
  readonly lease?: bigint;
}

/** A key as it is after some revision. */
export interface KeyState {
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0: none. */
  readonly lease: bigint;
}

/** All keys after some revision. Never changed in place. */
export type StoreState = ReadonlyMap<string, KeyState>;

/** Everything that was ever committed, revision by revision: what all else is compared with. */
export class RevisionLog {
  readonly #revisions = new Map<number, readonly Change[]>();
  readonly #states: StoreState[] = [new Map()];
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
  stateAt(revision: number): StoreState {
    for (let at = this.#states.length; at <= revision; at++) {
      const before = this.#states[at - 1] as StoreState;
      this.#states.push(after(before, this.#revisions.get(at) ?? [], at));
    }
    return this.#states[revision] ?? new Map();
  }
}

function filled(change: Change, other: Change | undefined): Change {
  return change.previous === undefined && other !== undefined ? { ...change, previous: other.previous } : change;
}

/** The state after the changes of one revision. */
export function after(before: StoreState, changes: readonly Change[], revision: number): StoreState {
  if (changes.length === 0) return before;
  const next = new Map(before);
  for (const { key, value, lease = 0n } of changes) {
    const old = next.get(key);
    if (value === undefined) next.delete(key);
    else
      next.set(key, {
        value,
        createRevision: old?.createRevision ?? revision,
        modRevision: revision,
        version: (old?.version ?? 0) + 1,
        lease,
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
      return (
        change.key === other.key &&
        change.value === other.value &&
        change.previous === other.previous &&
        (change.lease ?? 0n) === (other.lease ?? 0n)
      );
    })
  );
}

/** Whether two answers describe a key in the same way; undefined: it is not there. */
export function sameKeyState(a: KeyState | undefined, b: KeyState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.value === b.value &&
    a.createRevision === b.createRevision &&
    a.modRevision === b.modRevision &&
    a.version === b.version &&
    a.lease === b.lease
  );
}

/** A key's state as text, for a violation. */
export function textOfKey(state: KeyState | undefined): string {
  if (state === undefined) return '(none)';
  const { value, createRevision, modRevision, version, lease } = state;
  const on = lease === 0n ? '' : ` on lease ${lease.toString(16)}`;
  return `${value} (created ${createRevision}, modified ${modRevision}, version ${version}${on})`;
}
