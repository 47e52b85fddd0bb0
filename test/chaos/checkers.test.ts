import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDurability, type WriteRecord } from '../../chaos/checkers/durability.ts';
import { checkLeaseKeys, checkLeases, type LeaseLook, type LeaseRecord } from '../../chaos/checkers/leases.ts';
import { checkLocks, type GuardedWrite } from '../../chaos/checkers/locks.ts';
import { RaftInvariants, type RaftSample } from '../../chaos/checkers/raft-invariants.ts';
import { checkReads, type ReadRecord } from '../../chaos/checkers/reads.ts';
import { type Change, type KeyState, RevisionLog } from '../../chaos/checkers/revision-log.ts';
import { checkRevisions, type SeenRevision } from '../../chaos/checkers/revisions.ts';
import { checkSameState, type StateReport } from '../../chaos/checkers/same-state.ts';
import { checkWatches, type WatchRecord, type WatchTold } from '../../chaos/checkers/watches.ts';

/** a=1, then b=1 and c=1 together, then a=2, then b is deleted: revisions 2 to 5. */
const HISTORY: readonly (readonly Change[])[] = [
  [{ key: 'a', value: '1', previous: undefined }],
  [
    { key: 'b', value: '2', previous: undefined },
    { key: 'c', value: '2', previous: undefined },
  ],
  [{ key: 'a', value: '3', previous: '1' }],
  [{ key: 'b', value: undefined, previous: '2' }],
];

function log(): RevisionLog {
  const revisions = new RevisionLog();
  for (const [i, changes] of HISTORY.entries()) revisions.record(i + 2, changes);
  return revisions;
}

/** Each line: what was planted, and a word of what the checker says; no word: all is well. */
function expectAll(name: string, lines: readonly (readonly [string, readonly string[], string?])[]): void {
  for (const [planted, violations, word] of lines) {
    test(`${name}: ${planted}`, () => {
      if (word === undefined) assert.deepEqual(violations, []);
      else assert.match(violations.join('\n'), new RegExp(word));
    });
  }
}

const write = (keys: readonly string[], value: string | undefined, revision?: number): WriteRecord => ({
  client: 1,
  keys,
  value,
  revision,
});
const WRITES = [write(['a'], '1', 2), write(['b', 'c'], '2', 3), write(['a'], '3', 4), write(['b'], undefined, 5)];
const withGap = new RevisionLog();
withGap.record(3, [{ key: 'a', value: '1', previous: undefined }]);
const twice = log();
twice.record(6, [{ key: 'a', value: '1', previous: '3' }]);

expectAll('durability', [
  ['nothing', checkDurability(log(), WRITES)],
  ['an unknown write that did not happen', checkDurability(log(), [...WRITES, write(['z'], '9')])],
  ['an acknowledged write that is not there', checkDurability(log(), [...WRITES, write(['z'], '9', 4)]), 'was told'],
  ['half of a transaction', checkDurability(log(), [...WRITES, write(['b', 'x'], '2', 3)]), 'was told'],
  ['more than the write', checkDurability(log(), [...WRITES.slice(0, 1), write(['b'], '2', 3)]), 'was told'],
  ['a write applied twice', checkDurability(twice, WRITES), 'more than once'],
  ['a revision that nobody published', checkDurability(withGap, [write(['a'], '1')]), 'by nobody'],
  ['a value that nobody wrote', checkDurability(log(), WRITES.slice(1)), 'written by nobody'],
]);

const seen = (start: number, end: number, revision: number, wrote = false): SeenRevision => ({
  client: 1,
  start,
  end,
  revision,
  wrote,
});

expectAll('revisions', [
  ['nothing', checkRevisions([seen(1, 2, 5, true), seen(3, 4, 5), seen(5, 6, 6, true)])],
  ['concurrent calls', checkRevisions([seen(1, 9, 6, true), seen(2, 8, 5, true)])],
  ['a read that went back', checkRevisions([seen(1, 2, 5), seen(3, 4, 4)]), 'was told revision 4'],
  ['a write at the revision that was read before', checkRevisions([seen(1, 2, 5), seen(3, 4, 5, true)]), 'revision 5'],
  ['one revision for two writes', checkRevisions([seen(1, 4, 5, true), seen(2, 3, 5, true)]), 'was given to'],
]);

const event = (revision: number, i = 0): WatchTold['events'][number] => ({
  revision,
  change: HISTORY[revision - 2]?.[i] as Change,
});
const told = (revision: number, ...events: WatchTold['events']): WatchTold => ({
  events,
  revision,
  isProgress: events.length === 0,
});
const watch = (...responses: readonly WatchTold[]): readonly WatchRecord[] => [
  { client: 1, prefix: '', from: 2, prevKv: true, told: responses },
];
const wrongPrevious = { revision: 4, change: { key: 'a', value: '3', previous: '3' } };

expectAll('watches', [
  [
    'nothing',
    checkWatches(log(), watch(told(2, event(2)), told(4, event(3), event(3, 1), event(4)), told(5, event(5)))),
  ],
  ['disorder', checkWatches(log(), watch(told(4, event(3), event(3, 1), event(2)))), 'unordered'],
  ['an event told twice', checkWatches(log(), watch(told(2, event(2)), told(2, event(2)))), 'told twice'],
  ['an event left out', checkWatches(log(), watch(told(2, event(2)), told(4, event(4)))), 'the log has 3'],
  ['a gap after resuming', checkWatches(log(), watch(told(2, event(2)), told(5))), 'nothing more'],
  ['half a revision', checkWatches(log(), watch(told(2, event(2)), told(3, event(3)), told(3, event(3, 1)))), 'atomic'],
  ['a bookmark too early', checkWatches(log(), watch(told(3), told(3, event(2), event(3), event(3, 1)))), 'bookmark'],
  [
    'a wrong previous value',
    checkWatches(log(), watch(told(2, event(2)), told(3, event(3), event(3, 1)), told(4, wrongPrevious))),
    'was 3',
  ],
  [
    'an event that never was',
    checkWatches(
      log(),
      watch(told(2, event(2), { revision: 2, change: { key: 'z', value: '', previous: undefined } })),
    ),
    'no such event',
  ],
]);

const ONE = { value: '1', createRevision: 2, modRevision: 2, version: 1, lease: 0n };
const THREE = { value: '3', createRevision: 2, modRevision: 4, version: 2, lease: 0n };
const exact = (kv: KeyState | undefined, previousKv: KeyState | undefined): readonly string[] =>
  checkWatches(
    log(),
    watch(told(2, event(2)), told(3, event(3), event(3, 1)), told(4, { ...event(4), kv, previousKv })),
  );
const without = (changes: Partial<WatchRecord>, ...responses: readonly WatchTold[]): readonly string[] =>
  checkWatches(
    log(),
    watch(...responses).map((record) => ({ ...record, ...changes })),
  );

expectAll('watches, to the letter', [
  ['nothing', exact(THREE, ONE)],
  ['an update told as a create', exact({ ...THREE, createRevision: 4, version: 1 }, ONE), 'created 4'],
  ['another version', exact({ ...THREE, version: 3 }, ONE), 'version 3'],
  ['another lease', exact({ ...THREE, lease: 5n }, ONE), 'lease 5'],
  ['the new value as the one before', exact(THREE, THREE), 'before 4 a was 3'],
  ['no value before', exact(THREE, undefined), 'before 4 a was'],
  ['puts only', without({ noDelete: true }, told(2, event(2)), told(3, event(3), event(3, 1)), told(5, event(4)))],
  ['deletes only', without({ noPut: true }, told(5, event(5)))],
  ['a filter that lets puts through', without({ noPut: true }, told(2, event(2)), told(5, event(5))), 'the log has 5'],
  ['a filter that takes too much', without({ noDelete: true }, told(2, event(2)), told(5, event(4))), 'the log has 3'],
  ['an old event on a watch of the future', without({ from: 4 }, told(3, event(3), event(3, 1))), 'begins at 4'],
  [
    'an old bookmark on a watch of the future',
    without({ from: 4 }, told(3)),
    'a bookmark for 3, though it begins at 4',
  ],
  ['a bookmark that goes back', without({ from: 4 }, told(5, event(4), event(5)), told(4)), 'after event 5'],
  ['a watch that needs what is gone', without({ from: 2, compactedTo: 4 }, told(2, event(2)))],
  ['a watch ended without need', without({ from: 2, compactedTo: 3 }, told(2, event(2))), 'needed only 3'],
]);

const read = (changes: Partial<ReadRecord>): readonly string[] =>
  checkReads(log(), [
    {
      client: 1,
      key: 'a',
      rangeEnd: 'z',
      limit: 0,
      revision: 3,
      rows: [
        ['a', ONE],
        ['b', { ...ONE, value: '2', createRevision: 3, modRevision: 3 }],
        ['c', { ...ONE, value: '2', createRevision: 3, modRevision: 3 }],
      ],
      count: 3,
      more: false,
      ...changes,
    },
  ]);

expectAll('reads', [
  ['nothing', read({})],
  ['one key', read({ rangeEnd: '', rows: [['a', ONE]], count: 1 })],
  ['a limit', read({ limit: 1, rows: [['a', ONE]], more: true })],
  ['a key that is missing', read({ rows: [['a', ONE]], count: 1 }), 'b=2'],
  ['a key that is not there yet', read({ revision: 2, count: 3 }), 'where it is \\(none\\)'],
  ['another version of the key', read({ rangeEnd: '', rows: [['a', THREE]], count: 1 }), 'where it is a=1'],
  ['a wrong count', read({ limit: 1, rows: [['a', ONE]], count: 1, more: true }), 'there are 3'],
  ['a limit that hides its effect', read({ limit: 1, rows: [['a', ONE]] }), 'no more'],
]);

const lease = (renewedMs: readonly number[], goneMs?: number, revokedMs?: number): readonly LeaseRecord[] => [
  { id: 7n, client: 1, ttlSeconds: 2, renewedMs, goneMs, revokedMs },
];
const BOUNDS = { drift: 0, graceMs: 1000, healthyFromMs: 0, endMs: 20_000 };

expectAll('leases', [
  ['nothing', checkLeases(lease([0, 1000], 3100), BOUNDS)],
  ['an end before the last renewal ran out', checkLeases(lease([0, 1000], 2900), BOUNDS), 'early'],
  ['a fast clock, as fast as allowed', checkLeases(lease([0, 1000], 2900), { ...BOUNDS, drift: 0.1 })],
  ['a revoke', checkLeases(lease([0, 1000], 1500, 1400), BOUNDS)],
  ['a lease that never ends', checkLeases(lease([0, 1000]), BOUNDS), 'too late'],
  ['one that ended unseen', checkLeases([{ ...(lease([0, 1000])[0] as LeaseRecord), wentUnseen: true }], BOUNDS)],
  ['a run that ended before it had to', checkLeases(lease([0, 19_000]), BOUNDS)],
]);

/** a and b on lease 7; b moves to lease 8, and off it: revisions 2 to 5; `gone` are deleted at 6. */
const leased = (...gone: readonly string[]): RevisionLog => {
  const revisions = new RevisionLog();
  revisions.record(2, [{ key: 'a', value: '1', previous: undefined, lease: 7n }]);
  revisions.record(3, [{ key: 'b', value: '1', previous: undefined, lease: 7n }]);
  revisions.record(4, [{ key: 'c', value: '1', previous: undefined, lease: 8n }]);
  revisions.record(5, [{ key: 'b', value: '2', previous: '1' }]);
  revisions.record(
    6,
    gone.map((key) => ({ key, value: undefined, previous: undefined })),
  );
  return revisions;
};
const leaseKeys = (gone: readonly string[], ...looks: readonly Partial<LeaseLook>[]): readonly string[] =>
  checkLeaseKeys(
    leased(...gone),
    looks.map((look) => ({
      client: 1,
      id: 7n,
      fromRevision: 3,
      toRevision: 3,
      keys: ['a', 'b'],
      leftSeconds: 1,
      grantedSeconds: 2,
      ...look,
    })),
    { isOurs: () => true, extendMs: 1000 },
  );

expectAll('keys of leases', [
  ['nothing', leaseKeys(['a'], {}, { fromRevision: 3, toRevision: 5, keys: ['a'] })],
  ['a key that hangs on no lease any more', leaseKeys(['a', 'b']), 'hung on no lease'],
  ['a key of another lease', leaseKeys(['a', 'c']), 'different leases'],
  [
    'a key left behind',
    checkLeaseKeys(oneOfTwo(), [], { isOurs: () => true, extendMs: 0 }),
    'left b of the same lease',
  ],
  ['an answer with other keys', leaseKeys(['a'], { keys: ['a'] }), 'at no revision of 3 to 3'],
  ['as much time left as a new leader gives', leaseKeys(['a'], { leftSeconds: 3 })],
  ['more time left than that', leaseKeys(['a'], { leftSeconds: 4 }), '4 s left of 2 s'],
]);

function oneOfTwo(): RevisionLog {
  const revisions = new RevisionLog();
  revisions.record(
    2,
    ['a', 'b'].map((key) => ({ key, value: '1', previous: undefined, lease: 7n })),
  );
  revisions.record(3, [{ key: 'a', value: undefined, previous: '1' }]);
  return revisions;
}

const locked = new RevisionLog();
locked.record(2, [{ key: 'lock', value: 'ann', previous: undefined }]);
locked.record(3, [{ key: 'guard', value: '1', previous: undefined }]);
locked.record(4, [{ key: 'lock', value: undefined, previous: 'ann' }]);
locked.record(5, [{ key: 'lock', value: 'bob', previous: undefined }]);
locked.record(6, [{ key: 'guard', value: '2', previous: '1' }]);
const guarded = (owner: string, token: number, revision: number): GuardedWrite => ({
  client: 1,
  lock: 'lock',
  owner,
  token,
  revision,
});

const queued = new RevisionLog();
queued.record(2, [{ key: 'q/ann', value: 'ann', previous: undefined }]);
queued.record(3, [{ key: 'q/bob', value: 'bob', previous: undefined }]);
queued.record(4, [{ key: 'guard', value: '1', previous: undefined }]);
queued.record(5, [{ key: 'q/ann', value: undefined, previous: 'ann' }]);
queued.record(6, [{ key: 'guard', value: '2', previous: '1' }]);
const inQueue = (owner: string, token: number, revision: number): GuardedWrite => ({
  ...guarded(owner, token, revision),
  lock: 'q/',
  isQueue: true,
});

expectAll('locks with a queue', [
  ['nothing', checkLocks(queued, [inQueue('ann', 2, 4), inQueue('bob', 3, 6)])],
  ['a write by who still had to wait', checkLocks(queued, [inQueue('bob', 3, 4)]), "the lock was ann's"],
]);

expectAll('locks', [
  ['nothing', checkLocks(locked, [guarded('ann', 2, 3), guarded('bob', 5, 6)])],
  ['a write by who had lost the lock', checkLocks(locked, [guarded('ann', 2, 6)]), "the lock was bob's"],
  ['a write while nobody had it', checkLocks(locked, [guarded('ann', 2, 5)]), 'free'],
  ['a token that falls', checkLocks(locked, [guarded('bob', 5, 6), guarded('ann', 2, 7)]), 'the token fell'],
]);

const state = (member: string, digest: string, kind = 'hash since 1'): StateReport => ({
  member,
  revision: 2,
  kind,
  digest,
});

expectAll('same state', [
  ['nothing', checkSameState([state('a', 'x'), state('b', 'x')])],
  ['another byte', checkSameState([state('a', 'x'), state('b', 'y')]), 'b holds y'],
  ['a hash after another compaction', checkSameState([state('a', 'x'), state('b', 'y', 'hash since 2')])],
]);

/** The log of a sample: its terms from the first entry on. */
interface LogSample extends Omit<Partial<RaftSample>, 'firstIndex' | 'lastIndex' | 'termOf'> {
  readonly terms?: readonly number[];
  readonly first?: number;
}

const TERMS = [1, 1, 2, 2, 3];

const sample = ({ terms = TERMS, first = 1, ...changes }: LogSample): RaftSample => ({
  member: 'm1',
  life: 1,
  isLeader: false,
  term: 3,
  commit: 4,
  applied: 3,
  appliedTerm: 2,
  firstIndex: first,
  lastIndex: first + terms.length - 1,
  termOf: (index) => terms[index - first],
  ...changes,
});
const raft = (...samples: readonly LogSample[]): readonly string[] => {
  const invariants = new RaftInvariants();
  for (const changes of samples) invariants.add(sample(changes));
  return invariants.violations;
};

expectAll('raft', [
  [
    'nothing',
    raft(
      {},
      { commit: 5, terms: [1, 1, 2, 2, 3, 3] },
      { member: 'm2', isLeader: true },
      { life: 2, term: 3, commit: 3, terms: [2, 2, 3], first: 3 },
    ),
  ],
  ['a tail that was replaced', raft({ terms: [1, 1, 2, 2, 2] }, { terms: [1, 1, 2, 2, 3] })],
  ['two leaders in a term', raft({ isLeader: true }, { member: 'm2', isLeader: true }), 'two leaders'],
  [
    'a leader that takes entries back',
    raft({ isLeader: true }, { isLeader: true, terms: [1, 1, 2, 2] }),
    'changed its log',
  ],
  [
    'a leader that replaces entries',
    raft({ isLeader: true, terms: [1, 1, 2, 2, 2] }, { isLeader: true, terms: [1, 1, 2, 2, 3, 3] }),
    'changed its log',
  ],
  [
    'an entry with two predecessors',
    raft({}, { member: 'm2', terms: [1, 1, 2, 1, 3], commit: 3 }),
    'follows one of term 1',
  ],
  [
    'a leader without what was committed',
    raft({}, { member: 'm2', term: 4, isLeader: true, terms: [1, 1, 2], commit: 3 }),
    'without entry 4',
  ],
  ['two entries committed at an index', raft({}, { member: 'm2', terms: [1, 1, 2, 3, 3] }), 'for committed'],
  ['other terms at an index', raft({}, { member: 'm2', appliedTerm: 1 }), 'applied an entry of term'],
  ['a commit index that falls', raft({}, { commit: 3 }), 'commit fell'],
  ['an applied index that falls', raft({}, { applied: 2, appliedTerm: 1 }), 'applied fell'],
  ['a term that falls', raft({}, { term: 2 }), 'the term fell'],
  ['a term that is forgotten over a restart', raft({ isLeader: true }, { life: 2, term: 2 }), 'had led term 3'],
  ['applied beyond commit', raft({ applied: 5, appliedTerm: 3 }), 'applied 5'],
]);

test('members that tell different histories', () => {
  const revisions = log();
  assert.equal(revisions.record(4, [{ key: 'a', value: '3', previous: '1' }]), undefined);
  assert.notEqual(revisions.record(4, [{ key: 'a', value: '4', previous: '1' }]), undefined);
  assert.notEqual(revisions.record(4, [{ key: 'a', value: '3', previous: undefined }]), undefined);
  assert.equal(revisions.record(4, [{ key: 'a', value: '3', previous: undefined }], { mayLack: true }), undefined);
  assert.equal(revisions.stateAt(3).get('a')?.value, '1');
});
