import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { COMMAND_FORMAT } from '../../proto/command.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { throughOf } from '../checkers/watches.ts';
import { runFaults } from '../faults/schedule.ts';
import { runLeaseClient, runLockClient } from '../workloads/leases.ts';
import { runOperator } from '../workloads/operator.ts';
import { runRegisterClient } from '../workloads/registers.ts';
import { runWatcher } from '../workloads/watchers.ts';
import { type Finding, findings } from './judge.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import type { OpenWatch } from './records.ts';
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
    await finish(world);
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
  world.start();
  const watches = [watchOf(0, '', true), watchOf(1, 'r/', true), watchOf(2, 'r/', false), watchOf(3, 'p/', true)];
  const workers = [
    ...Array.from({ length: world.plan.clients }, (_, i) => runRegisterClient(world, i, new Prng(prng.uint32()))),
    ...watches.map((watch) => runWatcher(world, watch, new Prng(prng.uint32()))),
    ...[100, 101].map((client) => runLeaseClient(world, client, new Prng(prng.uint32()))),
    ...[200, 201].map((client) => runLockClient(world, client, new Prng(prng.uint32()))),
    runOperator(world, new Prng(prng.uint32())),
    runFaults(world, new Prng(prng.uint32())),
  ];
  for (const worker of workers)
    worker.catch((error: unknown) => {
      world.violations.push(`the run broke: ${error instanceof Error ? error.stack : String(error)}`);
    });
}

function watchOf(client: number, prefix: string, prevKv: boolean): OpenWatch {
  return { client, prefix, prevKv, from: 2, told: [] };
}

/** Heals, lets everybody come to rest, and checks what can be checked on living members. */
async function finish(world: World): Promise<void> {
  const ticksMs = (ticks: number): number => ticks * Math.max(100, world.plan.tickMs);
  world.isOver = true;
  world.heal();
  world.healedMs = world.clock.nowMs();
  const isWhole = (): boolean =>
    world.startAll() && !world.isChanging && world.isSettled() && world.present.every((member) => isVoting(member));
  if (!(await world.until(isWhole, ticksMs(SETTLE_TICKS))))
    world.violations.push(`no agreement after healing: ${standing(world)}`);
  for (const { name } of world.present) await checkProgress(world, name, ticksMs(PROGRESS_TICKS));
  await world.until(() => world.records.leases.every(({ goneMs }) => goneMs !== undefined), ticksMs(LEASES_GONE_TICKS));
  const isCaughtUp = (): boolean =>
    world.startAll() &&
    world.isSettled() &&
    // All run the newer version now: the cluster goes on to its format by itself.
    world.present.every(({ running }) => running?.member.machine.clusterFormat === COMMAND_FORMAT) &&
    world.records.watches.every((watch) => watch.prefix !== '' || throughOf(watch) >= world.log.last);
  if (!(await world.until(isCaughtUp, ticksMs(SETTLE_TICKS))))
    world.violations.push(`watches or members stay behind: ${standing(world)}`);
  await collectStates(world);
  world.stop();
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
  const kv = world.present.find((member) => member.name === name)?.running?.client;
  let isDone = false;
  const put = { ...EMPTY_PUT_REQUEST, key: `progress/${name}`, value: utf8Bytes(`progress.${name}`) };
  // One try may be lost with a connection that still dies of what was before the healing; what counts is that one gets through.
  const attempt = (): void => {
    kv?.put(put).then(
      () => {
        isDone = true;
      },
      (error: unknown) => {
        world.note(() => `${name}: ${String(error)}`);
        if (!isDone) world.clock.after(PROGRESS_PAUSE_MS, attempt);
      },
    );
  };
  attempt();
  if (!(await world.until(() => isDone, limitMs))) world.violations.push(`no progress on ${name} after healing`);
}

/** The whole state of all members, at one moment at which all have applied the same, and the hash of what they hold at revisions of the past. */
async function collectStates(world: World): Promise<void> {
  // A lease without keys goes without a revision of its own: states are only comparable at one index, so nothing may happen in between.
  const { last } = world.log;
  if (world.isSettled()) {
    for (const member of world.present) {
      const content = contentOf(member);
      world.note(() => `${member.name} holds ${content}`);
      world.records.states.push({ member: member.name, revision: last, digest: content });
    }
  }
  for (const { name, running } of world.present) {
    if (running === undefined) continue;
    const { compactRevision } = running.member.machine;
    const step = Math.max(1, Math.floor((last - compactRevision) / 20));
    for (let revision = compactRevision + 1; revision < last; revision += step) {
      let digest: string | undefined;
      const hashed = running.client.hashKv({ revision }).then(
        ({ hash, compactRevision: compact }) => {
          digest = `hash ${hash} since ${compact}`;
        },
        () => {
          digest = ''; // compacted meanwhile, or behind, which others notice
        },
      );
      await world.until(() => digest !== undefined, 5000);
      await hashed;
      if (digest) world.records.states.push({ member: name, revision, digest });
    }
  }
}
