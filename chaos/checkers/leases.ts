import type { Violations } from './operation.ts';

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
  for (const { id, client, ttlSeconds, renewedMs, revokedMs, goneMs } of leases) {
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
    const lateAfter = goneMs === undefined ? renewedMs.at(-1) : undefined;
    if (lateAfter === undefined) continue;
    const latest = Math.max(lateAfter, bounds.healthyFromMs) + ttlMs * (1 + bounds.drift) + bounds.graceMs;
    if (bounds.endMs > latest)
      violations.push(`${name} is still there ${Math.round(bounds.endMs - latest)} ms too late`);
  }
  return violations;
}
