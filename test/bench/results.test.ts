import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { picture } from '../../bench/report/picture.ts';
import { merged, type Results, save } from '../../bench/report/results.ts';
import { chart } from '../../bench/report/svg.ts';
import { puts } from './runs.ts';

const MACHINE = { cpu: 'a <CPU>', cores: 2, memoryBytes: 2 ** 34, kernel: '6', node: 'v20' };

function results(made: Partial<Results>): Results {
  return { machine: MACHINE, generator: [], loads: [], growth: [], ...made };
}

const stamp = (commit: string) => ({ date: '2026-01-01', commit, command: 'npm run bench' });
const growthRow = (commit: string, keys: number) => ({
  ...{ name: 'memory', keys, unit: 'MB', keelson: [50], etcd: [100], ...stamp(commit) },
  unit: 'MB' as const,
});

test('a run of one load replaces that load alone, in its place', () => {
  const range = { ...puts([1, 1], [1, 1]), workload: 'range' };
  const older = results({
    generator: [{ connections: 1, clients: 1, perSecond: 9, coreShare: 1 }],
    loads: [
      { ...puts([1, 1], [1, 1]), ...stamp('old') },
      { ...range, ...stamp('old') },
    ],
    growth: [growthRow('old', 10), growthRow('old', 100)],
  });
  const newer = results({
    loads: [
      { ...puts([2, 2], [1, 1]), ...stamp('new') },
      { ...puts([2, 2], [1, 1]), clients: 1, ...stamp('new') },
    ],
    growth: [growthRow('new', 100)],
  });
  const { loads, growth, generator } = merged(older, newer);
  assert.deepEqual(
    loads.map(({ workload, clients, commit }) => `${workload} ${clients} ${commit}`),
    ['put 100 new', 'range 100 old', 'put 1 new'],
  );
  assert.deepEqual(
    growth.map(({ keys, commit }) => `${keys} ${commit}`),
    ['10 old', '100 new'],
  );
  assert.deepEqual(generator, older.generator);
});

test('figures of two machines are not mixed', () => {
  const older = results({ loads: [{ ...puts([1, 1], [1, 1]), ...stamp('old') }] });
  const newer = results({ machine: { ...MACHINE, cores: 64 }, growth: [growthRow('new', 10)] });
  assert.deepEqual(merged(older, newer), newer);
  assert.deepEqual(merged(undefined, newer), newer);
});

test('what was saved is found again and completed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  try {
    save(folder, results({ loads: [{ ...puts([3, 3], [1, 2]), ...stamp('old') }] }));
    save(folder, results({ growth: [growthRow('new', 10)] }));
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const { loads, growth } = JSON.parse(read('results.json')) as Results;
    assert.deepEqual([loads.length, growth.length], [1, 1]);
    const page = read('results.md');
    assert.match(page, /- 2026-01-01, commit old: `npm run bench`\n- 2026-01-01, commit new/);
    assert.match(page, /\| put 10x100 \| 3\/s .*\| 1\.50 \(1\.50–3\.00\) \|/);
    assert.match(page, /\| memory \| 10 \| 50 MB \|/);
    assert.match(read('results.svg'), /^<svg /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('in the picture further right is better for rates and for costs alike', () => {
  const svg = picture(
    results({ loads: [{ ...puts([200, 200], [100, 100]), ...stamp('x') }], growth: [growthRow('x', 10)] }),
  );
  const titles = [...svg.matchAll(/<g><title>([^<]*)<\/title>/g)].map(([, title]) => title);
  assert.deepEqual(titles, [
    'put 10x100: 2.00x (2.00x to 2.00x)',
    'put 10x100: 1.00x (1.00x to 1.00x)',
    'put 10x100: 1.00x (1.00x to 1.00x)',
    'memory, 10 keys: 2.00x (2.00x to 2.00x)',
  ]);
  assert.match(svg, /a &lt;CPU&gt;/);
});

test('bars begin at 1x, and their colour says whether the target is reached', () => {
  const bars = [
    { label: 'twice', min: 1.5, median: 2, max: 3, target: 1 },
    { label: 'half', min: 0.4, median: 0.5, max: 0.6, target: 1 },
    { label: 'twice where four times is wanted', min: 2, median: 2, max: 2, target: 4 },
  ];
  const svg = chart({ title: 't', subtitle: '', panels: [{ title: 'p', bars }] });
  const drawn = [...svg.matchAll(/<rect class="(better|worse)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(
    ([, kind, x, width]) => ({ kind, left: Number(x), right: Number(x) + Number(width) }),
  );
  const [twice, half, wanted] = drawn;
  assert.deepEqual(
    drawn.map(({ kind }) => kind),
    ['better', 'worse', 'worse'],
  );
  assert.ok(twice && half && wanted);
  assert.ok(Math.abs(twice.left - half.right) < 0.2, 'both touch the line at 1x');
  assert.ok(Math.abs(twice.right - twice.left - (half.right - half.left)) < 0.2, 'twice is as far as half');
  assert.equal([...svg.matchAll(/class="target" d/g)].length, 1, 'only a target besides 1x has a mark');
});
