import { utf8Bytes } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import type { OpenLease } from '../sim/records.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** More than a member applies before it tells its watchers. */
const UNTOLD_REVISIONS = 20;

/**
 * One client that keeps a key alive by a lease for a while, and then forgets about it or revokes it. Other keys of its own hang now on this
 * lease, now on the one before, now on none.
 */
export async function runLeaseClient(world: World, client: number, prng: Prng): Promise<void> {
  let before: OpenLease | undefined;
  for (let count = 1; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * 4 * world.plan.thinkMs);
    const lease = await grant(world, client, { prng, count });
    if (lease === undefined) continue;
    const untilMs = world.clock.nowMs() + prng.unit() * 12_000;
    while (!world.isOver && world.clock.nowMs() < untilMs && lease.goneMs === undefined) {
      await world.clock.sleep(lease.ttlSeconds * 300 + prng.unit() * 500);
      await renew(world, client, lease, prng);
      const id = prng.pick([lease.id, lease.id, before?.id ?? 0n, 0n]);
      await hang(world, client, { key: `l/${client}/${prng.pick(['a', 'b'])}`, id, prng });
      if (prng.chance(0.3)) await look(world, client, prng.pick([lease.id, before?.id ?? lease.id]), prng);
    }
    if (prng.chance(0.2)) await revoke(world, client, lease, prng);
    before = lease;
  }
}

async function grant(
  world: World,
  client: number,
  of: { readonly prng: Prng; readonly count: number },
): Promise<OpenLease | undefined> {
  const target = world.someMember(of.prng);
  if (target === undefined) return undefined;
  const askedMs = world.clock.nowMs();
  const key = `l/${client}.${of.count}`;
  const granted = await attempt(world, client, target, (kv) => kv.leaseGrant({ ID: 0n, TTL: of.prng.between(2, 5) }));
  if (granted === undefined) return undefined;
  const lease: OpenLease = {
    id: granted.ID,
    client,
    key,
    ttlSeconds: granted.TTL,
    renewedMs: [askedMs],
    revokedMs: undefined,
    goneMs: undefined,
  };
  const put = { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(key), lease: lease.id };
  const done = await attempt(world, client, target, (kv) => kv.put(put));
  if (done === undefined) return undefined;
  world.records.leases.push(lease);
  return lease;
}

async function renew(world: World, client: number, lease: OpenLease, prng: Prng): Promise<void> {
  const target = world.someMember(prng);
  if (target === undefined || lease.goneMs !== undefined) return;
  const askedMs = world.clock.nowMs();
  const renewed = await attempt(world, client, target, (kv) => kv.leaseKeepAlive(lease.id));
  world.note(() => `client ${client} renews ${lease.key} on ${target.name}: ${renewed?.TTL ?? 'unknown'}`);
  if (renewed !== undefined && renewed.TTL > 0) lease.renewedMs.push(askedMs);
}

/** Puts a key on a lease, or takes it off any. */
async function hang(
  world: World,
  client: number,
  of: { readonly key: string; readonly id: bigint; readonly prng: Prng },
): Promise<void> {
  const target = world.someMember(of.prng);
  const put = { ...EMPTY_PUT_REQUEST, key: of.key, value: utf8Bytes(`${of.id}`), lease: of.id };
  if (target !== undefined) await attempt(world, client, target, (kv) => kv.put(put));
}

async function look(world: World, client: number, id: bigint, prng: Prng): Promise<void> {
  const target = world.someMember(prng);
  const fromRevision = world.log.last;
  const seen = target && (await attempt(world, client, target, (kv) => kv.leaseTimeToLive({ ID: id, keys: true })));
  if (seen === undefined || seen.TTL < 0) return;
  const { TTL: leftSeconds, grantedTTL: grantedSeconds, keys } = seen;
  // What the leader has just applied may not have been told yet.
  const toRevision = world.log.last + UNTOLD_REVISIONS;
  world.records.leaseLooks.push({ client, id, fromRevision, toRevision, keys, leftSeconds, grantedSeconds });
}

async function revoke(world: World, client: number, lease: OpenLease, prng: Prng): Promise<void> {
  const target = world.someMember(prng);
  if (target === undefined) return;
  lease.revokedMs = world.clock.nowMs();
  await attempt(world, client, target, (kv) => kv.leaseRevoke({ ID: lease.id }));
}
