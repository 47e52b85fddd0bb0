import type { Prng } from '../../base/prng.ts';
import type { SimMember } from './sim-member.ts';
import type { World } from './world.ts';

/** Something that goes wrong, and the line about it. */
type Fault = (world: World, prng: Prng) => string;

const FAULTS: readonly Fault[] = [
  (world, prng) => crash(prng.pick(world.members), 'power'),
  (world, prng) => crash(prng.pick(world.members), 'process'),
  (world, prng) => crash(leaderOf(world) ?? prng.pick(world.members), prng.pick(['power', 'process'])),
  (world) => {
    for (const member of world.members) member.crash('power');
    return 'all power lost';
  },
  (world, prng) => {
    const member = prng.pick(world.members);
    void member.stop();
    return `stop ${member.name}`;
  },
  (world, prng) => isolate(world, leaderOf(world) ?? prng.pick(world.members)),
  (world, prng) => isolate(world, prng.pick(world.members)),
  (world, prng) => {
    const [from, to] = [prng.pick(world.members).name, prng.pick(world.members).name];
    world.network.cut([from], [to]);
    return `cut ${from}>${to}`;
  },
  (world, prng) => {
    const loss = prng.unit() * 0.02;
    world.network.setLoss(loss);
    return `loss ${loss.toFixed(3)}`;
  },
  (world, prng) => {
    const delay = prng.between(5, 150);
    world.network.setDelay(1, delay);
    return `delay up to ${delay} ms`;
  },
];

const REPAIRS: readonly Fault[] = [
  (world) => {
    for (const member of world.members) member.start();
    return 'restart all';
  },
  (world, prng) => {
    const member = prng.pick(world.members);
    member.start();
    return `restart ${member.name}`;
  },
  (world) => {
    world.network.heal();
    return 'mend the network';
  },
  (world) => {
    world.network.setLoss(0);
    world.network.setDelay(0.2, 3);
    return 'a good network';
  },
];

/** Breaks and mends things, each a while after the other, for `durationMs`. */
export async function runFaults(world: World, prng: Prng, durationMs: number): Promise<void> {
  const untilMs = world.clock.nowMs() + durationMs;
  while (world.clock.nowMs() < untilMs) {
    await world.clock.sleep(100 + prng.unit() * 900);
    const happened = prng.pick(prng.chance(0.45) ? FAULTS : REPAIRS)(world, prng);
    world.trace.add(`${world.clock.nowMs()} ! ${happened}`);
  }
}

function crash(member: SimMember, how: 'power' | 'process'): string {
  member.crash(how);
  return `crash ${member.name} (${how})`;
}

function isolate(world: World, member: SimMember): string {
  world.network.partition(
    [member.name],
    world.members.map(({ name }) => name).filter((name) => name !== member.name),
  );
  return `isolate ${member.name}`;
}

function leaderOf(world: World): SimMember | undefined {
  return world.members.find((member) => member.running?.member.isLeader);
}
