import type { Violations } from './operation.ts';
import type { KeyState, RevisionLog } from './revision-log.ts';

/** Something that was done under a lock: accepted by the store at `revision`, on the strength of `token`. */
export interface GuardedWrite {
  readonly client: number;
  /** The key that is the lock; of a queue, what the keys of all who wait begin with. */
  readonly lock: string;
  /** Whoever came first of all that wait has it, as in etcd's lock service; otherwise whoever made the one key. */
  readonly isQueue?: boolean;
  /** What the lock key held while its owner had it: the owner's name. */
  readonly owner: string;
  /** The create revision of the lock key. */
  readonly token: number;
  readonly revision: number;
}

/**
 * Mutual exclusion with fencing: whatever was accepted under a lock was accepted while the lock was its owner's, and tokens
 * never fall from one accepted write to the next.
 */
export function checkLocks(log: RevisionLog, writes: readonly GuardedWrite[]): Violations {
  const violations: string[] = [];
  const newest = new Map<string, GuardedWrite>();
  for (const write of [...writes].sort((a, b) => a.revision - b.revision)) {
    const { lock, owner, token } = write;
    const held = holderOf(log, write);
    if (held?.value !== owner || held.createRevision !== token)
      violations.push(
        `${describe(write)}: the lock was ${held === undefined ? 'free' : `${held.value}'s since ${held.createRevision}`}`,
      );
    const before = newest.get(lock);
    if (before !== undefined && before.token > token)
      violations.push(`${describe(write)}, after ${describe(before)}: the token fell`);
    newest.set(lock, write);
  }
  return violations;
}

/** The key that had the lock right before the write. */
function holderOf(log: RevisionLog, { lock, isQueue, revision }: GuardedWrite): KeyState | undefined {
  const state = log.stateAt(revision - 1);
  if (isQueue !== true) return state.get(lock);
  const waiting = [...state].filter(([key]) => key.startsWith(lock)).map(([, row]) => row);
  return waiting.sort((a, b) => a.createRevision - b.createRevision)[0];
}

function describe({ client, lock, owner, token, revision }: GuardedWrite): string {
  return `client ${client} as ${owner} wrote at revision ${revision} under ${lock} with token ${token}`;
}
