import { utf8Bytes } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import { StoreError } from '../../base/store-error.ts';
import {
  type Compare,
  CompareResult,
  CompareTarget,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RequestOp,
  type TxnRequest,
} from '../../proto/gen/etcd.ts';
import { answerOf } from '../models/txn.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

const KEYS = ['t/a', 't/b', 't/c', 't/d', 't/e'] as const;
const ALL = { key: 't/', rangeEnd: 't0' } as const;
/** How far back ranges within a transaction look. */
const PAST_REVISIONS = 20;

/** What a client of transactions knows while it makes one. */
interface Maker {
  readonly world: World;
  readonly prng: Prng;
  readonly lease: bigint;
  /** A value that nobody has put yet. */
  readonly value: () => string;
  /** Keys that this transaction puts already: none may be put twice. */
  readonly taken: Set<string>;
}

/** One client that makes transactions of all kinds on five keys: compares of ranges, nested ones, ranges of the past, leases that come and go. */
export async function runTransactionClient(world: World, client: number, prng: Prng): Promise<void> {
  let lease = 0n;
  for (let count = 0; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * 2 * world.plan.thinkMs);
    const target = world.someMember(prng);
    if (target === undefined || world.isOver) continue;
    if (prng.chance(0.1)) {
      const granted = await attempt(world, client, target, (kv) => kv.leaseGrant({ ID: 0n, TTL: prng.between(2, 4) }));
      lease = granted?.ID ?? 0n;
      continue;
    }
    let values = 0;
    const value = (): string => `${client}.${count}.${values++}`;
    const request = transaction({ world, prng, lease, value, taken: new Set() }, 2);
    await make(world, client, { request, target });
  }
}

async function make(
  world: World,
  client: number,
  of: { readonly request: TxnRequest; readonly target: NonNullable<ReturnType<World['someMember']>> },
): Promise<void> {
  const { request, target } = of;
  const record = {
    client,
    start: world.nextTurn(),
    end: Number.POSITIVE_INFINITY,
    request,
    answer: undefined,
    revision: 0,
  };
  let refusal: string | undefined;
  const said = await attempt(world, client, target, (kv) =>
    kv.txn(request).catch((error: unknown) => {
      refusal = error instanceof StoreError ? error.code : undefined;
      throw error;
    }),
  );
  world.note(() => `client ${client} transaction on ${target.name}: ${said?.header?.revision ?? refusal ?? 'unknown'}`);
  if (said === undefined) {
    if (refusal !== undefined && REFUSED.has(refusal))
      world.records.refused.push({ client, values: valuesOf(request) });
    return;
  }
  world.records.transactions.push({
    ...record,
    end: world.nextTurn(),
    answer: answerOf(said),
    revision: said.header?.revision ?? 0,
  });
}

/** What a store says of a transaction that it certainly did not and will not do. */
const REFUSED: ReadonlySet<string> = new Set(['COMPACTED', 'FUTURE_REVISION', 'KEY_NOT_FOUND', 'LEASE_NOT_FOUND']);

function transaction(maker: Maker, depth: number): TxnRequest {
  const { prng } = maker;
  const compare = Array.from({ length: prng.pick([0, 1, 1, 2]) }, () => compareOf(maker));
  // Both branches may put the same keys: only one of them is taken.
  const branch = (): readonly RequestOp[] => {
    const taken = new Set(maker.taken);
    const ops = Array.from({ length: prng.between(depth === 2 ? 1 : 0, 3) }, () =>
      operation({ ...maker, taken }, depth),
    );
    return ops;
  };
  return { compare, success: branch(), failure: branch() };
}

function compareOf({ world, prng, lease }: Maker): Compare {
  const range = prng.chance(0.3) ? ALL : { key: prng.pick(KEYS), rangeEnd: '' };
  const result = prng.pick([CompareResult.EQUAL, CompareResult.NOT_EQUAL, CompareResult.GREATER, CompareResult.LESS]);
  const revision = Math.max(0, world.log.last - prng.between(0, PAST_REVISIONS));
  const operand = prng.pick([
    { target: CompareTarget.MOD, targetUnion: { case: 'modRevision', modRevision: revision } },
    { target: CompareTarget.CREATE, targetUnion: { case: 'createRevision', createRevision: prng.pick([0, revision]) } },
    { target: CompareTarget.VERSION, targetUnion: { case: 'version', version: prng.between(0, 3) } },
    { target: CompareTarget.VALUE, targetUnion: { case: 'value', value: utf8Bytes(`${prng.between(0, 9)}`) } },
    { target: CompareTarget.LEASE, targetUnion: { case: 'lease', lease: prng.pick([0n, lease]) } },
  ] as const);
  return { ...EMPTY_COMPARE, ...range, result, ...operand };
}

function operation(maker: Maker, depth: number): RequestOp {
  const { world, prng, lease, taken } = maker;
  const kind = prng.pick(['put', 'put', 'put', 'range', 'range', 'past', 'delete', 'txn'] as const);
  if (kind === 'txn' && depth > 0) {
    // What a nested one may put it shares with what follows: it may take either branch.
    const requestTxn = transaction(maker, depth - 1);
    for (const key of keysOf(requestTxn)) taken.add(key);
    return { request: { case: 'requestTxn', requestTxn } };
  }
  const key = prng.pick(KEYS);
  if (kind === 'put' && !taken.has(key)) {
    taken.add(key);
    const keepsValue = prng.chance(0.05);
    const put = { ...EMPTY_PUT_REQUEST, key, prevKv: prng.chance(0.3), lease: prng.chance(0.3) ? lease : 0n };
    const requestPut = keepsValue
      ? { ...put, ignoreValue: true }
      : { ...put, value: utf8Bytes(maker.value()), ...(prng.chance(0.1) && { ignoreLease: true, lease: 0n }) };
    return { request: { case: 'requestPut', requestPut } };
  }
  const range = prng.chance(0.5) ? ALL : { key, rangeEnd: '' };
  // A delete and a put of one key in one transaction are refused: deletes are of keys that nothing here puts.
  if (kind === 'delete' && taken.size === 0) {
    for (const name of range.rangeEnd === '' ? [key] : KEYS) taken.add(name);
    const requestDeleteRange = { ...EMPTY_DELETE_RANGE_REQUEST, ...range, prevKv: prng.chance(0.5) };
    return { request: { case: 'requestDeleteRange', requestDeleteRange } };
  }
  const revision = kind === 'past' ? Math.max(1, world.log.last - prng.between(0, PAST_REVISIONS)) : 0;
  const requestRange = {
    ...EMPTY_RANGE_REQUEST,
    ...range,
    revision,
    limit: prng.pick([0, 0, 2]),
    countOnly: prng.chance(0.1),
  };
  return { request: { case: 'requestRange', requestRange } };
}

function* operationsOf({ success, failure }: TxnRequest): Generator<NonNullable<RequestOp['request']>> {
  for (const { request } of [...success, ...failure]) {
    if (request === undefined) continue;
    if (request.case === 'requestTxn') yield* operationsOf(request.requestTxn);
    else yield request;
  }
}

function keysOf(request: TxnRequest): readonly string[] {
  return [...operationsOf(request)].flatMap((op) => {
    if (op.case === 'requestPut') return [op.requestPut.key];
    return op.case === 'requestDeleteRange' ? KEYS : [];
  });
}

function valuesOf(request: TxnRequest): readonly string[] {
  const decoder = new TextDecoder();
  return [...operationsOf(request)].flatMap((op) =>
    op.case === 'requestPut' && !op.requestPut.ignoreValue ? [decoder.decode(op.requestPut.value)] : [],
  );
}
