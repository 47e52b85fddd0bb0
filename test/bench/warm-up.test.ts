import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp } from '../../bench/warm-up.ts';

const LIMIT_SECONDS = 24;

for (const [what, costs, runs] of [
  ['a process that compiles nothing needs two windows', Array.from({ length: 30 }, (_, n) => 100 + (n % 3)), 12],
  [
    'it goes on while it gets cheaper',
    [...Array.from({ length: 14 }, (_, n) => 400 - 20 * n), ...Array(16).fill(130)],
    23,
  ],
  ['a step that comes late counts', [...Array(9).fill(200), ...Array(21).fill(150)], 18],
  [
    'a dear run is no end, and a cheap one no beginning',
    [100, 100, 100, 100, 100, 100, 90, 90, 50, 500, 90, 90, ...Array(20).fill(90)],
    15,
  ],
  ['it has a limit', Array.from({ length: 40 }, (_, n) => 2 ** (40 - n)), LIMIT_SECONDS],
] as const)
  test(what, async () => {
    let n = 0;
    const told = await warmUp(LIMIT_SECONDS, async () => costs[n++] ?? 0);
    assert.deepEqual([n, told], [runs, costs.slice(0, runs)]);
  });
