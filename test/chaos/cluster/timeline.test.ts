import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from '../../../chaos/cluster/journal.ts';
import type { RunReport } from '../../../chaos/cluster/run.ts';
import { timelineHtml } from '../../../chaos/cluster/timeline.ts';

test('the timeline shows members, faults, gaps and findings, and trusts no text', () => {
  const journal = new Journal(() => undefined);
  for (let i = 0; i < 4; i++)
    journal.samples.push({
      atMs: 1000 + 500 * i,
      members: [{ name: 'm1', state: i === 2 ? 'down' : 'leader' }],
      operations: 10 * i,
      acknowledged: 9 * i,
      unknown: i,
    });
  journal.note('fault', 'SIGKILL of <m1>', 'm1');
  const report: RunReport = {
    findings: [{ checker: 'registers', text: 'a < b & c' }],
    faults: [{ name: 'kill', text: 'SIGKILL of <m1>', atMs: 1400, healedMs: 1900 }],
    apiGaps: [],
    gaps: [{ fault: 'kill', text: 'SIGKILL of <m1>', atMs: 1400, fromMs: 1390, gapMs: 700 }],
    workloads: [],
    revision: 1,
    durationMs: 1500,
    checkMs: 1,
    journal,
  };
  const html = timelineHtml(report, 'npm run chaos -- --seed 1');
  for (const expected of ['m1 down', 'm1 leader', '1 findings', 'a &lt; b &amp; c', 'for 700 ms after', '--seed 1'])
    assert.ok(html.includes(expected), expected);
  assert.ok(!html.includes('<m1>'));
});
