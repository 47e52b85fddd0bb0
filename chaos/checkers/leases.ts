import type { Violations } from './operation.ts';
import type { RevisionLog } from './revision-log.ts';

/** One lease as its client and the world know it. Times in milliseconds of true time. */
export interface LeaseRecord {
  readonly id: bigint;
  readonly client: number;
  readonly ttlSeconds: number;
  /** When each grant or renewal that was acknowledged had been asked for: the lease lives at least `ttlSeconds` from the last on. */
  readonly renewedMs: readonly number[];
  /** When the client asked for the last renewal whose outcome is unknown, or for a revoke: from then on anything may happen. */
  readonly revokedMs: number | undefined;
  /** When any member first published that a key of the lease was gone because of it; undefined: it never was. */
  readonly goneMs: number | undefined;
  /** No member has it in the end, and nobody was told when it went: history was compacted before anybody had read so far. */
  readonly wentUnseen?: boolean;
}

export interface LeaseBounds {
  /** How much faster than true time a member's clock may run: 0.1 stands for 10 %. */
  readonly drift: number;
  /** From the end of a lease to its disappearance, when a leader could be elected and reach a majority. */
  readonly graceMs: number;
  /** From then on the cluster was healthy. */
  readonly healthyFromMs: number;
  readonly endMs: number;
}

/** A lease never ends early, by true time and however often the leader changes; and not forever late once the cluster is healthy. */
export function checkLeases(leases: readonly LeaseRecord[], bounds: LeaseBounds): Violations {
  const violations: string[] = [];
  for (const { id, client, ttlSeconds, renewedMs, revokedMs, goneMs, wentUnseen = false } of leases) {
    const name = `lease ${id.toString(16)} of client ${client} (${ttlSeconds} s)`;
    const ttlMs = ttlSeconds * 1000;
    const last = renewedMs.filter((at) => goneMs === undefined || at <= goneMs).at(-1);
    if (last === undefined) continue;
    const earliest = last + ttlMs / (1 + bounds.drift);
    const wasRevoked = revokedMs !== undefined && goneMs !== undefined && revokedMs <= goneMs;
    if (goneMs !== undefined && goneMs < earliest && !wasRevoked)
      violations.push(
        `${name} was gone at ${Math.round(goneMs)}, renewed at ${Math.round(last)}: ${Math.round(earliest - goneMs)} ms early`,
      );
    const lateAfter = goneMs === undefined && !wentUnseen ? renewedMs.at(-1) : undefined;
    if (lateAfter === undefined) continue;
    const latest = Math.max(lateAfter, bounds.healthyFromMs) + ttlMs * (1 + bounds.drift) + bounds.graceMs;
    if (bounds.endMs > latest)
      violations.push(`${name} is still there ${Math.round(bounds.endMs - latest)} ms too late`);
  }
  return violations;
}

/** What a member said of a lease: as it was at some revision that was there between the question and the answer. */
export interface LeaseLook {
  readonly client: number;
  readonly id: bigint;
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly keys: readonly string[];
  readonly leftSeconds: number;
  readonly grantedSeconds: number;
}

/**
 * A lease takes its own keys along, all of them and no others: not one that has moved to another lease or hangs on none any more. And it
 * says so when it is asked. `isOurs`: keys that only leases delete. `extendMs`: what a new leader adds to every lease, because clients had nobody to ask before: an
 * answer right after an election may tell of more than was granted, as etcd's does.
 */
export function checkLeaseKeys(
  log: RevisionLog,
  looks: readonly LeaseLook[],
  options: { readonly isOurs: (key: string) => boolean; readonly extendMs: number },
): Violations {
  const violations: string[] = [];
  for (let revision = 2; revision <= log.last; revision++) {
    const changes = log.changesAt(revision) ?? [];
    const gone = changes.filter(({ value }) => value === undefined).map(({ key }) => key);
    if (gone.some(options.isOurs)) violations.push(...checkRevoke(log, revision, gone));
  }
  for (const { client, id, fromRevision, toRevision, keys, leftSeconds, grantedSeconds } of looks) {
    const name = `client ${client} asked for lease ${id.toString(16)}`;
    let revision = fromRevision;
    while (revision <= toRevision && keysOf(log, revision, id).join(' ') !== keys.join(' ')) revision++;
    if (revision > toRevision)
      violations.push(
        `${name}: told of the keys ${keys.join(' ') || '(none)'}, which it had at no revision of ${fromRevision} to ${toRevision}`,
      );
    if (leftSeconds * 1000 > grantedSeconds * 1000 + options.extendMs)
      violations.push(`${name}: ${leftSeconds} s left of ${grantedSeconds} s`);
  }
  return violations;
}

function checkRevoke(log: RevisionLog, revision: number, gone: readonly string[]): Violations {
  const before = log.stateAt(revision - 1);
  const leases = new Set(gone.map((key) => before.get(key)?.lease ?? 0n));
  const [lease = 0n] = leases;
  const name = `revision ${revision} took ${gone.join(' ')}`;
  if (leases.has(0n)) return [`${name}, of which some hung on no lease`];
  if (leases.size > 1) return [`${name}, which hung on different leases`];
  const left = keysOf(log, revision - 1, lease).filter((key) => !gone.includes(key));
  return left.length === 0 ? [] : [`${name}, and left ${left.join(' ')} of the same lease`];
}

/** In byte order. */
function keysOf(log: RevisionLog, revision: number, lease: bigint): readonly string[] {
  return [...log.stateAt(revision)].flatMap(([key, state]) => (state.lease === lease ? [key] : [])).sort();
}
