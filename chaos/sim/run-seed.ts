import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { COMMAND_FORMAT } from '../../proto/command.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { throughOf } from '../checkers/watches.ts';
import { runFaults } from '../faults/schedule.ts';
import { PROFILES } from '../profiles/catalogue.ts';
import type { Profile } from '../profiles/profile.ts';
import { runAuthClient } from '../workloads/auth.ts';
import { runHashClient } from '../workloads/hashes.ts';
import { runLeaseClient } from '../workloads/leases.ts';
import { runLockClient } from '../workloads/locks.ts';
import { runOperator } from '../workloads/operator.ts';
import { runRegisterClient } from '../workloads/registers.ts';
import { runTransactionClient } from '../workloads/transactions.ts';
import { runWatcher, WATCH_KINDS } from '../workloads/watchers.ts';
import { type Finding, findings } from './judge.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import type { OpenWatch } from './records.ts';
import type { RunningLife } from './sim-member.ts';
import { Trace, type TraceLine } from './trace.ts';
import { contentOf, World } from './world.ts';

export interface RunOptions extends PlanOptions {
  /** Gets every line of the trace. */
  readonly tell?: (line: TraceLine) => void;
  /** Told now and then how much virtual time has passed since the last call. */
  readonly onPassed?: (simulatedMs: number) => void;
  /** Makes `trace` of the report mean something; costs time. */
  readonly hashed?: boolean;
}

/** What became of a run. */
export interface RunReport {
  readonly plan: Plan;
  /** The same for every run of the same seed and options, when it was asked for. */
  readonly trace: string;
  readonly operations: number;
  readonly acknowledged: number;
  readonly revision: number;
  /** Virtual time that passed. */
  readonly simulatedMs: number;
  /** Empty when all is well. */
  readonly findings: readonly Finding[];
}

/** Ticks, of 100 ms at least, that a healed cluster gets to elect a leader, and to bring everybody up to date. */
const SETTLE_TICKS = 600;

/** Ticks after which every lease of a healed cluster has run out, and after which a write has got through. */
const LEASES_GONE_TICKS = 200;
const PROGRESS_TICKS = 150;

/** One run: a cluster, its clients, faults for a while, then healing, and the checks. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunReport> {
  const plan = planOf(seed, options);
  const world = new World(plan, { trace: new Trace(options) });
  const onRejection = (error: unknown): void => {
    world.violations.push(`nobody took care of: ${error instanceof Error ? error.stack : String(error)}`);
  };
  process.on('unhandledRejection', onRejection);
  try {
    begin(world);
    await live(world, options.onPassed);
    if (!world.isBroken) await finish(world);
    world.stop();
    await world.clock.run(1);
  } catch (error) {
    world.violations.push(`a member broke: ${error instanceof Error ? error.stack : String(error)}`);
    world.stop();
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  const { calls } = world.records;
  return {
    plan,
    trace: world.trace.digest(),
    operations: calls.length,
    acknowledged: calls.filter(({ output }) => output !== undefined).length,
    revision: world.log.last,
    simulatedMs: world.clock.nowMs(),
    findings: findings(world),
  };
}

/** Each kind of clients has names of its own: values begin with them, and none is put twice. */
const FIRST_CLIENT = { leases: 100, locks: 200, transactions: 300, auth: 400, hashes: 500, watches: 600 } as const;

/** Virtual time between two signs of life of a run. */
const SIGN_OF_LIFE_MS = 600_000;

async function live(world: World, onPassed: RunOptions['onPassed']): Promise<void> {
  for (let leftMs = world.plan.durationMs; leftMs > 0; leftMs -= SIGN_OF_LIFE_MS) {
    const partMs = Math.min(leftMs, SIGN_OF_LIFE_MS);
    await world.run(partMs);
    if (leftMs > SIGN_OF_LIFE_MS) onPassed?.(partMs);
  }
}

function begin(world: World): void {
  const prng = new Prng(world.plan.seed ^ 0x5eed);
  const dice = (): Prng => new Prng(prng.uint32());
  world.start();
  const { clients, profile } = world.plan;
  const { leases, locks, transactions, watches } = world.plan.workers;
  const many = (count: number, first: number, run: (client: number) => Promise<void>): Promise<void>[] =>
    Array.from({ length: count }, (_, i) => run(first + i));
  const { aim }: Profile = PROFILES[profile];
  const workers = [
    ...many(clients, 0, (client) => runRegisterClient(world, client, dice())),
    ...Array.from({ length: watches }, (_, i) => {
      const kind = WATCH_KINDS[i % WATCH_KINDS.length] ?? { prefix: '' };
      return runWatcher(world, FIRST_CLIENT.watches + i, { kind, prng: dice() });
    }),
    ...many(leases, FIRST_CLIENT.leases, (client) => runLeaseClient(world, client, dice())),
    ...many(locks, FIRST_CLIENT.locks, (client) => runLockClient(world, client, dice())),
    ...many(transactions, FIRST_CLIENT.transactions, (client) => runTransactionClient(world, client, dice())),
    runAuthClient(world, FIRST_CLIENT.auth, dice()),
    runHashClient(world, FIRST_CLIENT.hashes, dice()),
    runOperator(world, dice()),
    runFaults(world, dice()),
    ...(aim === undefined ? [] : [aimed(world, aim(world, dice()))]),
  ];
  for (const worker of workers)
    worker.catch((error: unknown) => {
      world.violations.push(`the run broke: ${error instanceof Error ? error.stack : String(error)}`);
    });
}

/** Says when what a profile aims at is over. */
async function aimed(world: World, aim: Promise<void>): Promise<void> {
  world.isAiming = true;
  await aim.finally(() => {
    world.isAiming = false;
  });
}

/** Heals, lets everybody come to rest, and checks what can be checked on living members. */
async function finish(world: World): Promise<void> {
  const ticksMs = (ticks: number): number => ticks * Math.max(100, world.plan.tickMs);
  world.isOver = true;
  // A step that had begun would break again what is mended now.
  await world.until(() => !world.isAiming, ticksMs(SETTLE_TICKS));
  world.heal();
  world.healedMs = world.clock.nowMs();
  const isWhole = (): boolean =>
    world.startAll() &&
    world.changers.size === 0 &&
    world.isSettled() &&
    world.present.every((member) => isVoting(member));
  if (!(await world.until(isWhole, ticksMs(SETTLE_TICKS))))
    world.violations.push(`no agreement after healing: ${standing(world)}`);
  for (const { name } of world.present) await checkProgress(world, name, ticksMs(PROGRESS_TICKS));
  await world.until(() => leasesLeft(world).size === 0, ticksMs(LEASES_GONE_TICKS));
  const left = leasesLeft(world);
  for (const lease of world.records.leases)
    lease.wentUnseen = lease.goneMs === undefined && !left.has(lease.id) && !isAnywhere(world, lease.key);
  const isCaughtUp = (): boolean =>
    world.startAll() &&
    world.isSettled() &&
    // All run the newer version now: the cluster goes on to its format by itself.
    world.present.every(({ running }) => running?.member.machine.clusterFormat === COMMAND_FORMAT) &&
    isToldAll(world);
  if (!(await world.until(isCaughtUp, ticksMs(SETTLE_TICKS))))
    world.violations.push(`watches or members stay behind: ${standing(world)}`);
  await collectStates(world);
}

/** The leases that some member has. */
function leasesLeft(world: World): ReadonlySet<bigint> {
  return new Set(world.present.flatMap(({ running }) => running?.member.machine.leaseIds() ?? []));
}

/** Some member has the key. */
function isAnywhere(world: World, key: string): boolean {
  return world.present.some(({ running }) => {
    const plan = running?.member.machine.range({ ...EMPTY_RANGE_REQUEST, key });
    return plan?.type === 'ready' && plan.kvs.length > 0;
  });
}

/** Who watches everything has come to the end. */
function isToldAll(world: World): boolean {
  const newest = new Map<number, OpenWatch>(world.records.watches.map((watch) => [watch.client, watch]));
  return [...newest.values()].every((watch) => watch.prefix !== '' || throughOf(watch) >= world.log.last);
}

function isVoting(member: { readonly running: World['members'][number]['running'] }): boolean {
  return member.running !== undefined && !member.running.member.isLearner;
}

/** Where everybody stands, for a report. */
function standing(world: World): string {
  return world.present
    .map(({ name, running, isTainted }) => {
      if (running === undefined) return `${name} is down${isTainted ? ' with a damaged disk' : ''}`;
      const { role, term, commit, applied } = running.member.raftStatus();
      return `${name} ${running.member.isLearner ? 'learner ' : ''}${role} in term ${term}, commit ${commit}, applied ${applied}`;
    })
    .join('; ');
}

const PROGRESS_PAUSE_MS = 200;

async function checkProgress(world: World, name: string, limitMs: number): Promise<void> {
  let isDone = false;
  const present = () => world.present.find((member) => member.name === name);
  const put = { ...EMPTY_PUT_REQUEST, key: `progress/${name}`, value: utf8Bytes(`progress.${name}`) };
  // One try may be lost with a connection that still dies of what was before the healing; what counts is that one gets through.
  const attempt = (): void => {
    // Asked anew each time: it may still have been stopping when all was mended.
    const life = present()?.running;
    // A process that dies does not answer any more.
    const done = life === undefined ? Promise.resolve(undefined) : Promise.race([life.client.put(put), life.died]);
    done.then(
      (answer) => {
        if (answer !== undefined) isDone = true;
        else if (!isDone) world.clock.after(PROGRESS_PAUSE_MS, attempt);
      },
      (error: unknown) => {
        world.note(() => `${name}: ${String(error)}`);
        if (!isDone) world.clock.after(PROGRESS_PAUSE_MS, attempt);
      },
    );
  };
  attempt();
  // An operator who was about to remove it then may have done so since.
  const isOver = (): boolean => isDone || present() === undefined;
  if (!(await world.until(() => world.startAll() && isOver(), limitMs)))
    world.violations.push(`no progress on ${name} after healing`);
}

/** The whole state of all members, at one moment at which all have applied the same, and the hash of what they hold at revisions of the past. */
async function collectStates(world: World): Promise<void> {
  // A lease without keys goes without a revision of its own: states are only comparable at one index, so nothing may happen in between.
  const { last } = world.log;
  if (world.isSettled()) {
    for (const member of world.present) {
      const content = contentOf(member);
      world.note(() => `${member.name} holds ${content}`);
      world.records.states.push({ member: member.name, revision: last, kind: 'content', digest: content });
    }
  }
  for (const { name, running } of world.present) if (running !== undefined) await collectHashes(world, name, running);
}

async function collectHashes(world: World, member: string, running: RunningLife): Promise<void> {
  const { last } = world.log;
  const { compactRevision } = running.member.machine;
  const step = Math.max(1, Math.floor((last - compactRevision) / 20));
  for (let revision = compactRevision + 1; revision < last && !world.isBroken; revision += step) {
    let isAnswered = false;
    const answered = (): void => {
      isAnswered = true;
    };
    // Compacted meanwhile, or behind: others notice that.
    running.client.hashKv({ revision }).then(({ hash, compactRevision: since }) => {
      world.records.states.push({ member, revision, kind: `hash since ${since}`, digest: `${hash}` });
      answered();
    }, answered);
    await world.until(() => isAnswered, 5000);
  }
}
