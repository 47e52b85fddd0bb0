import assert from 'node:assert/strict';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MUTATIONS } from '../../chaos/mutations/catalogue.ts';
import { edited } from '../../chaos/mutations/tree.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { run } from '../kit/process.ts';

/** Chaos on processes can fail: a known bug is planted into a copy of what was compiled, and must be found. */

const COMPILED = join(import.meta.dirname, '..', '..');
const BUG = 'applied-index-ahead';
const KILLS = ['--fault', 'kill', '--every', '4', '--minutes', '0.35', '--workload', 'registers', '--seed', '1'];

test('kills find a member that loses an entry when it starts again', async (t) => {
  const mutation = MUTATIONS.find(({ name }) => name === BUG);
  assert.ok(mutation !== undefined);
  const folder = await temporaryFolder();
  try {
    const tree = join(folder.path, 'dist');
    // Without the bundle, in which the bug is not.
    const left = ['test', 'bundle'].map((name) => join(COMPILED, name));
    cpSync(COMPILED, tree, { recursive: true, filter: (path) => !left.some((place) => path.startsWith(place)) });
    symlinkSync(join(COMPILED, '..', 'node_modules'), join(folder.path, 'node_modules'));
    writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
    for (const edit of mutation.edits) {
      const target = join(tree, edit.file);
      writeFileSync(target, edited(readFileSync(target, 'utf8'), edit));
    }
    const main = join(tree, 'chaos', 'cluster', 'main.js');
    const result = await run(process.execPath, [main, ...KILLS], { cwd: folder.path, timeoutMs: 300_000 });
    t.diagnostic(result.stdout);
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stdout, /FOUND (?:cluster|same history|registers): /);
    assert.match(result.stdout, /again: npm run chaos -- --fault kill /);
  } finally {
    await folder.remove();
  }
});
