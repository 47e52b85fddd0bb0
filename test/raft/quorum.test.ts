import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberId } from '../../base/brand.ts';
import { quorumValue, voteResult } from '../../raft/quorum.ts';

const members = (...ids: number[]): Set<MemberId> => new Set(ids.map((id) => BigInt(id) as MemberId));

test('the value that a quorum has reached', () => {
  // voters, outgoing, what members 1, 2, 3 ... have reached, expected
  const table: [number[], number[], number[], number][] = [
    [[], [], [], Number.POSITIVE_INFINITY],
    [[1], [], [12], 12],
    [[1, 2], [], [12, 5], 5],
    [[1, 2, 3], [], [12, 5, 6], 6],
    [[1, 2, 3], [], [12, 0, 0], 0],
    [[1, 2, 3, 4], [], [9, 8, 7, 6], 7],
    [[1, 2, 3, 4, 5], [], [9, 8, 7, 6, 5], 7],
    [[1, 2, 3, 4, 5], [], [7, 7, 7, 0, 0], 7],
    [[1, 2, 3], [1, 2, 3], [12, 5, 6], 6],
    [[1, 2, 3], [3, 4, 5], [100, 101, 99, 50, 60], 60],
    [[1, 2, 3], [4, 5, 6], [9, 9, 9, 1, 2, 3], 2],
    [[4, 5, 6], [1, 2, 3], [9, 9, 9, 1, 2, 3], 2],
    [[1], [1, 2, 3], [10, 4, 3], 4],
  ];
  for (const [voters, outgoing, reached, expected] of table) {
    const value = quorumValue(
      { voters: members(...voters), outgoing: members(...outgoing) },
      (id) => reached[Number(id) - 1] ?? 0,
    );
    assert.equal(value, expected, `${voters} / ${outgoing}: ${reached}`);
  }
});

test('how a vote stands', () => {
  // voters, outgoing, the votes of 1, 2, 3 ... (y, n, _ for none), expected
  const table: [number[], number[], string, string][] = [
    [[], [], '', 'won'],
    [[1], [], '_', 'pending'],
    [[1], [], 'n', 'lost'],
    [[1], [], 'y', 'won'],
    [[1, 2], [], 'y_', 'pending'],
    [[1, 2], [], 'yn', 'lost'],
    [[1, 2], [], 'n_', 'lost'],
    [[1, 2], [], 'yy', 'won'],
    [[1, 2, 3], [], 'yn_', 'pending'],
    [[1, 2, 3], [], 'yny', 'won'],
    [[1, 2, 3], [], 'nn_', 'lost'],
    [[1, 2, 3, 4], [], 'yyn_', 'pending'],
    [[1, 2, 3, 4], [], 'yynn', 'lost'],
    [[1, 2, 3, 4, 5], [], 'yyynn', 'won'],
    // Who is no voter does not count.
    [[1, 2, 3], [], 'y__yyy', 'pending'],
    // Joint: both halves must agree, one can refuse.
    [[1, 2, 3], [4, 5, 6], 'yy_yy_', 'won'],
    [[1, 2, 3], [4, 5, 6], 'yyy___', 'pending'],
    [[1, 2, 3], [4, 5, 6], 'yyynn_', 'lost'],
    [[1, 2, 3], [4, 5, 6], 'nn____', 'lost'],
    [[1, 2, 3], [1], 'nyy', 'lost'],
    [[1, 2, 3], [1], 'yy_', 'won'],
  ];
  for (const [voters, outgoing, cast, expected] of table) {
    const votes = new Map(
      [...cast].flatMap((vote, i) => (vote === '_' ? [] : [[BigInt(i + 1) as MemberId, vote === 'y']])),
    );
    const configuration = { voters: members(...voters), outgoing: members(...outgoing) };
    assert.equal(
      voteResult(configuration, votes as Map<MemberId, boolean>),
      expected,
      `${voters} / ${outgoing}: ${cast}`,
    );
  }
});
