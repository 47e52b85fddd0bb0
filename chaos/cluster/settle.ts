import { setTimeout as pause } from 'node:timers/promises';
import { utf8Bytes } from '../../base/bytes.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import type { Violations } from '../checkers/operation.ts';
import type { ChaosCluster, ChaosMember } from './harness/cluster.ts';
import { CLUSTER_LIMITS } from './limits.ts';

/**
 * What a healed cluster must come to: everybody serves and agrees on a leader, takes a write, and all hold the same bytes at the
 * same revision. Answers what it did not come to in time.
 */
export async function settle(cluster: ChaosCluster): Promise<Violations> {
  const whole = await cluster.untilReady().then(
    () => [],
    (error: Error) => [error.message],
  );
  if (whole.length > 0) return whole;
  const writes = await Promise.all(cluster.members.map(progressThrough));
  return [...writes.flat(), ...(await sameBytes(cluster))];
}

async function progressThrough({ name, kv }: ChaosMember): Promise<Violations> {
  const untilMs = performance.now() + CLUSTER_LIMITS.settleMs;
  for (;;) {
    const put = { ...EMPTY_PUT_REQUEST, key: `settled/${name}`, value: utf8Bytes('yes') };
    const error = await kv.put(put, { timeoutMs: CLUSTER_LIMITS.callTimeoutMs }).then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    if (error === undefined) return [];
    if (performance.now() > untilMs)
      return [`${name} took no write within ${CLUSTER_LIMITS.settleMs} ms of healing: ${error}`];
    await pause(CLUSTER_LIMITS.pollMs);
  }
}

/** Leases may still run out, so revisions may still grow: members are asked for their hash at one revision that all have. */
async function sameBytes({ members }: ChaosCluster): Promise<Violations> {
  const untilMs = performance.now() + CLUSTER_LIMITS.settleMs;
  for (;;) {
    const revisions = await Promise.all(members.map(revisionOf));
    if (new Set(revisions).size === 1 && revisions[0] !== 0) {
      const hashes = await Promise.all(members.map((member) => hashOf(member, revisions[0] ?? 0)));
      if (new Set(hashes).size === 1) return [];
      const said = members.map(({ name }, i) => `${name} ${hashes[i]}`).join(', ');
      return [`members differ at revision ${revisions[0]}: ${said}`];
    }
    if (performance.now() > untilMs) {
      const said = members.map(({ name }, i) => `${name} is at ${revisions[i]}`).join(', ');
      return [`members did not come to one revision within ${CLUSTER_LIMITS.settleMs} ms: ${said}`];
    }
    await pause(CLUSTER_LIMITS.pollMs);
  }
}

async function revisionOf({ kv }: ChaosMember): Promise<number> {
  const status = await kv.status({ timeoutMs: CLUSTER_LIMITS.callTimeoutMs }).catch(() => undefined);
  return status?.header?.revision ?? 0;
}

async function hashOf({ kv }: ChaosMember, revision: number): Promise<string> {
  const { hash } = await kv.hashKv({ revision }, { timeoutMs: CLUSTER_LIMITS.settleMs });
  return hash.toString(16).padStart(8, '0');
}
