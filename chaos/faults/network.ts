import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import type { FaultKind } from './fault.ts';

/**
 * Partitions, also one-way; loss (which resets a connection, as TCP makes it), delay that lets connections overtake each other, slow links; and
 * messages of consensus that are lost, doubled or overtaken on a connection that goes on: what reconnecting does now and then, often.
 */
export const network: FaultKind = {
  faults: [
    (world, prng) => isolate(world, world.leader ?? prng.pick(world.present)),
    (world, prng) => isolate(world, prng.pick(world.present)),
    (world, prng) => {
      const names = world.present.map(({ name }) => name);
      const group = names.filter(() => prng.chance(0.5));
      const rest = names.filter((name) => !group.includes(name));
      world.network.partition(group, rest);
      return `partition ${group.join(' ')} | ${rest.join(' ')}`;
    },
    (world, prng) => {
      const [from, to] = [prng.pick(world.present).name, prng.pick(world.present).name];
      world.network.cut([from], [to]);
      return `cut ${from}>${to}`;
    },
    (world) => {
      const { leader } = world;
      if (leader === undefined) return undefined;
      world.network.cut(
        world.present.map(({ name }) => name),
        [leader.name],
      );
      return `nothing reaches ${leader.name}`;
    },
    (world, prng) => {
      const loss = prng.unit() * 0.03;
      world.network.setLoss(loss);
      return `loss ${loss.toFixed(3)}`;
    },
    (world, prng) => {
      const [lost, doubled, overtaken] = [0.2 * prng.unit(), 0.3 * prng.unit(), 0.3 * prng.unit()];
      const laterMs = prng.pick([20, 200, 2000]);
      world.network.setMessageFaults({ lost, doubled, overtaken, laterMs });
      return `messages: ${lost.toFixed(2)} lost, ${doubled.toFixed(2)} doubled, ${overtaken.toFixed(2)} overtaken by up to ${laterMs} ms`;
    },
    (world, prng) => {
      const delay = prng.between(5, 700);
      world.network.setDelay(1, delay);
      return `delay up to ${delay} ms`;
    },
    (world, prng) => {
      const [a, b] = [prng.pick(world.present).name, prng.pick(world.present).name];
      const moreMs = prng.between(50, 2000);
      world.network.setSlow(a, b, moreMs);
      return `slow ${a}-${b} +${moreMs} ms`;
    },
  ],
  repairs: [
    (world) => {
      world.network.heal();
      return 'mend the network';
    },
    (world) => {
      world.network.heal();
      world.network.setLoss(0);
      world.network.setDelay(0.2, 3);
      return 'a good network';
    },
  ],
};

function isolate(world: World, member: SimMember): string {
  const others = world.present.map(({ name }) => name).filter((name) => name !== member.name);
  world.network.partition([member.name], others);
  return `isolate ${member.name}`;
}
