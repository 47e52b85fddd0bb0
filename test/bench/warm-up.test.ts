import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp } from '../../bench/warm-up.ts';

for (const [what, costs, runs] of [
  ['a process that compiles nothing needs three', [100, 101, 99, 50], 3],
  ['it goes on while it gets cheaper', [400, 300, 200, 150, 149, 148, 10], 6],
  ['one dear run is no end', [400, 500, 200, 201, 199, 10], 5],
  ['it has a limit', [64, 32, 16, 8, 4, 2, 1, 0.5], 7],
] as const)
  test(what, async () => {
    let n = 0;
    await warmUp(7, async () => costs[n++] ?? 0);
    assert.equal(n, runs);
  });
