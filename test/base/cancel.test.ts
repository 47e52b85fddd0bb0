import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancellation } from '../../base/cancel.ts';

function recorder(): { readonly told: string[]; readonly listener: (name: string) => () => void } {
  const told: string[] = [];
  return { told, listener: (name) => () => told.push(name) };
}

test('every listener that is still there is told once, in the order in which they came', () => {
  const { told, listener } = recorder();
  const signal = new Cancellation();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(listener) as [() => void, () => void, () => void, () => void];
  signal.addEventListener('abort', a);
  signal.addEventListener('abort', b);
  signal.addEventListener('abort', c);
  signal.removeEventListener('abort', a);
  signal.removeEventListener('abort', c);
  signal.removeEventListener('abort', c);
  signal.addEventListener('abort', d);
  assert.equal(signal.aborted, false);
  signal.abort();
  signal.abort();
  assert.equal(signal.aborted, true);
  assert.deepEqual(told, ['b', 'd']);
});

test('a listener that is added or removed while others are told, or afterwards, is not told', () => {
  const { told, listener } = recorder();
  const signal = new Cancellation();
  signal.addEventListener('abort', () => {
    assert.equal(signal.aborted, true);
    signal.addEventListener('abort', listener('added'));
    told.push('first');
  });
  signal.abort();
  signal.addEventListener('abort', listener('late'));
  assert.deepEqual(told, ['first']);
});

test('a place that became free is taken again', () => {
  const { told, listener } = recorder();
  const signal = new Cancellation();
  const gone = listener('gone');
  signal.addEventListener('abort', gone);
  signal.removeEventListener('abort', gone);
  signal.addEventListener('abort', listener('a'));
  signal.addEventListener('abort', listener('b'));
  signal.abort();
  assert.deepEqual(told, ['a', 'b']);
});
