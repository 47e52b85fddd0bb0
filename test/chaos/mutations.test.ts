import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MUTATIONS } from '../../chaos/mutations/catalogue.ts';
import { hunt, MutableTree, mutated } from '../../chaos/mutations/run.ts';

const COMPILED = join(import.meta.dirname, '..', '..');

test('every known bug can still be planted', () => {
  for (const mutation of MUTATIONS)
    assert.notEqual(mutated(readFileSync(join(COMPILED, mutation.file), 'utf8'), mutation), '', mutation.name);
  assert.ok(MUTATIONS.length >= 25);
  assert.equal(new Set(MUTATIONS.map(({ name }) => name)).size, MUTATIONS.length);
});

test('one that is planted is found; a tree that does not run finds nothing', { timeout: 60_000 }, async () => {
  const tree = new MutableTree(COMPILED);
  try {
    const mutation = MUTATIONS.find(({ name }) => name === 'prev-kv-off-by-one');
    assert.ok(mutation !== undefined);
    const result = await hunt(tree, mutation, { maxSeeds: 20, maxSeconds: 50 });
    assert.equal(result.checker, 'watches');
    const broken = { ...mutation, name: 'broken', replace: "throw new Error('does not run'); }}" };
    await assert.rejects(hunt(tree, broken, { maxSeeds: 2, maxSeconds: 20 }), /no finding/);
  } finally {
    tree.remove();
  }
});
