import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RequestOp,
} from '../../proto/gen/etcd.ts';
import type { KvInput } from '../models/kv.ts';
import { rowOf } from '../models/txn.ts';
import type { MemberClient } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import { type Answer, attempt, recordedCall, type Target } from './calls.ts';

const KEYS = ['r/a', 'r/b', 'r/c', 'r/d'] as const;
const PAIR = ['p/a', 'p/b'] as const;
/** How far back clients look, and what a compaction leaves. */
const PAST_REVISIONS = 40;

type Kind = KvInput['type'] | 'past' | 'stale' | 'compact';
const KINDS: readonly Kind[] = ['put', 'put', 'put', 'get', 'get', 'get', 'cas', 'cas', 'delete', 'past', 'stale'];

/** What a client saw of a key last: what it compares with next. */
interface Seen {
  readonly value: string | undefined;
  readonly modRevision: number;
}

/** One client: one call after the other, on whichever member runs: registers, transactions on two keys, reads of the past. */
export async function runRegisterClient(world: World, client: number, prng: Prng): Promise<void> {
  const seen = new Map<string, Seen>();
  for (let count = 0; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * world.plan.thinkMs);
    const target = world.someMember(prng);
    if (target === undefined || world.isOver) continue;
    const kind: Kind = prng.chance(world.plan.compactions) ? 'compact' : prng.pick(KINDS);
    const value = `${client}.${count}`;
    if (kind === 'past' || kind === 'stale') await readPast(world, client, { kind, target, prng });
    else if (kind === 'compact') await compact(world, client, target, prng);
    else if ((kind === 'put' || kind === 'get') && prng.chance(0.3))
      await callPair(world, client, { kind, target, value });
    else await callOne(world, client, { kind, target, value, prng, seen });
  }
}

async function callOne(
  world: World,
  client: number,
  of: {
    readonly kind: KvInput['type'];
    readonly target: Target;
    readonly value: string;
    readonly prng: Prng;
    readonly seen: Map<string, Seen>;
  },
): Promise<void> {
  const { kind, target, value, prng, seen } = of;
  const key = prng.pick(KEYS);
  const known = seen.get(key) ?? { value: undefined, modRevision: 0 };
  const keys = [key] as const;
  switch (kind) {
    case 'get': {
      await recordedCall(world, client, { type: 'get', keys }, { target, act: (kv) => get(kv, key, seen) });
      return;
    }
    case 'put': {
      const act = async (kv: MemberClient): Promise<Answer> => {
        const { header } = await kv.put({ ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) });
        seen.set(key, { value, modRevision: header?.revision ?? 0 });
        return { output: {}, revision: header?.revision ?? 0, wrote: true };
      };
      await recordedCall(world, client, { type: 'put', keys, value }, { target, act });
      return;
    }
    case 'delete': {
      const act = async (kv: MemberClient): Promise<Answer> => {
        const { header, deleted } = await kv.deleteRange({ ...EMPTY_DELETE_RANGE_REQUEST, key });
        seen.set(key, { value: undefined, modRevision: 0 });
        return { output: { done: deleted > 0 }, revision: header?.revision ?? 0, wrote: deleted > 0 };
      };
      await recordedCall(world, client, { type: 'delete', keys }, { target, act });
      return;
    }
    case 'cas': {
      const input = { type: 'cas', keys, expected: known.value, value } as const;
      const byValue = known.value !== undefined && prng.chance(0.5);
      const act = (kv: MemberClient): Promise<Answer> => compareAndSwap(kv, key, { known, value, byValue, seen });
      await recordedCall(world, client, input, { target, act });
    }
  }
}

async function get(kv: MemberClient, key: string, seen: Map<string, Seen>): Promise<Answer> {
  const { header, kvs } = await kv.range({ ...EMPTY_RANGE_REQUEST, key });
  const found = kvs[0] === undefined ? undefined : decodeKeyValue(kvs[0]);
  const value = found && utf8Text(found.value);
  seen.set(key, { value, modRevision: found?.modRevision ?? 0 });
  return { output: { values: [value] }, revision: header?.revision ?? 0, wrote: false };
}

/** Every value is written once, so comparing revisions and comparing values comes to the same. */
async function compareAndSwap(
  kv: MemberClient,
  key: string,
  of: { readonly known: Seen; readonly value: string; readonly byValue: boolean; readonly seen: Map<string, Seen> },
): Promise<Answer> {
  const { known, value, byValue } = of;
  const compare = byValue
    ? {
        target: CompareTarget.VALUE,
        targetUnion: { case: 'value', value: utf8Bytes(known.value ?? '') } as const,
      }
    : { target: CompareTarget.MOD, targetUnion: { case: 'modRevision', modRevision: known.modRevision } as const };
  const { header, succeeded } = await kv.txn({
    compare: [{ ...EMPTY_COMPARE, result: CompareResult.EQUAL, key, ...compare }],
    success: [putOp(key, value)],
    failure: [getOp(key)],
  });
  if (succeeded) of.seen.set(key, { value, modRevision: header?.revision ?? 0 });
  return { output: { done: succeeded }, revision: header?.revision ?? 0, wrote: succeeded };
}

async function callPair(
  world: World,
  client: number,
  of: { readonly kind: 'put' | 'get'; readonly target: Target; readonly value: string },
): Promise<void> {
  const { kind, target, value } = of;
  if (kind === 'put') {
    const act = async (kv: MemberClient): Promise<Answer> => {
      const { header } = await kv.txn({ compare: [], success: PAIR.map((key) => putOp(key, value)), failure: [] });
      return { output: {}, revision: header?.revision ?? 0, wrote: true };
    };
    await recordedCall(world, client, { type: 'put', keys: PAIR, value }, { target, act });
    return;
  }
  const act = async (kv: MemberClient): Promise<Answer> => {
    const { header, responses } = await kv.txn({ compare: [], success: PAIR.map((key) => getOp(key)), failure: [] });
    const values = responses.map(({ response }) => {
      const row = response?.case === 'responseRange' ? response.responseRange.kvs[0] : undefined;
      return row === undefined ? undefined : utf8Text(decodeKeyValue(row).value);
    });
    return { output: { values }, revision: header?.revision ?? 0, wrote: false };
  };
  await recordedCall(world, client, { type: 'get', keys: PAIR }, { target, act });
}

/** Of one key or of all, at a revision of the past or at whatever the member has. */
async function readPast(
  world: World,
  client: number,
  of: { readonly kind: 'past' | 'stale'; readonly target: Target; readonly prng: Prng },
): Promise<void> {
  const { kind, target, prng } = of;
  const range = prng.chance(0.5) ? { key: prng.pick(KEYS), rangeEnd: '' } : { key: 'r/', rangeEnd: 'r0' };
  const limit = prng.pick([0, 0, 2]);
  const asked = Math.max(1, world.log.last - prng.between(0, PAST_REVISIONS));
  const request = { ...EMPTY_RANGE_REQUEST, ...range, limit };
  const answer = await attempt(world, client, target, (kv) =>
    kv.range(kind === 'past' ? { ...request, revision: asked } : { ...request, serializable: true }),
  );
  if (answer === undefined) return;
  const revision = kind === 'past' ? asked : (answer.header?.revision ?? 0);
  const { count, more } = answer;
  world.records.reads.push({ client, ...range, limit, revision, rows: answer.kvs.map(rowOf), count, more });
}

async function compact(world: World, client: number, target: Target, prng: Prng): Promise<void> {
  const revision = Math.max(1, world.log.last - (prng.chance(0.3) ? 0 : prng.between(1, PAST_REVISIONS)));
  const physical = prng.chance(0.5);
  world.records.compactions.add(revision);
  await attempt(world, client, target, (kv) => kv.compact({ revision, physical }));
  world.note(() => `client ${client} compacts to ${revision}`);
}

function putOp(key: string, value: string): RequestOp {
  return { request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) } } };
}

function getOp(key: string): RequestOp {
  return { request: { case: 'requestRange', requestRange: { ...EMPTY_RANGE_REQUEST, key } } };
}
