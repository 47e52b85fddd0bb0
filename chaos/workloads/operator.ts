import type { Prng } from '../../base/prng.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** Milliseconds between two looks of the operator. */
const LOOK_MS = 500;
const OPERATOR = -1;
const NAME = 'operator';

/** Rebuilds members whose disk is damaged, under another name; with `members` among the faults, others too. */
export async function runOperator(world: World, prng: Prng): Promise<void> {
  let count = 0;
  let nextChangeMs = world.clock.nowMs() + 5000;
  const joining = new Set<SimMember>();
  while (!world.isStopped) {
    const isBusy = joining.size > 0 || world.present.some(({ isTainted, isDown }) => isTainted && isDown);
    if (!isBusy) world.changers.delete(NAME);
    await world.clock.sleep(LOOK_MS);
    if (world.isStopped) return;
    world.changers.add(NAME);
    for (const member of joining) if (await promote(world, member, prng)) joining.delete(member);
    if (joining.size > 0) continue;
    const damaged = world.present.find(({ isTainted, isDown }) => isTainted && isDown);
    // Nobody else goes while a disk is damaged that nobody has noticed yet: that could be one too many.
    const isSpared = !world.isOver && world.present.every(({ isTainted }) => !isTainted);
    const isDue = world.plan.faults.includes('members') && isSpared && world.clock.nowMs() > nextChangeMs;
    if (damaged === undefined && !isDue) continue;
    nextChangeMs = world.clock.nowMs() + 4000 + prng.unit() * 10_000;
    const gone = damaged ?? (world.present.length > 3 || prng.chance(0.5) ? prng.pick(world.present) : undefined);
    if (gone !== undefined && !(await remove(world, gone, prng))) continue;
    const added = await add(world, `n${++count}`, prng);
    if (added !== undefined) joining.add(added);
  }
}

/** True once the cluster knows it no more. */
async function remove(world: World, member: SimMember, prng: Prng): Promise<boolean> {
  const target = world.someMember(prng);
  if (target === undefined || target.at === member) return false;
  const url = `http://${member.name}:2380`;
  const removed = await attempt(world, OPERATOR, target, async (kv) => {
    const { members } = await kv.memberList({ linearizable: true });
    const found = members.find(({ peerURLs }) => peerURLs.includes(url));
    if (found !== undefined) await kv.memberRemove({ ID: found.ID });
    return true;
  });
  world.note(() => `! the operator removes ${member.name}: ${removed === true ? 'done' : 'unknown'}`);
  if (removed !== true) return false;
  member.isRetired = true;
  member.crash('process');
  return true;
}

async function add(world: World, name: string, prng: Prng): Promise<SimMember | undefined> {
  const target = world.someMember(prng);
  if (target === undefined) return undefined;
  const url = `http://${name}:2380`;
  const added = await attempt(world, OPERATOR, target, async (kv) => {
    await kv.memberAdd({ peerURLs: [url], isLearner: true });
    return true;
  });
  world.note(() => `! the operator adds ${name}: ${added === true ? 'done' : 'unknown'}`);
  if (added !== true && !(await isKnown(world, url, prng))) return undefined;
  const member = world.addJoining(name);
  member.start();
  return member;
}

async function isKnown(world: World, url: string, prng: Prng): Promise<boolean> {
  for (let attempts = 0; attempts < 20 && !world.isStopped; attempts++) {
    await world.clock.sleep(LOOK_MS);
    const target = world.someMember(prng);
    const list = target && (await attempt(world, OPERATOR, target, (kv) => kv.memberList({ linearizable: true })));
    if (list !== undefined) return list.members.some(({ peerURLs }) => peerURLs.includes(url));
  }
  return false;
}

/** True once the learner votes. */
async function promote(world: World, member: SimMember, prng: Prng): Promise<boolean> {
  const target = world.someMember(prng);
  if (target === undefined) return false;
  const url = `http://${member.name}:2380`;
  const isDone = await attempt(world, OPERATOR, target, async (kv) => {
    const { members } = await kv.memberList({ linearizable: true });
    const found = members.find(({ peerURLs }) => peerURLs.includes(url));
    if (found === undefined || !found.isLearner) return true;
    await kv.memberPromote({ ID: found.ID });
    return true;
  });
  if (isDone === true) world.note(() => `! ${member.name} votes`);
  return isDone === true;
}
