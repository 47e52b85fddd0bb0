import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { NO_REVISIONS, type RevisionList, RevisionLists } from '../../../storage/mvcc/revision-lists.ts';

interface Revision {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
}

function assertIs(lists: RevisionLists, list: RevisionList, model: readonly Revision[]): void {
  assert.equal(lists.length(list), model.length);
  for (const [i, { main, sub, tombstone }] of model.entries()) {
    assert.deepEqual([lists.main(list, i), lists.sub(list, i), lists.isTombstone(list, i)], [main, sub, tombstone]);
    assert.equal(
      lists.lastAt(list, main),
      model.findLastIndex((other) => other.main <= main),
    );
  }
  assert.equal(lists.lastAt(list, (model[0]?.main ?? 1) - 1), -1);
}

test('lists that grow at their ends and lose their begins do what arrays do', () => {
  const random = new Prng(3);
  const lists = new RevisionLists();
  const all = Array.from({ length: 200 }, () => ({ list: NO_REVISIONS, model: [] as Revision[] }));
  for (let main = 1; main <= 40_000; main++) {
    const one = all[random.chance(0.3) ? 0 : random.between(0, all.length - 1)];
    assert.ok(one !== undefined);
    const dice = random.between(0, 99);
    if (dice < 4) {
      const count = random.between(0, one.model.length);
      one.list = lists.withoutFirst(one.list, count);
      one.model.splice(0, count);
    } else if (dice < 5) {
      lists.drop(one.list);
      one.list = NO_REVISIONS;
      one.model = [];
    } else {
      const revision = { main: main + 2 ** 40, sub: random.between(0, 3), tombstone: random.chance(0.2) };
      one.list = lists.appended(one.list, revision.main, revision.sub, revision.tombstone);
      one.model.push(revision);
    }
    if (main % 500 === 0) for (const { list, model } of all) assertIs(lists, list, model);
  }
});

test('lists that were taken from an image are those that it is of, however long', () => {
  const lists = new RevisionLists();
  let list = NO_REVISIONS;
  for (let main = 1; main <= 100_000; main++) list = lists.appended(list, main, main % 5, main % 3 === 0);
  const short = lists.appended(NO_REVISIONS, 7, 0, true);
  const again = new RevisionLists();
  const { numbers, pieces } = lists.image();
  assert.ok(again.restore({ numbers, pieces: pieces.map((piece) => Uint8Array.from(piece)) }));
  assert.equal(again.length(list), 100_000);
  assert.equal(again.lastAt(list, 77_777), 77_776);
  assert.equal(again.isTombstone(short, 0), true);
  for (let main = 8; main < 200; main++) assert.notEqual(again.appended(NO_REVISIONS, main, 0, false), short);
  assert.equal(again.main(short, 0), 7);
});
