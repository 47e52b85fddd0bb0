import type { Prng } from '../../base/prng.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';

/** How often a step looks whether what it waits for has come, in milliseconds. */
const LOOK_MS = 2;

/** Waits for what `find` finds; undefined when it has not come within `limitMs`, or clients have stopped. */
export async function soon<T>(world: World, find: () => T | undefined, limitMs: number): Promise<T | undefined> {
  const untilMs = world.clock.nowMs() + limitMs;
  for (let found = find(); ; found = find()) {
    if (found !== undefined || world.isOver || world.clock.nowMs() >= untilMs) return found;
    await world.clock.sleep(LOOK_MS);
  }
}

/** A leader among `members`, as soon as there is one. */
export function leaderSoon(
  world: World,
  limitMs: number,
  members: readonly SimMember[] = world.present,
): Promise<SimMember | undefined> {
  return soon(world, () => members.find(({ running }) => running?.member.isLeader), limitMs);
}

/** Everybody present but those, in an order that the seed decides. */
export function othersThan(world: World, members: readonly SimMember[], prng: Prng): readonly SimMember[] {
  const others = world.present.filter((member) => !members.includes(member));
  return others
    .map((member) => ({ member, at: prng.unit() }))
    .sort((a, b) => a.at - b.at)
    .map(({ member }) => member);
}

/** Cuts these off from all others, both ways. */
export function isolate(world: World, ...members: readonly SimMember[]): void {
  const inside = members.map(({ name }) => name);
  world.network.partition(
    inside,
    world.present.map(({ name }) => name).filter((name) => !inside.includes(name)),
  );
}

/** Everybody runs, nobody is cut off. */
export function mend(world: World): void {
  if (world.isOver) return;
  world.network.heal();
  for (const member of world.present) {
    member.resume();
    member.start();
  }
}
