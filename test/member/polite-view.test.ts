import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEMBER_LIMITS } from '../../member/limits.ts';
import { politeView } from '../../member/polite-view.ts';
import type { BackendRow, BackendView } from '../../storage/backend/backend.ts';
import { HandClock } from './hand-clock.ts';

const RANGE = { limit: 1, maxBytes: 1 };
const ROW: BackendRow = { key: Uint8Array.of(1), value: Uint8Array.of(2) };

/** A view whose scans take `workMs` each, and how many there were. */
function working(clock: HandClock, workMs: () => number): { readonly view: BackendView; readonly scans: () => number } {
  let scans = 0;
  const scan = async (): Promise<readonly BackendRow[]> => {
    scans++;
    clock.pass(workMs());
    return [ROW];
  };
  return { view: { scan, close: async () => undefined }, scans: () => scans };
}

/** Lets what can go on without time passing do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a long read rests while somebody waits, in proportion to its work, and not for long', async () => {
  const clock = new HandClock();
  let workMs: number = MEMBER_LIMITS.longReadTurnMs;
  const { view, scans } = working(clock, () => workMs);
  const polite = politeView(view, { clock, isBusy: () => true, assertWanted: () => undefined });
  await polite.scan('revision', RANGE);
  for (const [work, restMs] of [
    [workMs, MEMBER_LIMITS.longReadTurnMs * MEMBER_LIMITS.longReadRestShare],
    [10_000, MEMBER_LIMITS.longReadTurnMs * MEMBER_LIMITS.longReadRestShare],
    [0, MEMBER_LIMITS.longReadRestMs],
  ] as const) {
    workMs = work;
    const before = scans();
    const next = polite.scan('revision', RANGE);
    await settle();
    assert.equal(scans(), before, 'it rests');
    clock.pass(restMs - 1);
    await settle();
    assert.equal(scans(), before, 'it still rests');
    clock.pass(1);
    assert.deepEqual(await next, [ROW]);
  }
  assert.equal(clock.timers, 0);
});

test('a long read does not rest when nobody waits, or when it has hardly worked', async () => {
  const clock = new HandClock();
  let isBusy = false;
  let workMs = 10_000;
  const { view } = working(clock, () => workMs);
  const polite = politeView(view, { clock, isBusy: () => isBusy, assertWanted: () => undefined });
  for (let i = 0; i < 3; i++) await polite.scan('revision', RANGE);
  isBusy = true;
  workMs = MEMBER_LIMITS.longReadTurnMs - 1;
  const fresh = politeView(view, { clock, isBusy: () => isBusy, assertWanted: () => undefined });
  await fresh.scan('revision', RANGE);
  await fresh.scan('revision', RANGE);
  assert.equal(clock.timers, 0);
});

test('what nobody waits for any more is not read on', async () => {
  const clock = new HandClock();
  const { view, scans } = working(clock, () => 0);
  let isWanted = true;
  const assertWanted = (): void => {
    if (!isWanted) throw new Error('nobody waits');
  };
  const polite = politeView(view, { clock, isBusy: () => false, assertWanted });
  await polite.scan('revision', RANGE);
  isWanted = false;
  await assert.rejects(polite.scan('revision', RANGE), /nobody waits/);
  assert.equal(scans(), 1);
});
