import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { MemberId } from '../../../base/brand.ts';
import { type CommandBody, formatOf } from '../../../proto/command.ts';
import { AlarmType, type Member } from '../../../proto/gen/etcd.ts';
import type { Machine } from '../../../storage/machine/machine.ts';
import { put, World } from './world.ts';

const IDS = [1n, 2n, 3n] as const;

/** A world of three voters whose format is 2. */
function founded(ids: readonly bigint[] = IDS): World {
  const members = ids.map(
    (ID): Member => ({ ID, name: `m${ID}`, peerURLs: [`http://${ID}`], clientURLs: [], isLearner: false }),
  );
  const conf = {
    voters: ids as readonly MemberId[],
    votersOutgoing: [],
    learners: [],
    learnersNext: [],
    autoLeave: false,
  };
  const world = new World({ bootstrap: { members, conf } });
  world.apply({ case: 'clusterFormat', clusterFormat: { format: 2 } });
  return world;
}

const PUT: CommandBody = { case: 'put', put: put('k', 'v') };
const MARK: CommandBody = { case: 'stateHashMark', stateHashMark: {} };

function vote(world: World, memberID: bigint, hash: number): ReturnType<World['apply']> {
  const { mark } = world.machine.stateHash;
  return world.apply({ case: 'stateHashVote', stateHashVote: { memberID, mark, hash } });
}

const accused = (machine: Machine): readonly bigint[] =>
  machine.alarms(AlarmType.CORRUPT).map(({ memberID }) => memberID);

suite('the hash of the state', () => {
  test('is equal after the same entries, however they are batched, and goes on from its row', () => {
    const [one, two] = [founded(), founded()];
    for (const world of [one, two]) world.apply(PUT);
    one.machine.takeWrites();
    for (const world of [one, two]) world.apply({ case: 'put', put: put('l', 'w') });
    assert.equal(one.machine.stateHash.value, two.machine.stateHash.value);
    assert.deepEqual(two.restored().stateHash.value, two.machine.stateHash.value);
  });

  test('tells apart what differs in a value, and never forgets it', () => {
    const [one, two] = [founded(), founded()];
    one.apply(PUT);
    two.apply({ case: 'put', put: put('k', 'w') });
    for (const world of [one, two]) for (let i = 0; i < 50; i++) world.apply(PUT);
    assert.notEqual(one.machine.stateHash.value, two.machine.stateHash.value);
  });

  test('is not kept, and no row of it written, before all members know it', () => {
    const world = new World();
    world.apply(PUT);
    assert.deepEqual([world.machine.stateHash.value, world.machine.stateHash.isChanged], [0, false]);
    assert.equal(formatOf(MARK), 2);
    assert.equal(formatOf(PUT), 1);
  });
});

suite('votes at a mark', () => {
  test('a member that differs from a majority is accused, and cleared when it agrees again', () => {
    const world = founded();
    world.apply(PUT);
    world.apply(MARK);
    const { own } = world.machine.stateHash;
    vote(world, 3n, own + 1);
    vote(world, 1n, own);
    assert.deepEqual(accused(world.machine), [], 'two of three that differ are no majority');
    vote(world, 2n, own);
    assert.deepEqual(accused(world.machine), [3n]);
    world.apply(MARK);
    for (const id of IDS) vote(world, id, world.machine.stateHash.own);
    assert.deepEqual(accused(world.machine), []);
  });

  test('a leader that is wrong does not accuse a healthy majority: it learns that it is wrong', () => {
    const world = founded();
    world.apply(PUT);
    world.apply(MARK);
    const { own } = world.machine.stateHash;
    assert.equal(vote(world, 1n, own).diverged, undefined);
    vote(world, 2n, own + 1);
    const { diverged } = vote(world, 3n, own + 1);
    assert.deepEqual(diverged, { mark: world.machine.stateHash.mark, own, majority: own + 1 });
    assert.deepEqual(accused(world.machine), [1n]);
  });

  test('a split that nobody can decide is an alarm for all when its round ends', () => {
    const world = founded();
    world.apply(MARK);
    for (const id of IDS) vote(world, id, Number(id));
    world.apply(MARK);
    assert.deepEqual(accused(world.machine), [0n]);
    assert.equal(world.machine.refusal(PUT, 0)?.code, 'CORRUPT');
    for (const id of IDS) vote(world, id, 7);
    assert.deepEqual(accused(world.machine), []);
  });

  test('a vote for another mark, or of a stranger, counts for nothing', () => {
    const world = founded();
    world.apply(MARK);
    const { mark, own } = world.machine.stateHash;
    world.apply(MARK);
    world.apply({ case: 'stateHashVote', stateHashVote: { memberID: 1n, mark, hash: own } });
    vote(world, 9n, own);
    assert.equal(world.machine.stateHash.votes.size, 0);
  });

  test('survive a restart', () => {
    const world = founded();
    world.apply(PUT);
    world.apply(MARK);
    vote(world, 1n, 5);
    assert.deepEqual(world.restored().stateHash.votes, new Map([[1n, 5]]));
    assert.equal(world.restored().stateHash.mark, world.machine.stateHash.mark);
  });
});
