import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshSeeds } from '../../chaos/seeds/fresh.ts';
import { KEPT_SEEDS } from '../../chaos/seeds/kept.ts';
import { runSeed } from '../../chaos/sim/run-seed.ts';

/** Real time that is spent on seeds which nobody has run before. */
const FRESH_MS = 30_000;

const replay = (seed: number): string => `seed ${seed}; replay: npm run sim -- --seed ${seed} --trace`;

test('the same seed gives the same run', { timeout: 60_000 }, async () => {
  const brief = { durationMs: 5000, members: 3, hashed: true };
  const first = await runSeed(7, brief);
  assert.equal((await runSeed(7, brief)).trace, first.trace);
  assert.notEqual((await runSeed(8, brief)).trace, first.trace);
});

test('seeds that once found a bug', { timeout: 120_000 }, async () => {
  for (const { seed, options, story } of KEPT_SEEDS) {
    const report = await runSeed(seed, options);
    assert.deepEqual(report.findings, [], `${replay(seed)}; ${story}`);
  }
});

test('fresh seeds of this commit', { timeout: 120_000 }, async () => {
  const startMs = performance.now();
  let acknowledged = 0;
  let runs = 0;
  for (const seed of freshSeeds(process.cwd(), 200)) {
    if (performance.now() - startMs > FRESH_MS) break;
    const report = await runSeed(seed);
    assert.deepEqual(report.findings, [], replay(seed));
    acknowledged += report.acknowledged;
    runs++;
  }
  assert.ok(acknowledged > 20 * runs, 'the clients got something done');
});
