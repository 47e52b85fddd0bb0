import { utf8Bytes } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
} from '../../proto/gen/etcd.ts';
import type { OpenLease } from '../sim/records.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** One client that keeps a key alive by a lease for a while, and then forgets about it or revokes it. */
export async function runLeaseClient(world: World, client: number, prng: Prng): Promise<void> {
  for (let count = 1; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * 4 * world.plan.thinkMs);
    const lease = await grant(world, client, { prng, count });
    if (lease === undefined) continue;
    const untilMs = world.clock.nowMs() + prng.unit() * 12_000;
    while (!world.isOver && world.clock.nowMs() < untilMs && lease.goneMs === undefined) {
      await world.clock.sleep(lease.ttlSeconds * 300 + prng.unit() * 500);
      await renew(world, client, lease, prng);
    }
    if (prng.chance(0.2)) await revoke(world, client, lease, prng);
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

async function revoke(world: World, client: number, lease: OpenLease, prng: Prng): Promise<void> {
  const target = world.someMember(prng);
  if (target === undefined) return;
  lease.revokedMs = world.clock.nowMs();
  await attempt(world, client, target, (kv) => kv.leaseRevoke({ ID: lease.id }));
}

/** One client that takes a lock with a lease, writes under it with its token as a fence, and lets it go. */
export async function runLockClient(world: World, client: number, prng: Prng): Promise<void> {
  const lock = 'lock/x';
  for (let count = 1; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * 6 * world.plan.thinkMs);
    const target = world.someMember(prng);
    if (target === undefined) continue;
    const owner = `lock.${client}.${count}`;
    const token = await attempt(world, client, target, async (kv) => {
      const { ID } = await kv.leaseGrant({ ID: 0n, TTL: 2 });
      const put = { ...EMPTY_PUT_REQUEST, key: lock, value: utf8Bytes(owner), lease: ID };
      const { header, succeeded } = await kv.txn({
        compare: [created(lock, 0)],
        success: [{ request: { case: 'requestPut', requestPut: put } }],
        failure: [],
      });
      return succeeded ? (header?.revision ?? 0) : 0;
    });
    for (let i = 0; token !== undefined && token > 0 && i < 4 && !world.isOver; i++) {
      await world.clock.sleep(prng.unit() * 1500);
      if (!(await writeUnderLock(world, client, { lock, owner, token, value: `${owner}.${i}`, prng }))) break;
    }
  }
}

async function writeUnderLock(
  world: World,
  client: number,
  of: {
    readonly lock: string;
    readonly owner: string;
    readonly token: number;
    readonly value: string;
    readonly prng: Prng;
  },
): Promise<boolean> {
  const { lock, owner, token, value, prng } = of;
  const target = world.someMember(prng);
  if (target === undefined) return true;
  const put = { ...EMPTY_PUT_REQUEST, key: 'guard/x', value: utf8Bytes(value) };
  const answer = await attempt(world, client, target, (kv) =>
    kv.txn({
      compare: [created(lock, token)],
      success: [{ request: { case: 'requestPut', requestPut: put } }],
      failure: [{ request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key: lock } } }],
    }),
  );
  if (answer === undefined) return true;
  if (answer.succeeded)
    world.records.guarded.push({ client, lock, owner, token, revision: answer.header?.revision ?? 0 });
  else checkRefusal(world, client, { token, response: answer.responses[0]?.response });
  return answer.succeeded;
}

/** Who is refused is shown why: the lock is free, or another's. */
function checkRefusal(
  world: World,
  client: number,
  of: {
    readonly token: number;
    readonly response: Awaited<ReturnType<ReturnTypeOfTxn>>['responses'][number]['response'];
  },
): void {
  const row = of.response?.case === 'responseRange' ? of.response.responseRange.kvs[0] : undefined;
  if (row !== undefined && decodeKeyValue(row).createRevision === of.token)
    world.violations.push(`client ${client} was refused under a lock that it has: token ${of.token}`);
}

type ReturnTypeOfTxn = import('../sim/sim-member.ts').MemberClient['txn'];

function created(key: string, createRevision: number) {
  return {
    ...EMPTY_COMPARE,
    result: CompareResult.EQUAL,
    target: CompareTarget.CREATE,
    key,
    targetUnion: { case: 'createRevision', createRevision } as const,
  };
}
