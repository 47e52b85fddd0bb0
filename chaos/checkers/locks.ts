import type { Violations } from './operation.ts';
import type { RevisionLog } from './revision-log.ts';

/** Something that was done under a lock: accepted by the store at `revision`, on the strength of `token`. */
export interface GuardedWrite {
  readonly client: number;
  readonly lock: string;
  /** What the lock key held while its owner had it: the owner's name. */
  readonly owner: string;
  /** The create revision of the lock key. */
  readonly token: number;
  readonly revision: number;
}

/**
 * Mutual exclusion with fencing: whatever was accepted under a lock was accepted while the lock key was its owner's, and tokens
 * never fall from one accepted write to the next.
 */
export function checkLocks(log: RevisionLog, writes: readonly GuardedWrite[]): Violations {
  const violations: string[] = [];
  const newest = new Map<string, GuardedWrite>();
  for (const write of [...writes].sort((a, b) => a.revision - b.revision)) {
    const { lock, owner, token, revision } = write;
    const held = log.stateAt(revision - 1).get(lock);
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

function describe({ client, lock, owner, token, revision }: GuardedWrite): string {
  return `client ${client} as ${owner} wrote at revision ${revision} under ${lock} with token ${token}`;
}
