import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, Term } from '../../base/brand.ts';
import { ENTRY_OVERHEAD_BYTES } from '../../raft/limits.ts';
import { RaftLog } from '../../raft/log.ts';
import type { Entry } from '../../raft/types.ts';

const at = (index: number): Index => index as Index;
const term = (value: number): Term => value as Term;

function entry(index: number, ofTerm: number, bytes = 0): Entry {
  return { index: at(index), term: term(ofTerm), type: 'normal', data: new Uint8Array(bytes) };
}

/** A log behind snapshot 10/2 whose entries have the given terms, all on disk. */
function logOf(...terms: number[]): RaftLog {
  const entries = terms.map((value, i) => entry(11 + i, value));
  return new RaftLog({ index: at(10), term: term(2) }, entries, { commit: at(10), applied: at(10) });
}

const indices = (entries: readonly Entry[]): number[] => entries.map(({ index }) => index);

test('where two logs can agree at most', () => {
  const log = logOf(2, 3, 3, 5, 5, 7); // 11 .. 16
  // hint index, hint term, last index with that term or less
  const table: [number, number, number][] = [
    [16, 7, 16],
    [16, 6, 15],
    [16, 4, 13],
    [14, 4, 13],
    [12, 4, 12],
    [16, 2, 11],
    [99, 9, 16],
    [16, 1, 10], // unknown below the snapshot
    [4, 3, 4],
  ];
  for (const [index, ofTerm, expected] of table) {
    assert.equal(log.lastIndexWithin(at(index), term(ofTerm)), expected, `${index}/${ofTerm}`);
  }
});

test('a slice weighs at most so much, but holds one entry at least', () => {
  const entries = [10, 20, 30, 40].map((bytes, i) => entry(i + 1, 1, bytes));
  const log = new RaftLog({ index: at(0), term: term(0) }, entries, { commit: at(0), applied: at(0) });
  const weight = (bytes: number, count: number): number => bytes + count * ENTRY_OVERHEAD_BYTES;
  // from, up to, bytes, expected
  const table: [number, number, number, number[]][] = [
    [1, 4, weight(100, 4), [1, 2, 3, 4]],
    [1, 4, weight(100, 4) - 1, [1, 2, 3]],
    [1, 4, weight(30, 2), [1, 2]],
    [1, 2, 1_000, [1, 2]],
    [3, 4, 1, [3]],
    [5, 4, 1_000, []],
  ];
  for (const [from, upTo, bytes, expected] of table) {
    assert.deepEqual(indices(log.slice(at(from), at(upTo), bytes)), expected, `${from}..${upTo} in ${bytes}`);
  }
  assert.equal(log.bytesBetween(at(1), at(3)), weight(50, 2));
});

test('a leader’s entries replace a tail that conflicts, and nothing else', () => {
  // entries taken (index/term), terms of the log after
  const table: [[number, number][], number[]][] = [
    [[], [2, 3, 3]],
    [[[11, 2]], [2, 3, 3]], // known
    [
      [
        [12, 3],
        [13, 3],
        [14, 4],
      ],
      [2, 3, 3, 4],
    ], // known, and one more
    [[[14, 4]], [2, 3, 3, 4]],
    [[[13, 4]], [2, 3, 4]],
    [
      [
        [11, 4],
        [12, 4],
      ],
      [4, 4],
    ],
  ];
  for (const [taken, expected] of table) {
    const log = logOf(2, 3, 3);
    log.take(taken.map(([index, ofTerm]) => entry(index, ofTerm)));
    const terms = Array.from({ length: log.lastIndex - 10 }, (_, i) => log.termOf(at(11 + i)));
    assert.deepEqual(terms, expected, JSON.stringify(taken));
  }
  const committed = logOf(2, 3, 3);
  committed.commitTo(at(12));
  assert.throws(() => committed.take([entry(12, 4)]), /committed and cannot be replaced/);
});

test('a write that was overtaken by another tail makes only what lies before the cut stable', () => {
  const log = logOf(2);
  log.take([entry(12, 3), entry(13, 3)]);
  assert.deepEqual(indices(log.takeForDisk(1)), [12, 13]);
  log.take([entry(12, 4)]);
  assert.deepEqual(indices(log.takeForDisk(2)), [12]);
  // The very entries of the first write come back: they are on their way for the second time, and not on the disk as yet.
  log.take([entry(12, 3), entry(13, 3)]);
  assert.deepEqual(indices(log.takeForDisk(3)), [12, 13]);
  log.commitTo(at(13));
  log.persisted(1);
  assert.equal(log.stable, 11);
  log.persisted(2);
  assert.equal(log.stable, 11);
  log.persisted(3);
  assert.equal(log.stable, 13);
  assert.deepEqual(indices(log.takeCommitted(1_000)), [11, 12, 13]);
});

test('committed entries are handed out once they are on this disk, in portions', () => {
  const log = logOf();
  for (let i = 0; i < 4; i++) log.append(term(3), 'normal', new Uint8Array(10));
  log.commitTo(at(14)); // a majority of others is faster
  assert(!log.hasCommitted());
  log.takeForDisk(1);
  log.persisted(1);
  assert.deepEqual(indices(log.takeCommitted(2 * (10 + ENTRY_OVERHEAD_BYTES))), [11, 12]);
  assert.deepEqual(indices(log.takeCommitted(1)), [13]);
  assert.equal(log.applyingBytes(), 3 * (10 + ENTRY_OVERHEAD_BYTES));
  assert.throws(() => log.appliedTo(at(14)), /handed out/);
  log.appliedTo(at(13));
  assert.equal(log.applyingBytes(), 0);
});

test('compaction forgets, and remembers the term of the last entry forgotten', () => {
  const log = logOf(2, 3, 3, 5);
  log.commitTo(at(14));
  log.takeCommitted(1_000);
  log.appliedTo(at(13));
  assert.throws(() => log.compact(at(14)), /only applied/);
  log.compact(at(12));
  assert.deepEqual([log.firstIndex, log.termOf(at(12)), log.termOf(at(11)), log.termOf(at(14))], [13, 3, undefined, 5]);
  log.compact(at(11)); // already gone
  assert.equal(log.firstIndex, 13);
  assert.equal(log.bytesBetween(at(12), at(14)), 2 * ENTRY_OVERHEAD_BYTES);
});

test('a snapshot replaces everything, writes on their way included', () => {
  const log = logOf(2, 3);
  log.append(term(4), 'normal', new Uint8Array(1));
  log.takeForDisk(1);
  log.restore(at(20), term(5));
  assert.deepEqual([log.firstIndex, log.lastIndex, log.commit, log.lastTerm], [21, 20, 20, 5]);
  log.take([entry(21, 5)]);
  log.persisted(1);
  assert.equal(log.stable, 20);
  assert.throws(() => log.restore(at(19), term(5)), /take back/);
});

test('what was found on disk must make sense', () => {
  const snapshot = { index: at(10), term: term(2) };
  assert.throws(() => new RaftLog(snapshot, [entry(12, 2)], { commit: at(10), applied: at(10) }), /gap/);
  assert.throws(() => new RaftLog(snapshot, [], { commit: at(10), applied: at(9) }), /behind the snapshot/);
  assert.throws(() => new RaftLog(snapshot, [], { commit: at(10), applied: at(11) }), /ahead of its log/);
  // A commit index may be ahead of a tail that was torn.
  assert.equal(new RaftLog(snapshot, [entry(11, 2)], { commit: at(15), applied: at(10) }).commit, 11);
});
