import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp } from '../../bench/warm-up.ts';

for (const [what, costs, runs] of [
  ['a process that compiles nothing needs six', [100, 101, 99, 100, 98, 101, 50], 6],
  ['it goes on while it gets cheaper', [400, 300, 200, 150, 149, 148, 150, 149, 151, 10], 9],
  ['some dear runs are no end', [400, 500, 600, 450, 200, 201, 199, 200, 200, 199, 10], 10],
  ['it has a limit', [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1], 12],
] as const)
  test(what, async () => {
    let n = 0;
    const told = await warmUp(12, async () => costs[n++] ?? 0);
    assert.deepEqual([n, told], [runs, costs.slice(0, runs)]);
  });
