import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberId } from '../../../base/brand.ts';
import { type CommandBody, sealCommand } from '../../../proto/command.ts';
import type { Member } from '../../../proto/gen/etcd.ts';
import { encodeConfChange } from '../../../raft/conf-change.ts';
import type { ConfChange } from '../../../raft/types.ts';
import type { Outcome } from '../../../storage/machine/machine.ts';
import { put, World } from './world.ts';

function codeOf(outcome: Outcome): string {
  return outcome.type === 'error' ? outcome.error.code : outcome.type;
}

function member(ID: bigint, options: Partial<Member> = {}): Member {
  return { ID, name: '', peerURLs: [`http://peer-${ID}`], clientURLs: [], isLearner: false, ...options };
}

function conf(type: 'add-voter' | 'add-learner' | 'remove', id: bigint, body?: CommandBody): ConfChange {
  const context = body === undefined ? new Uint8Array(0) : sealCommand(99n, body);
  return { transition: 'auto', changes: [{ type, member: id as MemberId }], context };
}

/** Two voters and a learner. */
function cluster(): World {
  const world = new World();
  for (const id of [1n, 2n]) change(world, conf('add-voter', id, { case: 'memberAdd', memberAdd: member(id) }));
  change(world, conf('add-learner', 3n, { case: 'memberAdd', memberAdd: member(3n, { isLearner: true }) }));
  return world;
}

function change(world: World, step: ConfChange): Outcome {
  return world.applyEntry({ type: 'conf', data: encodeConfChange(step) }).outcome;
}

const memberships: { name: string; step: ConfChange; code: string; voters: bigint[]; learners: bigint[] }[] = [
  {
    name: 'adding a voter',
    step: conf('add-voter', 4n, { case: 'memberAdd', memberAdd: member(4n) }),
    code: 'member',
    voters: [1n, 2n, 4n],
    learners: [3n],
  },
  {
    name: 'promoting a learner',
    step: conf('add-voter', 3n, { case: 'memberPromote', memberPromote: { ID: 3n } }),
    code: 'member',
    voters: [1n, 2n, 3n],
    learners: [],
  },
  {
    name: 'removing a voter',
    step: conf('remove', 2n, { case: 'memberRemove', memberRemove: { ID: 2n } }),
    code: 'member',
    voters: [1n],
    learners: [3n],
  },
  {
    name: 'adding one that is there',
    step: conf('add-voter', 1n, { case: 'memberAdd', memberAdd: member(1n) }),
    code: 'MEMBER_EXISTS',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'adding one with the address of another',
    step: conf('add-voter', 4n, { case: 'memberAdd', memberAdd: member(4n, { peerURLs: ['http://peer-1'] }) }),
    code: 'PEER_URL_EXISTS',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'adding a second learner',
    step: conf('add-learner', 4n, { case: 'memberAdd', memberAdd: member(4n, { isLearner: true }) }),
    code: 'TOO_MANY_LEARNERS',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'promoting a voter',
    step: conf('add-voter', 2n, { case: 'memberPromote', memberPromote: { ID: 2n } }),
    code: 'NOT_LEARNER',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'promoting nobody',
    step: conf('add-voter', 9n, { case: 'memberPromote', memberPromote: { ID: 9n } }),
    code: 'MEMBER_NOT_FOUND',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'removing nobody',
    step: conf('remove', 9n, { case: 'memberRemove', memberRemove: { ID: 9n } }),
    code: 'MEMBER_NOT_FOUND',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'a record that does not fit',
    step: conf('remove', 1n, { case: 'memberRemove', memberRemove: { ID: 2n } }),
    code: 'UNKNOWN',
    voters: [1n, 2n],
    learners: [3n],
  },
  {
    name: 'a put in a conf entry',
    step: conf('remove', 1n, { case: 'put', put: put('a', '') }),
    code: 'UNKNOWN',
    voters: [1n, 2n],
    learners: [3n],
  },
];

for (const { name, step, code, voters, learners } of memberships) {
  test(`${name}: ${code}, also after a restart`, () => {
    const world = cluster();
    assert.equal(codeOf(change(world, step)), code);
    const handed = world.machine.confChange();
    assert.equal(handed?.changes.length, code === 'member' ? 1 : 0);
    for (const machine of [world.machine, world.restored()]) {
      assert.deepEqual(machine.conf().voters, voters);
      assert.deepEqual(machine.conf().learners, learners);
      assert.deepEqual(machine.members(), world.machine.members());
      assert.equal(machine.isMemberRemoved(2n as MemberId), name === 'removing a voter');
    }
  });
}

test('a removed member never comes back', () => {
  const world = cluster();
  change(world, conf('remove', 2n, { case: 'memberRemove', memberRemove: { ID: 2n } }));
  world.restart();
  const again = conf('add-voter', 2n, { case: 'memberAdd', memberAdd: member(2n) });
  assert.equal(codeOf(change(world, again)), 'MEMBER_NOT_FOUND');
});

test('a member says its name and addresses, and is given another', () => {
  const world = cluster();
  const named = { ID: 1n, name: 'one', clientURLs: ['http://client-1'] };
  assert.equal(world.apply({ case: 'memberAttributes', memberAttributes: named }).outcome.type, 'member');
  assert.equal(
    world.apply({ case: 'memberUpdate', memberUpdate: { ID: 1n, peerURLs: ['http://new'] } }).outcome.type,
    'member',
  );
  const taken = world.apply({ case: 'memberUpdate', memberUpdate: { ID: 1n, peerURLs: ['http://peer-2'] } });
  assert.equal(codeOf(taken.outcome), 'PEER_URL_EXISTS');
  const unknown = world.apply({ case: 'memberAttributes', memberAttributes: { ...named, ID: 8n } });
  assert.equal(codeOf(unknown.outcome), 'MEMBER_NOT_FOUND');
  const expected = member(1n, { name: 'one', clientURLs: ['http://client-1'], peerURLs: ['http://new'] });
  assert.deepEqual(world.restored().members()[0], expected);
});

test('leaves a joint configuration without a record', () => {
  const world = cluster();
  const changes = [
    { type: 'remove' as const, member: 2n as MemberId },
    { type: 'add-voter' as const, member: 4n as MemberId },
  ];
  assert.equal(change(world, { transition: 'joint-explicit', changes, context: new Uint8Array(0) }).type, 'member');
  assert.deepEqual(world.machine.conf().votersOutgoing, [1n, 2n]);
  assert.deepEqual(world.restored().conf(), world.machine.conf());
  assert.equal(change(world, { transition: 'auto', changes: [], context: new Uint8Array(0) }).type, 'member');
  assert.deepEqual(world.machine.conf().voters, [1n, 4n]);
});

test('what a new cluster starts with is written first', () => {
  const members = [member(1n)];
  const state = { voters: [1n as MemberId], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  const world = new World({ bootstrap: { members, conf: state } });
  world.write(world.machine.takeWrites());
  assert.deepEqual(world.restored().members(), members);
  assert.deepEqual(world.restored().conf(), state);
});
