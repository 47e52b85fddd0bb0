import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, humanDuration } from '../../../apiserver/printers/duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('time spans as kubectl shows them', () => {
  const rows: readonly (readonly [ms: number, text: string])[] = [
    [-2 * SECOND, '<invalid>'],
    [-SECOND, '0s'],
    [-1, '0s'],
    [0, '0s'],
    [SECOND - 1, '0s'],
    [2 * MINUTE - 1, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + SECOND, '2m1s'],
    [10 * MINUTE - 1, '9m59s'],
    [10 * MINUTE, '10m'],
    [3 * HOUR - 1, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + MINUTE, '3h1m'],
    [8 * HOUR - 1, '7h59m'],
    [8 * HOUR, '8h'],
    [2 * DAY - 1, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + HOUR, '2d1h'],
    [8 * DAY - 1, '7d23h'],
    [8 * DAY, '8d'],
    [2 * 365 * DAY - 1, '729d'],
    [2 * 365 * DAY, '2y'],
    [2 * 365 * DAY + DAY, '2y1d'],
    [8 * 365 * DAY - 1, '7y364d'],
    [8 * 365 * DAY, '8y'],
  ];
  for (const [ms, text] of rows) assert.equal(humanDuration(ms), text, String(ms));
});

test('ages of moments', () => {
  const now = Date.parse('2020-01-01T00:01:00Z');
  assert.equal(ageOf('2020-01-01T00:00:00Z', now), '60s');
  assert.equal(ageOf(undefined, now), '<unknown>');
  assert.equal(ageOf('', now), '<unknown>');
  assert.equal(ageOf('yesterday', now), '<invalid>');
});
