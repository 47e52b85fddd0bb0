import { RAFT_DEFAULTS } from '../../raft/limits.ts';
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
  /** Milliseconds of virtual time at which it showed, where that is known. */
  readonly atMs: number | undefined;
}

/** Findings of one checker that are told. */
const MAX_PER_CHECKER = 50;

/** An election, a round to a majority and the next look at the leases, on a cluster that was mended. */
const LEASE_GRACE_TICKS = 120;

/** Everything that the checkers say about a run that is over. */
export function findings(world: World): readonly Finding[] {
  const { records, log } = world;
  const verdicts: readonly (readonly [string, Violations])[] = [
    ['raft', world.raft.violations],
    ['durability', durability(world)],
    ['revisions', revisions(world)],
    ['transactions', [...checkTransactions(log, records.transactions), ...checkRefused(log, records.refused)]],
    ['reads', checkReads(log, records.reads)],
    ['watches', checkWatches(log, records.watches, records.compactions)],
    ['leases', leases(world)],
    ['locks', checkLocks(log, records.guarded)],
    ['same state', checkSameState(records.states)],
  ];
  return [
    ...world.violations.all.map((complaint) => ({ checker: 'members', ...complaint })),
    ...linearizability(world),
    ...verdicts.flatMap(([checker, violations]) =>
      some(violations).map((text) => ({ checker, text, atMs: momentOf(world, text) })),
    ),
  ];
}

/** When that happened which a finding names: a call by its turns, `[12..15]`, or a revision. */
function momentOf({ records, revisionMs }: World, text: string): number | undefined {
  const turn = Number(/\[(\d+)\.\./.exec(text)?.[1]);
  const call = records.calls.find(({ start }) => start === turn);
  return call?.startMs ?? revisionMs.get(Number(/revision (\d+)/.exec(text)?.[1]));
}

/** One broken promise can show at every later step: the first ones tell the story. */
function some(violations: Violations): Violations {
  const more = violations.length - MAX_PER_CHECKER;
  return more <= 0 ? violations : [...violations.slice(0, MAX_PER_CHECKER), `and ${more} more`];
}

function durability({ log, records }: World): Violations {
  const writes = records.calls.flatMap(({ client, input, output, wrote, revision }) => {
    if (input.type === 'get' || (output !== undefined && !wrote)) return [];
    const value = input.type === 'delete' ? undefined : input.value;
    return [{ client, keys: input.keys, value, revision: output === undefined ? undefined : revision }];
  });
  return checkDurability(log, writes, { isOurs: (key) => key.startsWith('r/') || key.startsWith('p/') });
}

function linearizability({ records }: World): readonly Finding[] {
  const checker = 'linearizability';
  const result = checkLinearizability(partitionByKey(records.calls), { maxSteps: 3_000_000 });
  if (result.type === 'linearizable') return [];
  if (result.type === 'undecided')
    return [{ checker, text: `${result.part}: undecided after ${result.steps} steps`, atMs: undefined }];
  const { client, input, output, start, end } = result.stuck;
  const said = `${input.type} ${input.keys.join('+')} of client ${client} in [${start}..${end}] was told ${JSON.stringify(output)}`;
  const text = `${result.part}: ${said}, which no order of ${result.longest.length} operations before it allows`;
  return [{ checker, text, atMs: records.calls.find((call) => call.start === start)?.startMs }];
}

function revisions({ log, records }: World): Violations {
  const calls = records.calls.filter(({ output }) => output !== undefined);
  const transactions = records.transactions.map((record) => ({ ...record, wrote: madeRevision(log, record) }));
  return checkRevisions([...calls, ...transactions]);
}

function leases({ records, plan, healedMs, clock, log }: World): Violations {
  const bounds = {
    drift: plan.drift,
    graceMs: LEASE_GRACE_TICKS * Math.max(100, plan.tickMs),
    healthyFromMs: healedMs,
    endMs: clock.nowMs(),
  };
  const isOurs = (key: string): boolean => key.startsWith('l/') || key.startsWith('lock/');
  const extendMs = plan.tickMs * RAFT_DEFAULTS.electionTicks;
  return [...checkLeases(records.leases, bounds), ...checkLeaseKeys(log, records.leaseLooks, { isOurs, extendMs })];
}
