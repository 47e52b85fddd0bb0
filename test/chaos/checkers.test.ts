import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDurability, type WriteRecord } from '../../chaos/checkers/durability.ts';
import { checkLeases, type LeaseRecord } from '../../chaos/checkers/leases.ts';
import { checkLocks, type GuardedWrite } from '../../chaos/checkers/locks.ts';
import { RaftInvariants, type RaftSample } from '../../chaos/checkers/raft-invariants.ts';
import { type Change, RevisionLog } from '../../chaos/checkers/revision-log.ts';
import { checkRevisions, type SeenRevision } from '../../chaos/checkers/revisions.ts';
import { checkSameState } from '../../chaos/checkers/same-state.ts';
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
  ['a run that ended before it had to', checkLeases(lease([0, 19_000]), BOUNDS)],
]);

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

expectAll('locks', [
  ['nothing', checkLocks(locked, [guarded('ann', 2, 3), guarded('bob', 5, 6)])],
  ['a write by who had lost the lock', checkLocks(locked, [guarded('ann', 2, 6)]), "the lock was bob's"],
  ['a write while nobody had it', checkLocks(locked, [guarded('ann', 2, 5)]), 'free'],
  ['a token that falls', checkLocks(locked, [guarded('bob', 5, 6), guarded('ann', 2, 7)]), 'the token fell'],
]);

expectAll('same state', [
  [
    'nothing',
    checkSameState([
      { member: 'a', revision: 2, digest: 'x' },
      { member: 'b', revision: 2, digest: 'x' },
    ]),
  ],
  [
    'another byte',
    checkSameState([
      { member: 'a', revision: 2, digest: 'x' },
      { member: 'b', revision: 2, digest: 'y' },
    ]),
    'b holds y',
  ],
]);

const sample = (changes: Partial<RaftSample>): RaftSample => ({
  member: 'm1',
  life: 1,
  isLeader: false,
  term: 3,
  commit: 10,
  lastIndex: 12,
  applied: 9,
  appliedTerm: 2,
  ...changes,
});
const raft = (...samples: readonly Partial<RaftSample>[]): readonly string[] => {
  const invariants = new RaftInvariants();
  for (const changes of samples) invariants.add(sample(changes));
  return invariants.violations;
};

expectAll('raft', [
  ['nothing', raft({}, { commit: 11 }, { member: 'm2', isLeader: true }, { life: 2, term: 3, commit: 9 })],
  ['two leaders in a term', raft({ isLeader: true }, { member: 'm2', isLeader: true }), 'two leaders'],
  ['other terms at an index', raft({}, { member: 'm2', appliedTerm: 1 }), 'applied an entry of term'],
  ['a commit index that falls', raft({}, { commit: 9 }), 'commit fell'],
  ['a term that falls', raft({}, { term: 2 }), 'the term fell'],
  ['a term that is forgotten over a restart', raft({ isLeader: true }, { life: 2, term: 2 }), 'had led term 3'],
  ['applied beyond commit', raft({ applied: 11 }), 'applied 11'],
]);

test('members that tell different histories', () => {
  const revisions = log();
  assert.equal(revisions.record(4, [{ key: 'a', value: '3', previous: '1' }]), undefined);
  assert.notEqual(revisions.record(4, [{ key: 'a', value: '4', previous: '1' }]), undefined);
  assert.notEqual(revisions.record(4, [{ key: 'a', value: '3', previous: undefined }]), undefined);
  assert.equal(revisions.record(4, [{ key: 'a', value: '3', previous: undefined }], { mayLack: true }), undefined);
  assert.equal(revisions.stateAt(3).get('a')?.value, '1');
});
