import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import type { Prng } from '../../base/prng.ts';
import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import type { KvClient, WatchStream } from '../../client/kv-client.ts';
import {
  CompareResult,
  CompareTarget,
  decodeKeyValue,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  EMPTY_WATCH_CREATE_REQUEST,
  type RequestOp,
} from '../../proto/gen/etcd.ts';
import type { WatchLog } from './checks.ts';
import { changeOf, type History, type Operation, revisionOf } from './history.ts';
import type { Life } from './sim-member.ts';
import type { World } from './world.ts';

const KEYS = ['r/a', 'r/b', 'r/c', 'r/d'];
/** Milliseconds between the operations of one client, at most. */
const THINK_MS = 60;
const LEASE_SECONDS = 2;
const KINDS = ['put', 'put', 'put', 'put', 'read', 'read', 'read', 'past', 'cas', 'pair', 'pair', 'delete'] as const;
/** How far back clients look, and what a compaction leaves. */
const PAST_REVISIONS = 40;

/** One client: it does one thing after the other on whichever member runs, and remembers what it was told. */
export async function runClient(world: World, client: number, prng: Prng): Promise<void> {
  let lastModRevision = 0;
  for (let count = 0; !world.isOver; count++) {
    await world.clock.sleep(prng.unit() * THINK_MS);
    const found = world.someMember(prng);
    if (found === undefined) continue;
    const { name, life, kv } = found;
    const operation = begin(world, client, { name, prng, expected: lastModRevision, count });
    const answered = perform(kv, operation, prng).then((modRevision) => ({ modRevision }));
    const answer = await Promise.race([answered.catch((error: unknown) => ({ error })), life.died]);
    world.trace.add(
      `${world.clock.nowMs()} client ${client} ${operation.type} ${operation.value} ${described(answer)}`,
    );
    if (answer === undefined) continue;
    if ('error' in answer) {
      if (!(answer.error instanceof StoreError) || NEVER.has(answer.error.code)) {
        world.violations.push(
          `client ${client}: ${answer.error instanceof Error ? answer.error.stack : String(answer.error)}`,
        );
      }
      continue;
    }
    operation.outcome = 'ok';
    operation.end = world.nextTurn();
    lastModRevision = answer.modRevision ?? lastModRevision;
  }
}

/** What no client should ever be told. */
const NEVER: ReadonlySet<StoreErrorCode> = new Set(['INTERNAL', 'UNKNOWN', 'CORRUPT', 'UNIMPLEMENTED']);

function begin(
  world: World,
  client: number,
  of: { readonly name: string; readonly prng: Prng; readonly expected: number; readonly count: number },
): Operation {
  const { name, prng, expected, count } = of;
  const type = prng.chance(0.01) ? 'compact' : prng.pick(KINDS);
  const [first = '', second = ''] = shuffled(KEYS, prng);
  const operation: Operation = {
    client,
    member: name,
    type,
    keys: type === 'pair' ? [first, second] : [first],
    value: `${client}.${count}`,
    expected: type === 'past' || type === 'compact' ? pastRevision(world, type, prng) : expected,
    start: world.nextTurn(),
    end: Number.POSITIVE_INFINITY,
    outcome: 'unknown',
    revision: 0,
    seen: undefined,
    succeeded: false,
  };
  world.operations.push(operation);
  return operation;
}

function pastRevision(world: World, type: 'past' | 'compact', prng: Prng): number {
  const back = type === 'past' ? prng.between(0, PAST_REVISIONS) : PAST_REVISIONS;
  return Math.max(1, world.history.lastRevision - back);
}

/** Returns the mod revision that was seen last, for the next comparison. */
async function perform(kv: KvClient, operation: Operation, prng: Prng): Promise<number | undefined> {
  const [key = ''] = operation.keys;
  switch (operation.type) {
    case 'put': {
      const lease = prng.chance(0.1) ? (await kv.leaseGrant({ ID: 0n, TTL: LEASE_SECONDS })).ID : 0n;
      const { header } = await kv.put({ ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(operation.value), lease });
      operation.revision = header?.revision ?? 0;
      return operation.revision;
    }
    case 'compact': {
      const { header } = await kv.compact({ revision: operation.expected, physical: prng.chance(0.5) });
      operation.revision = header?.revision ?? 0;
      return undefined;
    }
    case 'past':
    case 'read': {
      const revision = operation.type === 'past' ? operation.expected : 0;
      const { header, kvs } = await kv.range({ ...EMPTY_RANGE_REQUEST, key, revision });
      const kv0 = kvs[0] === undefined ? undefined : decodeKeyValue(kvs[0]);
      operation.revision = header?.revision ?? 0;
      operation.seen = kv0 && utf8Text(kv0.value);
      return operation.type === 'past' ? undefined : (kv0?.modRevision ?? 0);
    }
    case 'delete': {
      const { header, deleted } = await kv.deleteRange({ ...EMPTY_DELETE_RANGE_REQUEST, key });
      operation.revision = header?.revision ?? 0;
      operation.succeeded = deleted > 0;
      return 0;
    }
    case 'pair':
    case 'cas':
      return performTxn(kv, operation);
  }
}

async function performTxn(kv: KvClient, operation: Operation): Promise<number> {
  const [key = ''] = operation.keys;
  const modRevision = operation.expected;
  const targetUnion = { case: 'modRevision', modRevision } as const;
  const compared = { ...EMPTY_COMPARE, result: CompareResult.EQUAL, target: CompareTarget.MOD, key, targetUnion };
  const { header, succeeded } = await kv.txn({
    compare: operation.type === 'cas' ? [compared] : [],
    success: operation.keys.map((name) => putOp(name, operation.value)),
    failure: [],
  });
  operation.revision = header?.revision ?? 0;
  operation.succeeded = succeeded;
  return operation.revision;
}

function putOp(key: string, value: string): RequestOp {
  return { request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value) } } };
}

/** One client's watch on all keys, that goes on elsewhere when its member dies. */
export async function runWatcher(world: World, log: WatchLog, prng: Prng): Promise<void> {
  while (!world.isStopped) {
    await world.clock.sleep(prng.unit() * THINK_MS);
    const found = world.someMember(prng);
    if (found === undefined) continue;
    const { life, kv } = found;
    const stream = kv.watch();
    stream.create({
      ...EMPTY_WATCH_CREATE_REQUEST,
      ...allKeys(log.prefix),
      startRevision: log.through + 1,
      prevKv: true,
    });
    await follow(world, log, { stream, life, untilMs: world.clock.nowMs() + 500 + prng.unit() * 3000 });
    stream.close();
  }
}

/** Takes what the stream tells until it ends, its member dies, or the client has had enough of it. */
async function follow(
  world: World,
  log: WatchLog,
  on: { readonly stream: WatchStream; readonly life: Life; readonly untilMs: number },
): Promise<void> {
  const enough = world.clock.sleep(on.untilMs - world.clock.nowMs());
  while (world.clock.nowMs() < on.untilMs || world.isOver) {
    const next = on.stream.next().catch(() => undefined);
    const batch = await Promise.race([next, on.life.died, ...(world.isOver ? [world.stopped] : [enough])]);
    if (batch === undefined) return;
    for (const response of batch) {
      if (response.canceled) {
        beginAnew(log, response.compactRevision);
        return;
      }
      for (const event of response.events) log.told.push({ revision: revisionOf(event), change: changeOf(event) });
      if (!response.created) log.through = Math.max(log.through, response.header?.revision ?? 0);
    }
  }
}

/** What the watch still needed was compacted: as a client that lists again, it goes on where history begins. */
function beginAnew(log: WatchLog, compactRevision: number): void {
  if (compactRevision === 0) return;
  log.told = [];
  log.from = compactRevision;
  log.through = compactRevision - 1;
}

/** Follows everything one life of a member publishes, for the history against which all else is checked. */
export async function recordLife(
  world: World,
  name: string,
  life: Life & { readonly client: KvClient },
  from: number,
): Promise<void> {
  const history: History = world.history;
  const stream = life.client.watch();
  stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, ...allKeys(''), startRevision: from, prevKv: true });
  for (;;) {
    const batch = await Promise.race([stream.next().catch(() => undefined), life.died]);
    if (batch === undefined) return;
    for (const { canceled, events } of batch) {
      if (canceled) return;
      const revisions = new Set(events.map(revisionOf));
      for (const revision of revisions)
        history.record(
          name,
          revision,
          events.filter((event) => revisionOf(event) === revision),
        );
    }
  }
}

function allKeys(prefix: string): { readonly key: string; readonly rangeEnd: string } {
  return prefix === '' ? { key: '\0', rangeEnd: '\0' } : { key: prefix, rangeEnd: `${prefix.slice(0, -1)}0` };
}

function shuffled<T>(items: readonly T[], prng: Prng): readonly T[] {
  const left = [...items];
  return items.map(() => left.splice(prng.between(0, left.length - 1), 1)[0] as T);
}

function described(
  answer: { readonly modRevision: number | undefined } | { readonly error: unknown } | undefined,
): string {
  if (answer === undefined) return 'died';
  if ('error' in answer) return answer.error instanceof StoreError ? answer.error.code : 'error';
  return `ok ${answer.modRevision}`;
}
