import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turns } from '../../bench/compare.ts';
import { batchOf } from '../../bench/limits/limits.ts';
import { sampleIn } from '../../bench/metrics.ts';
import { explanations } from '../../bench/report/explain.ts';
import { growthTable } from '../../bench/report/page.ts';
import { MEASURES, median, pairRatios, ratios, table } from '../../bench/report.ts';
import { puts, run } from './runs.ts';

test('the median of an even number is the lower middle one', () => {
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([]), 0);
});

test('ratios are taken pair by pair, not of medians', () => {
  assert.deepEqual(ratios(puts([100, 300], [100, 100]), MEASURES.rate), { min: 1, median: 1, max: 3 });
  assert.deepEqual(pairRatios([2, 4, 9], [1, 0]), { min: 2, median: 2, max: 2 });
  assert.equal(pairRatios([1], []), undefined);
});

test('each round turns the order round', () => {
  const order = turns(['a', 'b'], 3).map(({ side, round }) => `${side}${round}`);
  assert.deepEqual(order, ['a1', 'b1', 'b2', 'a2', 'a3', 'b3']);
});

test('the table marks a generator that was the limit', () => {
  const bound = { ...puts([500, 500], [500, 500]), keelson: [run({ generatorCpuSeconds: 1.9 })], etcd: [run({})] };
  const line = table([bound]).split('\n').at(-1) ?? '';
  assert.match(line, /\| 95 % \*\*generator-bound\*\* \/ 25 % \|/);
  assert.match(line, /^\| put 10x100 \| 500\/s \| 1\.00 ms \| 4\.0 ms \| 100\.0 us \|/);
});

test('the table marks runs that shared the machine', () => {
  const runs = (otherCpuSeconds: number) => [run({ otherCpuSeconds }), run({ otherCpuSeconds })];
  const line = (ours: number, theirs: number) =>
    table([{ ...puts([1, 1], [1, 1]), keelson: runs(ours), etcd: runs(theirs) }]).split('\n')[2] ?? '';
  assert.match(line(1, 1), /^\| put 10x100 \*\*disturbed\*\* \|/);
  assert.match(line(0.1, 0.1), /^\| put 10x100 \|/);
});

test('the table of one side leaves the other empty', () => {
  const line =
    table([{ ...puts([500, 500], [1, 1]), etcd: [] }])
      .split('\n')
      .at(-1) ?? '';
  assert.match(line, /\| {2}\| {2}\| {2}\| {2}\| {2}\| {2}\| {2}\| 25 % \/ – \| 0 \/ 0 \|$/);
});

test('every member writes every operation', () => {
  assert.equal(batchOf({ operations: 1000, syncs: 300, members: 3 }), 10);
});

test('the distance to the disk and to the sockets is the rate over theirs', () => {
  const limits = {
    socketsPerSecond: 5000,
    disk: { operationsPerWrite: 10, writeBytes: 3280, writesPerSecond: 200, operationsPerSecond: 2000 },
  };
  const parts = { serving: 0.5, network: 0.2, consensus: 0.1, apply: 0.1, disk: 0.05, collection: 0.05, other: 0 };
  const cpu = { parts, busiestThread: 0.9 };
  const keelson = [run({ disk: { syncs: 10, seconds: 3 } })];
  const warmUps = { keelson: [500, 100.04, 120], etcd: [250, 200, 190] };
  const line = explanations([{ ...puts([1, 1], [1, 1]), keelson, limits, cpu, warmUps }], { members: 3, cores: 2 })
    .split('\n')
    .at(-1);
  assert.equal(
    line,
    '| put 10x100 | 50 % | 20 % | 10 % | 10 % | 5 % | 5 % | 0 % | 90 % | 15 % | 500.0 → 100.0 us / 250.0 → 190.0 us | 50 % / 0 % | 10.0 | 2000/s | 25 % | 5000/s | 10 % |',
  );
});

test('growth is told against the fewest keys', () => {
  const row = { name: 'put', unit: 'us CPU', etcd: [50, 50] } as const;
  const lines = growthTable([
    { ...row, keys: 10_000, keelson: [20, 20] },
    { ...row, keys: 100_000, keelson: [25, 25], target: 1 },
  ]).split('\n');
  assert.deepEqual(lines.slice(2), [
    '| put | 10,000 | 20 us CPU |  | 50 us CPU | 0.40 (0.40–0.40) |  |',
    '| put | 100,000 | 25 us CPU | 1.25x | 50 us CPU | 0.50 (0.50–0.50) | ratio ≤ 1 |',
  ]);
});

test('a sample is found by its whole name', () => {
  const text = '# HELP a\na_count{x="1"} 9\na_count_more 8\na_count 7\na_sum 0.25\n';
  assert.equal(sampleIn(text, 'a_count'), 7);
  assert.equal(sampleIn(text, 'a_sum'), 0.25);
  assert.equal(sampleIn(text, 'b'), 0);
});
