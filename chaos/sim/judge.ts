import { checkDurability } from '../checkers/durability.ts';
import { checkLeaseKeys, checkLeases } from '../checkers/leases.ts';
import { checkLinearizability } from '../checkers/linearizability.ts';
import { checkLocks } from '../checkers/locks.ts';
import type { Violations } from '../checkers/operation.ts';
import { checkReads } from '../checkers/reads.ts';
import { checkRevisions } from '../checkers/revisions.ts';
import { checkSameState } from '../checkers/same-state.ts';
import { checkRefused, checkTransactions, madeRevision } from '../checkers/transactions.ts';
import { checkWatches } from '../checkers/watches.ts';
import { partitionByKey } from '../models/kv.ts';
import type { World } from './world.ts';

/** Something that must not be, and who noticed. */
export interface Finding {
  readonly checker: string;
  readonly text: string;
}

/** An election, a round to a majority and the next look at the leases, on a cluster that was mended. */
const LEASE_GRACE_MS = 12_000;

/** Everything that the checkers say about a run that is over. */
export function findings(world: World): readonly Finding[] {
  const { records, log } = world;
  const verdicts: readonly (readonly [string, Violations])[] = [
    ['members', world.violations],
    ['raft', world.raft.violations],
    ['durability', durability(world)],
    ['revisions', revisions(world)],
    ['linearizability', linearizability(world)],
    ['transactions', [...checkTransactions(log, records.transactions), ...checkRefused(log, records.refused)]],
    ['reads', checkReads(log, records.reads)],
    ['watches', checkWatches(log, records.watches, records.compactions)],
    ['leases', leases(world)],
    ['locks', checkLocks(log, records.guarded)],
    ['same state', checkSameState(records.states)],
  ];
  return verdicts.flatMap(([checker, violations]) => violations.map((text) => ({ checker, text })));
}

function durability({ log, records }: World): Violations {
  const writes = records.calls.flatMap(({ client, input, output, wrote, revision }) => {
    if (input.type === 'get' || (output !== undefined && !wrote)) return [];
    const value = input.type === 'delete' ? undefined : input.value;
    return [{ client, keys: input.keys, value, revision: output === undefined ? undefined : revision }];
  });
  return checkDurability(log, writes, { isOurs: (key) => key.startsWith('r/') || key.startsWith('p/') });
}

function linearizability({ records }: World): Violations {
  const result = checkLinearizability(partitionByKey(records.calls), { maxSteps: 3_000_000 });
  if (result.type === 'linearizable') return [];
  if (result.type === 'undecided') return [`${result.part}: undecided after ${result.steps} steps`];
  const { client, input, output, start, end } = result.stuck;
  const said = `${input.type} ${input.keys.join('+')} of client ${client} in [${start}..${end}] was told ${JSON.stringify(output)}`;
  return [`${result.part}: ${said}, which no order of ${result.longest.length} operations before it allows`];
}

function revisions({ log, records }: World): Violations {
  const calls = records.calls.filter(({ output }) => output !== undefined);
  const transactions = records.transactions.map((record) => ({ ...record, wrote: madeRevision(log, record) }));
  return checkRevisions([...calls, ...transactions]);
}

function leases({ records, plan, healedMs, clock, log }: World): Violations {
  const bounds = { drift: plan.drift, graceMs: LEASE_GRACE_MS, healthyFromMs: healedMs, endMs: clock.nowMs() };
  const isOurs = (key: string): boolean => key.startsWith('l/') || key.startsWith('lock/');
  return [...checkLeases(records.leases, bounds), ...checkLeaseKeys(log, records.leaseLooks, { isOurs })];
}
