import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MUTATIONS } from '../../chaos/mutations/catalogue.ts';
import { hunt } from '../../chaos/mutations/run.ts';
import { edited, MutableTree } from '../../chaos/mutations/tree.ts';

const COMPILED = join(import.meta.dirname, '..', '..');

test('every known bug can still be planted', () => {
  for (const { name, edits } of MUTATIONS)
    for (const edit of edits)
      assert.doesNotThrow(() => edited(readFileSync(join(COMPILED, edit.file), 'utf8'), edit), name);
  assert.ok(MUTATIONS.length >= 25);
  assert.equal(new Set(MUTATIONS.map(({ name }) => name)).size, MUTATIONS.length);
});

/** One each of consensus, the store and watches, that the first seeds find. */
const QUICK = [
  ['votes-twice', 'raft'],
  ['compare-sees-nothing', 'transactions'],
  ['watch-of-the-future-told-old-events', 'watches'],
] as const;

test('those that are planted are found; a tree that does not run finds nothing', { timeout: 300_000 }, async () => {
  const tree = new MutableTree(COMPILED);
  try {
    for (const [name, checker] of QUICK) {
      const mutation = MUTATIONS.find((known) => known.name === name);
      assert.ok(mutation !== undefined, name);
      const result = await hunt(tree, mutation, { maxSeeds: 10, maxSeconds: 120 });
      assert.equal(result.checker, checker, `${name}: ${result.finding}`);
    }
    const [first] = MUTATIONS;
    assert.ok(first !== undefined);
    const edits = first.edits.map((edit) => ({ ...edit, replace: "throw new Error('does not run'); }}" }));
    await assert.rejects(hunt(tree, { ...first, edits }, { maxSeeds: 2, maxSeconds: 60 }), /no finding/);
  } finally {
    tree.remove();
  }
});
