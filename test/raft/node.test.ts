import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, MemberId, Term } from '../../base/brand.ts';
import { EMPTY_BYTES, utf8Bytes } from '../../base/bytes.ts';
import { bootstrapState, JOINING_STATE } from '../../raft/bootstrap.ts';
import { encodeConfChange } from '../../raft/conf-change.ts';
import { RAFT_DEFAULTS } from '../../raft/limits.ts';
import { createRaft } from '../../raft/node.ts';
import type { Entry, Message, RaftNode, RaftOptions, RaftState, Ready } from '../../raft/types.ts';

const id = (value: number): MemberId => BigInt(value) as MemberId;
const at = (value: number): Index => value as Index;
const term = (value: number): Term => value as Term;

function options(member: number, overrides: Partial<RaftOptions> = {}): RaftOptions {
  return { ...RAFT_DEFAULTS, id: id(member), seed: 1, ...overrides };
}

/** A state behind snapshot 1/1 of a cluster of the given voters. */
function stateOf(voters: number[], ...entries: Entry[]): RaftState {
  const conf = { voters: voters.map(id), votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  return {
    hardState: { term: term(1), vote: id(0), commit: at(1) },
    snapshot: { index: at(1), term: term(1), conf },
    entries,
    applied: at(1),
  };
}

/** Takes all Readys, persists and applies them, and returns them. */
function settle(raft: RaftNode): Ready[] {
  const taken: Ready[] = [];
  for (let ready = raft.ready(); ready !== undefined; ready = raft.ready()) {
    taken.push(ready);
    raft.persisted(ready.sequence);
    if (ready.snapshot !== undefined) raft.applied(ready.snapshot.index);
    const last = ready.committed.at(-1);
    if (last !== undefined) raft.applied(last.index);
  }
  return taken;
}

function entry(index: number, ofTerm: number, text = ''): Entry {
  return { index: at(index), term: term(ofTerm), type: 'normal', data: utf8Bytes(text) };
}

function append(prevIndex: number, prevTerm: number, entries: Entry[], commit = 1): Message {
  const head = { type: 'append', from: id(2), to: id(1), term: term(2) } as const;
  return { ...head, prevIndex: at(prevIndex), prevTerm: term(prevTerm), entries, commit: at(commit), quiet: false };
}

test('a single voter commits what its own disk has, several Readys ahead', () => {
  const raft = createRaft(options(1), stateOf([1]));
  raft.campaign();
  settle(raft);
  assert.equal(raft.status().role, 'leader');
  raft.propose(utf8Bytes('a'));
  const first = raft.ready();
  raft.propose(utf8Bytes('b'));
  const second = raft.ready();
  assert.deepEqual(
    [first?.entries.map(({ index }) => index), second?.entries.map(({ index }) => index)],
    [[3], [4]],
    'an entry goes to the disk once',
  );
  assert.deepEqual([first?.committed.length, second?.committed.length, raft.ready()], [0, 0, undefined]);
  raft.persisted(second?.sequence ?? 0); // stands for the first as well
  assert.deepEqual(
    raft.ready()?.committed.map(({ index }) => index),
    [3, 4],
  );
  assert.throws(() => raft.persisted(99), /never handed out/);
});

test('a read of a single voter is answered by the next Ready', () => {
  const raft = createRaft(options(1), stateOf([1]));
  raft.readIndex(1n);
  assert.deepEqual(raft.ready()?.readsDropped, [1n], 'there is no leader to ask');
  raft.campaign();
  settle(raft);
  raft.readIndex(2n);
  assert.deepEqual(raft.ready()?.reads, [{ context: 2n, index: 2 }]);
});

test('a commit index that moved is stored without a sync; entries and votes with one', () => {
  const raft = createRaft(options(1), stateOf([1, 2, 3]));
  raft.step(append(1, 1, [entry(2, 2), entry(3, 2)], 1));
  const [first] = settle(raft);
  assert.deepEqual([first?.mustSync, first?.hardState?.term, first?.entries.length], [true, 2, 2]);
  raft.step(append(3, 2, [], 3));
  const [second] = settle(raft);
  assert.deepEqual([second?.mustSync, second?.hardState?.commit, second?.entries.length], [false, 3, 0]);
});

test('what a follower acknowledges waits for the disk, what it refuses does not', () => {
  const raft = createRaft(options(1), stateOf([1, 2, 3]));
  raft.step(append(1, 1, [entry(2, 2)]));
  raft.step(append(2, 2, [entry(3, 2)]));
  raft.step(append(9, 2, [entry(10, 2)]));
  const ready = raft.ready();
  assert.deepEqual(
    ready?.messages.map((message) => message.type === 'append-response' && message.rejected),
    [true],
  );
  const answers = ready?.messagesAfterPersist ?? [];
  assert.equal(answers.length, 1, 'the last acknowledgement stands for all');
  assert.equal(answers[0]?.type === 'append-response' && answers[0].index, 3);
});

test('a message that makes no sense is passed over', () => {
  const raft = createRaft(options(1), stateOf([1, 2, 3]));
  settle(raft);
  raft.step({ ...append(1, 1, [entry(2, 2)]), to: id(7) });
  raft.step(append(1, 1, [entry(3, 2)])); // a gap
  raft.step(append(1, 1, [entry(2, 2), entry(5, 2)]));
  assert.equal(raft.status().lastIndex, 1);
  raft.campaign();
  raft.provideSnapshotChunk(id(2), undefined);
  raft.reportUnreachable(id(2));
  raft.stepDown();
  raft.transferLeader(id(3));
  assert.equal(raft.status().role, 'follower');
});

test('a forwarded membership change that cannot be read is dropped', () => {
  const raft = createRaft(options(1), stateOf([1]));
  raft.campaign();
  settle(raft);
  for (const data of [EMPTY_BYTES, utf8Bytes('nonsense')]) {
    raft.step({ type: 'propose', from: id(2), to: id(1), term: term(0), entries: [{ type: 'conf', data }] });
    assert.deepEqual(
      raft.ready()?.messages.map(({ type }) => type),
      ['propose-response'],
    );
  }
});

test('a snapshot whose last entry is in the log is not needed', () => {
  const raft = createRaft(options(1), stateOf([1, 2, 3], entry(2, 1), entry(3, 1)));
  const { conf } = raft.status();
  const head = { type: 'snapshot-chunk', from: id(2), to: id(1), term: term(2) } as const;
  raft.step({ ...head, meta: { index: at(3), term: term(1), conf }, offset: 0, data: utf8Bytes('x'), done: true });
  const [ready] = settle(raft);
  assert.deepEqual([ready?.snapshot, ready?.snapshotChunks, raft.status().commit], [undefined, [], 3]);
  assert.equal(ready?.messagesAfterPersist[0]?.type, 'append-response');
});

test('a snapshot that is installed brings its configuration, and one that is not keeps from campaigning', () => {
  const raft = createRaft(options(1), stateOf([1, 2, 3]));
  const conf = { ...raft.status().conf, voters: [id(1), id(2)] };
  const head = { type: 'snapshot-chunk', from: id(2), to: id(1), term: term(2) } as const;
  raft.step({ ...head, meta: { index: at(9), term: term(2), conf }, offset: 0, data: utf8Bytes('x'), done: true });
  const [chunk] = settle(raft);
  assert.equal(chunk?.snapshot, undefined, 'it has not been looked at');
  raft.snapshotChecked({ index: at(9), term: term(2), conf }, { isWhole: true });
  const ready = raft.ready();
  assert.equal(ready?.snapshot?.index, 9);
  raft.campaign();
  assert.equal(raft.status().role, 'follower');
  raft.persisted(ready?.sequence ?? 0);
  raft.applied(at(9));
  raft.campaign();
  assert.deepEqual([raft.status().role, raft.status().conf.voters], ['pre-candidate', [1n, 2n]]);
  assert.deepEqual([raft.status().firstIndex, raft.termOf(at(9))], [10, 2]);
});

test('the configuration after a restart is that of what was applied', () => {
  const add = (index: number, member: number): Entry => {
    const changes = [{ type: 'add-learner', member: id(member) }] as const;
    const data = encodeConfChange({ transition: 'auto', changes, context: EMPTY_BYTES });
    return { index: at(index), term: term(1), type: 'conf', data };
  };
  const found = { ...stateOf([1, 2, 3], add(2, 4), add(3, 5)), applied: at(2) };
  assert.deepEqual(createRaft(options(1), found).status().conf.learners, [4n], 'replayed from the log');
  const conf = { ...found.snapshot.conf, learners: [id(9)] };
  assert.deepEqual(
    createRaft(options(1), { ...found, conf }).status().conf.learners,
    [9n],
    'or as the state machine says',
  );
});

test('the first members of a cluster know each other once they have applied what they start with', () => {
  const members = [2, 1].map((member) => ({ id: id(member), context: utf8Bytes(`m${member}`) }));
  const state = bootstrapState(members);
  assert.deepEqual(state, bootstrapState([...members].reverse()), 'the same on all of them');
  const raft = createRaft(options(1), state);
  raft.campaign();
  assert.equal(raft.status().role, 'follower', 'not before');
  const ready = raft.ready();
  assert.deepEqual(
    ready?.committed.map(({ index, type }) => [index, type]),
    [
      [1, 'conf'],
      [2, 'conf'],
    ],
  );
});

test('a member that joins waits to be told', () => {
  const raft = createRaft(options(4), JOINING_STATE);
  for (let i = 0; i < 100; i++) raft.tick();
  assert.equal(raft.ready(), undefined);
});

test('limits that contradict each other are refused', () => {
  for (const wrong of [
    { electionTicks: 1, heartbeatTicks: 1 },
    { heartbeatTicks: 0 },
    { maxInflightMessages: 0 },
    { maxInflightBytes: 1 },
    { maxUncommittedBytes: 1 },
    { id: id(0) },
  ]) {
    assert.throws(() => createRaft(options(1, wrong), stateOf([1])), /AssertionError/);
  }
});

test('a snapshot that cannot be read now is asked for again later', () => {
  const raft = createRaft(options(1, { electionTicks: 10, preVote: false }), stateOf([1, 2], entry(2, 1), entry(3, 1)));
  const answer = (type: 'vote-response' | 'heartbeat-response'): Message =>
    type === 'vote-response'
      ? { type, from: id(2), to: id(1), term: term(2), granted: true }
      : { type, from: id(2), to: id(1), term: term(2), context: 0n, unattended: false };
  raft.campaign();
  settle(raft);
  raft.step(answer('vote-response'));
  settle(raft);
  const hint = { hintIndex: at(0), hintTerm: term(0) };
  raft.step({ type: 'append-response', from: id(2), to: id(1), term: term(2), index: at(4), rejected: false, ...hint });
  settle(raft);
  raft.compact(at(4));
  // A new follower has nothing of what is gone.
  raft.applyConfChange({ transition: 'auto', changes: [{ type: 'add-learner', member: id(3) }], context: EMPTY_BYTES });
  settle(raft);
  const refusal = { index: at(4), rejected: true, ...hint };
  raft.step({ type: 'append-response', from: id(3), to: id(1), term: term(2), ...refusal });
  const [asked] = settle(raft);
  assert.deepEqual(
    asked?.snapshotReads.map(({ to, meta, offset }) => [to, meta, offset]),
    [[3n, undefined, 0]],
  );
  raft.provideSnapshotChunk(id(3), undefined);
  let reads = 0;
  for (let i = 0; i < 11; i++) {
    raft.tick();
    raft.step(answer('heartbeat-response'));
    raft.step({ ...answer('heartbeat-response'), from: id(3) });
    for (const ready of settle(raft)) reads += ready.snapshotReads.length;
    if (i < 9) assert.equal(reads, 0, 'not at once');
  }
  assert.equal(reads, 1);
  // A snapshot from before the log's start would leave a gap: it counts as none.
  const { conf } = raft.status();
  const old = { meta: { index: at(3), term: term(1), conf }, offset: 0, data: utf8Bytes('x'), done: true };
  raft.provideSnapshotChunk(id(3), old);
  assert.deepEqual(
    settle(raft).flatMap(({ messages }) => messages.map(({ type }) => type)),
    [],
  );
});
