import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from '../../chaos/sim/run-seed.ts';

/** Enough for a build; `npm run sim -- --seeds A..B` runs as many as you like. */
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const BRIEF = { durationMs: 2000 };

test('the same seed gives the same run', { timeout: 60_000 }, async () => {
  const first = await runSeed(7, { ...BRIEF, members: 3 });
  const second = await runSeed(7, { ...BRIEF, members: 3 });
  assert.equal(second.trace, first.trace);
  assert.notEqual((await runSeed(8, { ...BRIEF, members: 3 })).trace, first.trace);
});

test('whole members keep their promises under crashes, torn writes, partitions and loss', {
  timeout: 120_000,
}, async () => {
  let acknowledged = 0;
  for (const seed of SEEDS) {
    const report = await runSeed(seed, BRIEF);
    assert.deepEqual(report.violations, [], `seed ${seed}; replay: npm run sim -- --seed ${seed} --trace`);
    acknowledged += report.acknowledged;
  }
  assert.ok(acknowledged > 20 * SEEDS.length, 'the clients got something done');
});
