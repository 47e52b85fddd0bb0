import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { checkLinearizable, checkNoGap, checkWatches, checkWrites } from './checks.ts';
import { runFaults } from './faults.ts';
import { runClient, runWatcher } from './workload.ts';
import { contentOf, World } from './world.ts';

export interface RunOptions {
  /** 3 or 5; by default the seed decides. */
  readonly members?: number;
  readonly clients?: number;
  /** Milliseconds of virtual time with faults. */
  readonly durationMs?: number;
  /** Gets every line of the trace. */
  readonly tell?: (line: string) => void;
}

/** What became of a run. */
export interface RunReport {
  readonly seed: number;
  readonly members: number;
  /** The same for every run of the same seed and options. */
  readonly trace: string;
  readonly lines: number;
  readonly operations: number;
  readonly acknowledged: number;
  readonly revision: number;
  /** Empty when all is well. */
  readonly violations: readonly string[];
}

/** Virtual time that a healed cluster gets to elect a leader, and to bring everybody up to date. */
const SETTLE_MS = 30_000;

/** One run: a cluster, its clients, faults for a while, then healing, and the checks. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunReport> {
  const plan = new Prng(seed ^ 0x5eed);
  const members = options.members ?? (plan.chance(0.7) ? 3 : 5);
  const world = new World(seed, { members, tell: options.tell });
  world.start();
  const clients = Array.from({ length: options.clients ?? 5 }, (_, i) => runClient(world, i, new Prng(plan.uint32())));
  const watchers = Array.from({ length: 3 }, (_, i) => {
    const log = { client: i, prefix: i === 0 ? '' : 'r/', from: 2, told: [], through: 1 };
    world.watches.push(log);
    return runWatcher(world, log, new Prng(plan.uint32()));
  });
  const faults = runFaults(world, new Prng(plan.uint32()), options.durationMs ?? 8000);
  const workers = Promise.all([...clients, ...watchers, faults]).catch((error: unknown) => {
    world.violations.push(`the run broke: ${error instanceof Error ? error.stack : String(error)}`);
  });
  await world.clock.run(options.durationMs ?? 8000);
  await finish(world);
  await world.clock.run(1);
  void workers;
  return reportOf(seed, world);
}

/** Heals, lets everybody come to rest, and checks what can be checked on living members. */
async function finish(world: World): Promise<void> {
  world.isOver = true;
  await world.clock.run(1000); // the faults' last pause
  world.heal();
  world.trace.add(`${world.clock.nowMs()} ! healed`);
  if (!(await world.clock.runUntil(() => world.isSettled(), SETTLE_MS)))
    world.violations.push('no agreement after healing');
  for (const member of world.members) await checkProgress(world, member.name);
  await world.clock.runUntil(() => world.isSettled(), SETTLE_MS);
  await world.clock.run(300); // watchers catch up
  await world.clock.runUntil(
    () => world.isSettled() && world.watches.every((log) => log.through >= world.history.lastRevision),
    SETTLE_MS,
  );
  const contents = world.members.map((member) => contentOf(member));
  for (const [i, content] of contents.entries()) {
    world.trace.add(content);
    if (content !== contents[0])
      world.violations.push(
        `${world.members[i]?.name} differs from ${world.members[0]?.name}: ${content} / ${contents[0]}`,
      );
  }
  for (const log of world.watches) {
    const [last] = [world.history.lastRevision];
    if (log.through < last && log.prefix === '')
      world.violations.push(`watch of client ${log.client} stays behind: ${log.through} of ${last}`);
  }
  world.stop();
}

async function checkProgress(world: World, name: string): Promise<void> {
  const kv = world.members.find((member) => member.name === name)?.running?.client;
  let isDone = false;
  const put = { ...EMPTY_PUT_REQUEST, key: `progress/${name}`, value: utf8Bytes(`progress.${name}`) };
  kv?.put(put).then(
    () => {
      isDone = true;
    },
    (error: unknown) => world.trace.add(String(error)),
  );
  if (!(await world.clock.runUntil(() => isDone, 10_000)))
    world.violations.push(`no progress on ${name} after healing`);
}

function reportOf(seed: number, world: World): RunReport {
  const { history, operations, watches } = world;
  const violations = [
    ...world.violations,
    ...checkNoGap(history),
    ...checkWrites(history, operations),
    ...checkLinearizable(history, operations),
    ...checkWatches(history, watches),
  ];
  return {
    seed,
    members: world.members.length,
    trace: world.trace.digest(),
    lines: world.trace.lines,
    operations: operations.length,
    acknowledged: operations.filter((operation) => operation.outcome === 'ok').length,
    revision: history.lastRevision,
    violations,
  };
}
