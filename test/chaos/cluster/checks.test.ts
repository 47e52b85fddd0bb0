import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RevisionLog } from '../../../chaos/checkers/revision-log.ts';
import { longestGap } from '../../../chaos/cluster/probe.ts';
import { checkCalls, type RecordedCall } from '../../../chaos/cluster/workloads/calls.ts';

/** Two clients on one register; every test breaks one thing of this. */
const CALLS: readonly RecordedCall[] = [
  put({ client: 1, start: 1, value: 'a', revision: 2 }),
  put({ client: 2, start: 3, value: 'b', revision: 3 }),
  get({ client: 1, start: 5, value: 'b', revision: 3 }),
];

function put(of: { client: number; start: number; value: string; revision: number | undefined }): RecordedCall {
  const { client, start, value, revision } = of;
  const input = { type: 'put', keys: ['r/1'], value } as const;
  if (revision === undefined)
    return { client, start, end: Number.POSITIVE_INFINITY, input, output: undefined, revision: 0, wrote: false };
  return { client, start, end: start + 1, input, output: {}, revision, wrote: true };
}

function get(of: { client: number; start: number; value: string | undefined; revision: number }): RecordedCall {
  const { client, start, value, revision } = of;
  const input = { type: 'get', keys: ['r/1'] } as const;
  return { client, start, end: start + 1, input, output: { values: [value] }, revision, wrote: false };
}

function logOf(...values: readonly string[]): RevisionLog {
  const log = new RevisionLog();
  values.forEach((value, i) => {
    log.record(i + 2, [{ key: 'r/1', value, previous: values[i - 1] }]);
  });
  return log;
}

test('nothing is found where nothing is wrong', () => {
  assert.deepEqual(checkCalls(CALLS, logOf('a', 'b'), 'r/'), []);
});

test('an acknowledged write that is not there any more is found', () => {
  const found = checkCalls(CALLS, logOf('a'), 'r/');
  assert.match(found[0] ?? '', /client 2 was told that r\/1=b is revision 3, which holds nothing/);
});

test('a write that was applied twice is found', () => {
  const calls = [...CALLS, put({ client: 3, start: 7, value: 'c', revision: undefined })];
  assert.match(checkCalls(calls, logOf('a', 'b', 'c', 'c'), 'r/')[0] ?? '', /c was applied more than once/);
});

test('a read of what was overwritten before is found', () => {
  const calls = [...CALLS, get({ client: 2, start: 7, value: 'a', revision: 3 })];
  assert.match(checkCalls(calls, logOf('a', 'b'), 'r/')[0] ?? '', /no order of 3 operations before it allows/);
});

test('a revision that goes back is found', () => {
  const calls = [...CALLS, get({ client: 2, start: 7, value: 'b', revision: 2 })];
  assert.match(checkCalls(calls, logOf('a', 'b'), 'r/')[0] ?? '', /was told revision 2, after/);
});

test('a gap belongs to the fault that it begins with, and counts as a whole', async (t) => {
  const rows: readonly (readonly [string, readonly number[], number, number | undefined, number, number])[] = [
    ['the longest of several', [0, 100, 1100, 1200], 50, undefined, 1250, 1000],
    ['what began before the fault', [0, 2000], 50, undefined, 2000, 2000],
    ['not what was over before it', [0, 900, 1000, 1010], 950, undefined, 1020, 100],
    ['not what begins with the next fault', [0, 10, 990, 5000], 0, 1000, 6000, 980],
    ['what the next fault finds', [0, 500, 5000], 0, 1000, 6000, 4500],
    ['what is open at the end', [0, 10], 0, undefined, 6000, 5990],
    ['nothing at all', [], 1000, undefined, 6000, 5000],
  ];
  for (const [name, moments, fromMs, untilMs, endMs, expected] of rows)
    await t.test(name, () => assert.equal(longestGap(moments, { fromMs, untilMs, endMs }).gapMs, expected));
});
