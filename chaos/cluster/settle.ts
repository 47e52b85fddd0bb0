import { setTimeout as pause } from 'node:timers/promises';
import { utf8Bytes } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
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
  const stuck = (await Promise.all(cluster.members.map(progressThrough))).flat();
  // Who takes no write will not come to the others' revision either: that is not waited for.
  return [...stuck, ...(await sameBytes(cluster, stuck.length > 0 ? 0 : CLUSTER_LIMITS.settleMs))];
}

async function progressThrough({ name, kv }: ChaosMember): Promise<Violations> {
  const untilMs = performance.now() + CLUSTER_LIMITS.settleMs;
  for (;;) {
    const put = { ...EMPTY_PUT_REQUEST, key: `settled/${name}`, value: utf8Bytes('yes') };
    const error = await kv.put(put, { timeoutMs: CLUSTER_LIMITS.callTimeoutMs }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return [];
    if (error instanceof StoreError && error.code === 'CORRUPT') return [`${name} says of itself: ${error.message}`];
    if (performance.now() > untilMs)
      return [`${name} took no write within ${CLUSTER_LIMITS.settleMs} ms of healing: ${String(error)}`];
    await pause(CLUSTER_LIMITS.pollMs);
  }
}

/** Leases may still run out, so revisions may still grow: members are asked for their hash at one revision that all have. */
async function sameBytes({ members }: ChaosCluster, withinMs: number): Promise<Violations> {
  const untilMs = performance.now() + withinMs;
  let [before, movedMs] = ['', performance.now()];
  for (;;) {
    const revisions = await Promise.all(members.map(revisionOf));
    const said = members.map(({ name }, i) => `${name} is at ${revisions[i]}`).join(', ');
    if (new Set(revisions).size === 1 && revisions[0] !== 0) return sameHashes(members, revisions[0] ?? 0);
    if (said !== before) [before, movedMs] = [said, performance.now()];
    // Leases end and alarms are cleared within seconds; what stands still for longer will not come.
    const isOver = performance.now() > untilMs || performance.now() - movedMs > CLUSTER_LIMITS.standstillMs;
    if (isOver) return [`members did not come to one revision: ${said}`];
    await pause(CLUSTER_LIMITS.pollMs);
  }
}

async function sameHashes(members: readonly ChaosMember[], revision: number): Promise<Violations> {
  const hashes = await Promise.all(members.map((member) => hashOf(member, revision)));
  if (new Set(hashes).size === 1) return [];
  return [`members differ at revision ${revision}: ${members.map(({ name }, i) => `${name} ${hashes[i]}`).join(', ')}`];
}

async function revisionOf({ kv }: ChaosMember): Promise<number> {
  const status = await kv.status({ timeoutMs: CLUSTER_LIMITS.callTimeoutMs }).catch(() => undefined);
  return status?.header?.revision ?? 0;
}

async function hashOf({ kv }: ChaosMember, revision: number): Promise<string> {
  const { hash } = await kv.hashKv({ revision }, { timeoutMs: CLUSTER_LIMITS.settleMs });
  return hash.toString(16).padStart(8, '0');
}
