import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Index, MemberId } from '../../base/brand.ts';
import { StoreError } from '../../base/store-error.ts';
import {
  type ClusterView,
  checkAdd,
  checkLearnerReady,
  checkPromote,
  checkRemove,
  peerUrlsOf,
} from '../../member/reconfiguration.ts';
import type { RaftStatus } from '../../raft/types.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'fine';
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
}

/** One letter a member, its id is its place from 1: `S` started, `u` not started, `L` learner, `d` started and down, `y` connected only just now. */
function view(members: string): ClusterView {
  const letters = [...members];
  return {
    self: 1n,
    nowMs: 100_000,
    healthMs: 5_000,
    members: letters.map((letter, i) => ({
      ID: BigInt(i + 1),
      name: letter === 'u' ? '' : `m${i + 1}`,
      peerURLs: [],
      clientURLs: [],
      isLearner: letter === 'L',
    })),
    connectedSinceMs: (id) => {
      const letter = letters[Number(id) - 1];
      if (letter === 'd' || letter === 'u') return undefined;
      return letter === 'y' ? 99_000 : 1_000;
    },
  };
}

suite('adding a member', () => {
  const rows: readonly (readonly [string, string, 'voter' | 'learner', string])[] = [
    ['one alone gets a second', 'S', 'voter', 'fine'],
    ['three get a fourth', 'SSS', 'voter', 'fine'],
    ['a learner beside the voters', 'SSS', 'learner', 'fine'],
    ['learners need no connection', 'SSL', 'voter', 'fine'],
    ['two of which one has not started', 'Su', 'voter', 'NOT_ENOUGH_STARTED_MEMBERS'],
    ['a learner does no harm there, but the other is away', 'Su', 'learner', 'UNHEALTHY'],
    ['one is down', 'SSd', 'voter', 'UNHEALTHY'],
    ['one is down, for a learner, too', 'SSd', 'learner', 'UNHEALTHY'],
    ['one was away a moment ago', 'SSy', 'voter', 'UNHEALTHY'],
  ];
  for (const [name, members, as, code] of rows) {
    test(name, () =>
      assert.equal(
        codeOf(() => checkAdd(view(members), { isLearner: as === 'learner' })),
        code,
      ),
    );
  }
});

suite('removing a member', () => {
  const rows: readonly (readonly [string, string, bigint, string])[] = [
    ['of three', 'SSS', 2n, 'fine'],
    ['itself', 'SSS', 1n, 'fine'],
    ['of two', 'SS', 2n, 'fine'],
    ['one that is down', 'SSd', 3n, 'fine'],
    ['one that is needed since another is down', 'SSd', 2n, 'UNHEALTHY'],
    ['one that is needed since another was away', 'SSy', 2n, 'UNHEALTHY'],
    ['the last', 'S', 1n, 'NOT_ENOUGH_STARTED_MEMBERS'],
    ['the started one of two', 'Su', 1n, 'NOT_ENOUGH_STARTED_MEMBERS'],
    ['the one of two that never started', 'Su', 2n, 'fine'],
    ['a learner, whatever else', 'SdL', 3n, 'fine'],
  ];
  for (const [name, members, id, code] of rows) {
    test(name, () =>
      assert.equal(
        codeOf(() => checkRemove(view(members), id)),
        code,
      ),
    );
  }
});

suite('promoting a learner', () => {
  for (const [members, code] of [
    ['SSSL', 'fine'],
    ['SL', 'fine'],
    ['SuuL', 'NOT_ENOUGH_STARTED_MEMBERS'],
  ] as const) {
    test(`${members} -> ${code}`, () =>
      assert.equal(
        codeOf(() => checkPromote(view(members))),
        code,
      ));
  }

  const status = (role: RaftStatus['role'], match: number): RaftStatus => ({
    id: 1n as MemberId,
    role,
    term: 1 as RaftStatus['term'],
    leader: 1n as MemberId,
    commit: 100 as Index,
    applied: 100 as Index,
    lastIndex: 100 as Index,
    firstIndex: 1 as Index,
    conf: { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false },
    transferee: 0n as MemberId,
    progress: [
      {
        member: 1n as MemberId,
        match: 100 as Index,
        next: 101 as Index,
        state: 'replicate',
        recentActive: true,
        learner: false,
        deferred: false,
      },
      {
        member: 4n as MemberId,
        match: match as Index,
        next: 101 as Index,
        state: 'probe',
        recentActive: true,
        learner: true,
        deferred: false,
      },
    ],
  });
  for (const [name, role, match, id, code] of [
    ['nine tenths of the log', 'leader', 90, 4n, 'fine'],
    ['a little less', 'leader', 89, 4n, 'LEARNER_NOT_READY'],
    ['nobody there', 'leader', 100, 5n, 'MEMBER_NOT_FOUND'],
    ['asked of a follower', 'follower', 100, 4n, 'NOT_LEADER'],
  ] as const) {
    test(name, () =>
      assert.equal(
        codeOf(() => checkLearnerReady(status(role, match), id)),
        code,
      ),
    );
  }
});

suite('peer URLs', () => {
  for (const [urls, code] of [
    [['http://10.0.0.1:2380'], 'fine'],
    [['https://[::1]:2380', ' http://m4.example:2380 '], 'fine'],
    [[], 'MEMBER_URLS_INVALID'],
    [[''], 'MEMBER_URLS_INVALID'],
    [['http://10.0.0.1'], 'MEMBER_URLS_INVALID'],
    [['http://10.0.0.1:2380/path'], 'MEMBER_URLS_INVALID'],
    [['http://10.0.0.1:99999'], 'MEMBER_URLS_INVALID'],
    [['ftp://10.0.0.1:2380'], 'MEMBER_URLS_INVALID'],
    [['http://user@10.0.0.1:2380'], 'MEMBER_URLS_INVALID'],
    [['http://10.0.0.1:2380', 'nonsense'], 'MEMBER_URLS_INVALID'],
  ] as const) {
    test(`${urls.join(' and ') || 'none'} -> ${code}`, () =>
      assert.equal(
        codeOf(() => peerUrlsOf(urls)),
        code,
      ));
  }
  test('come back in byte order', () =>
    assert.deepEqual(peerUrlsOf(['http://b:1', 'http://a:1']), ['http://a:1', 'http://b:1']));
});
