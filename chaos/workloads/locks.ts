import { utf8Bytes } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import {
  type Compare,
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type TxnRequest,
  type TxnResponse,
} from '../../proto/gen/etcd.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** Milliseconds between two looks at who has the lock. */
const LOOK_MS = 100;

/** A lock that somebody has. */
interface Held {
  readonly lock: string;
  readonly isQueue: boolean;
  /** The key that proves it. */
  readonly key: string;
  readonly owner: string;
  readonly token: number;
}

/** One client that takes a lock with a lease, writes under it with its token as a fence, and lets it go. */
export async function runLockClient(world: World, client: number, prng: Prng): Promise<void> {
  for (let count = 1; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * 6 * world.plan.thinkMs);
    const owner = `lock.${client}.${count}`;
    const held = prng.chance(0.5)
      ? await takeKey(world, client, { owner, prng })
      : await queueUp(world, client, { owner, prng });
    if (held === undefined) continue;
    for (let i = 0; i < 4 && !world.isOver; i++) {
      await world.clock.sleep(prng.unit() * 1500);
      if (!(await writeUnderLock(world, client, { held, value: `${owner}.${i}`, prng }))) break;
    }
    if (held.isQueue && prng.chance(0.5)) await unlock(world, client, held, prng);
  }
}

/** Whoever makes the key has the lock. */
async function takeKey(
  world: World,
  client: number,
  of: { readonly owner: string; readonly prng: Prng },
): Promise<Held | undefined> {
  const lock = 'lock/x';
  const { owner, prng } = of;
  const target = world.someMember(prng);
  if (target === undefined) return undefined;
  const token = await attempt(world, client, target, async (kv) => {
    const { ID } = await kv.leaseGrant({ ID: 0n, TTL: 2 });
    const { header, succeeded } = await kv.txn(putIfNew(lock, owner, ID));
    return succeeded ? (header?.revision ?? 0) : 0;
  });
  return token === undefined || token === 0 ? undefined : { lock, isQueue: false, key: lock, owner, token };
}

/** As etcd's lock service does: whoever waits has a key of its own, and who came first has the lock. */
async function queueUp(
  world: World,
  client: number,
  of: { readonly owner: string; readonly prng: Prng },
): Promise<Held | undefined> {
  const lock = 'queue/';
  const { owner, prng } = of;
  const target = world.someMember(prng);
  if (target === undefined) return undefined;
  const key = `${lock}${owner}`;
  const token = await attempt(world, client, target, async (kv) => {
    const { ID } = await kv.leaseGrant({ ID: 0n, TTL: 3 });
    const { header } = await kv.txn(putIfNew(key, owner, ID));
    return header?.revision ?? 0;
  });
  const untilMs = world.clock.nowMs() + 3000;
  while (token !== undefined && !world.isOver && world.clock.nowMs() < untilMs) {
    const from = world.someMember(prng);
    const request = { ...EMPTY_RANGE_REQUEST, key: lock, rangeEnd: 'queue0' };
    const seen = from && (await attempt(world, client, from, (kv) => kv.range(request)));
    const rows = seen?.kvs.map((kv) => decodeKeyValue(kv)).sort((a, b) => a.createRevision - b.createRevision);
    if (rows?.[0]?.key === key) return { lock, isQueue: true, key, owner, token };
    if (rows !== undefined && !rows.some((row) => row.key === key)) return undefined;
    await world.clock.sleep(LOOK_MS);
  }
  return undefined;
}

async function writeUnderLock(
  world: World,
  client: number,
  of: { readonly held: Held; readonly value: string; readonly prng: Prng },
): Promise<boolean> {
  const { held, value, prng } = of;
  const { key, token, lock, owner, isQueue } = held;
  const target = world.someMember(prng);
  if (target === undefined) return true;
  const put = { ...EMPTY_PUT_REQUEST, key: 'guard/x', value: utf8Bytes(value) };
  const answer = await attempt(world, client, target, (kv) =>
    kv.txn({
      compare: [created(key, token)],
      success: [{ request: { case: 'requestPut', requestPut: put } }],
      failure: [{ request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key } } }],
    }),
  );
  if (answer === undefined) return true;
  if (answer.succeeded)
    world.records.guarded.push({ client, lock, owner, token, isQueue, revision: answer.header?.revision ?? 0 });
  else checkRefusal(world, client, token, answer);
  return answer.succeeded;
}

async function unlock(world: World, client: number, { key }: Held, prng: Prng): Promise<void> {
  const target = world.someMember(prng);
  if (target !== undefined)
    await attempt(world, client, target, (kv) => kv.deleteRange({ ...EMPTY_DELETE_RANGE_REQUEST, key }));
}

/** Who is refused is shown why: the lock is free, or another's. */
function checkRefusal(world: World, client: number, token: number, { responses }: TxnResponse): void {
  const answer = responses[0]?.response;
  const row = answer?.case === 'responseRange' ? answer.responseRange.kvs[0] : undefined;
  if (row !== undefined && decodeKeyValue(row).createRevision === token)
    world.violations.push(`client ${client} was refused under a lock that it has: token ${token}`);
}

function putIfNew(key: string, owner: string, lease: bigint): TxnRequest {
  const put = { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(owner), lease };
  return { compare: [created(key, 0)], success: [{ request: { case: 'requestPut', requestPut: put } }], failure: [] };
}

function created(key: string, createRevision: number): Compare {
  return {
    ...EMPTY_COMPARE,
    result: CompareResult.EQUAL,
    target: CompareTarget.CREATE,
    key,
    targetUnion: { case: 'createRevision', createRevision },
  };
}
