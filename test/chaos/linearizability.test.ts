import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import { checkLinearizability } from '../../chaos/checkers/linearizability.ts';
import { type KvInput, type KvOperation, type KvOutput, kvModel, partitionByKey } from '../../chaos/models/kv.ts';

const UNKNOWN = Number.POSITIVE_INFINITY;
const get = (client: number, start: number, end: number, key: string, value: string | undefined): KvOperation => ({
  client,
  start,
  end,
  input: { type: 'get', keys: [key] },
  output: { values: [value] },
});
const put = (client: number, start: number, end: number, key: string, value: string): KvOperation => ({
  client,
  start,
  end,
  input: { type: 'put', keys: [key], value },
  output: end === UNKNOWN ? undefined : {},
});
const cas = (
  client: number,
  start: number,
  end: number,
  ...[key, expected, value, done]: [string, string | undefined, string, boolean?]
): KvOperation => ({
  client,
  start,
  end,
  input: { type: 'cas', keys: [key], expected, value },
  output: done === undefined ? undefined : { done },
});
const verdict = (...operations: readonly KvOperation[]): string =>
  checkLinearizability(partitionByKey(operations)).type;

const CASES: readonly (readonly [string, readonly KvOperation[], string])[] = [
  ['a read of what was put', [put(1, 0, 1, 'a', 'x'), get(2, 2, 3, 'a', 'x')], 'linearizable'],
  ['a stale read', [put(1, 0, 1, 'a', 'x'), put(1, 2, 3, 'a', 'y'), get(2, 4, 5, 'a', 'x')], 'violation'],
  ['a lost write', [put(1, 0, 1, 'a', 'x'), get(2, 2, 3, 'a', undefined)], 'violation'],
  ['a concurrent read may see either', [put(1, 0, 9, 'a', 'x'), get(2, 2, 3, 'a', undefined)], 'linearizable'],
  [
    'two reads may not see a write come and go',
    [put(1, 0, 9, 'a', 'x'), get(2, 1, 2, 'a', 'x'), get(3, 3, 4, 'a', undefined)],
    'violation',
  ],
  ['an unknown write may have happened', [put(1, 0, UNKNOWN, 'a', 'x'), get(2, 50, 51, 'a', 'x')], 'linearizable'],
  ['or not', [put(1, 0, UNKNOWN, 'a', 'x'), get(2, 50, 51, 'a', undefined)], 'linearizable'],
  [
    'but not twice',
    [put(1, 0, UNKNOWN, 'a', 'x'), get(2, 2, 3, 'a', 'x'), put(2, 4, 5, 'a', 'y'), get(2, 6, 7, 'a', 'x')],
    'violation',
  ],
  ['nor before it began', [get(2, 0, 1, 'a', 'x'), put(1, 2, UNKNOWN, 'a', 'x')], 'violation'],
  [
    'unknown writes that build on each other',
    [put(1, 0, UNKNOWN, 'a', 'x'), cas(2, 1, UNKNOWN, 'a', 'x', 'y'), get(3, 5, 6, 'a', 'y')],
    'linearizable',
  ],
  [
    'an unknown swap explains a failed one, whatever begins later',
    [
      put(1, 0, 1, 'a', 'x'),
      put(4, 50, UNKNOWN, 'a', 'w'),
      cas(2, 2, UNKNOWN, 'a', 'x', 'y'),
      cas(3, 3, 4, 'a', 'x', 'z', false),
    ],
    'linearizable',
  ],
  [
    'two swaps of one value cannot both succeed',
    [put(1, 0, 1, 'a', 'x'), cas(1, 2, 9, 'a', 'x', 'y', true), cas(2, 2, 9, 'a', 'x', 'z', true)],
    'violation',
  ],
  [
    'a transaction is whole',
    [
      { client: 1, start: 0, end: 9, input: { type: 'put', keys: ['a', 'b'], value: 'x' }, output: {} },
      { client: 2, start: 1, end: 8, input: { type: 'get', keys: ['a', 'b'] }, output: { values: ['x', undefined] } },
    ],
    'violation',
  ],
];

for (const [name, operations, expected] of CASES) {
  test(`linearizability: ${name}`, () => {
    assert.equal(verdict(...operations), expected);
  });
}

/** Clients on a store that answers as it should; `unknown` of the answers get lost, and of those half never happened. */
function history(seed: number, options: { operations: number; clients: number; keys: number; unknown: number }) {
  const prng = new Prng(seed);
  const state = new Map<string, string>();
  const nextMs = Array.from({ length: options.clients }, () => prng.unit() * 10);
  const operations: KvOperation[] = [];
  const effects: { at: number; run: () => void }[] = [];
  for (let i = 0; i < options.operations; i++) {
    const client = i % options.clients;
    const start = nextMs[client] ?? 0;
    const end = start + 1 + prng.unit() * 20;
    nextMs[client] = end + prng.unit() * 5;
    const key = `k${prng.between(0, options.keys - 1)}`;
    const isUnknown = prng.chance(options.unknown);
    effects.push({
      at: start + prng.unit() * (end - start),
      run: () => {
        const now = state.get(key);
        const input = inputOf(prng, { key, now, value: `v${i}` });
        if (isUnknown && prng.chance(0.5)) {
          operations.push({ client, start, end: UNKNOWN, input, output: undefined });
          return;
        }
        const output = act(state, input);
        operations.push({
          client,
          start,
          end: isUnknown ? UNKNOWN : end,
          input,
          output: isUnknown ? undefined : output,
        });
      },
    });
  }
  for (const { run } of effects.sort((a, b) => a.at - b.at)) run();
  return operations;
}

function inputOf(prng: Prng, { key, now, value }: { key: string; now: string | undefined; value: string }): KvInput {
  const keys = [key] as const;
  const kind = prng.unit();
  if (kind < 0.5) return { type: 'get', keys };
  if (kind < 0.85) return { type: 'put', keys, value };
  return kind < 0.9
    ? { type: 'delete', keys }
    : { type: 'cas', keys, expected: prng.chance(0.7) ? now : 'none', value };
}

function act(state: Map<string, string>, input: KvInput): KvOutput {
  const [key = ''] = input.keys;
  const now = state.get(key);
  if (input.type === 'get') return { values: [now] };
  if (input.type === 'delete') return { done: state.delete(key) };
  const done = input.type === 'put' || now === input.expected;
  if (done) state.set(key, input.value);
  return { done };
}

/** The same, by trying every order: slow and plain, to compare with. */
function bruteForce(operations: readonly KvOperation[]): boolean {
  const model = kvModel([...new Set(operations.flatMap(({ input }) => input.keys))].sort());
  const search = (left: readonly KvOperation[], state: typeof model.initial): boolean => {
    if (left.every(({ output }) => output === undefined)) return true;
    const horizon = Math.min(...left.map(({ end }) => end));
    return left.some((operation) => {
      if (operation.start > horizon) return false;
      const after = model.step(state, operation.input, operation.output);
      return (
        after !== undefined &&
        search(
          left.filter((other) => other !== operation),
          after,
        )
      );
    });
  };
  return search(operations, model.initial);
}

test('linearizability: agrees with trying every order, on right and on spoilt histories', () => {
  const seen = { true: 0, false: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const operations = history(seed, { operations: 9, clients: 3, keys: 1 + (seed % 2), unknown: 0.25 });
    const prng = new Prng(seed);
    const spoilt = operations.map((operation): KvOperation => {
      if (operation.input.type !== 'get' || operation.output === undefined || !prng.chance(0.3)) return operation;
      return { ...operation, output: { values: [prng.pick(['v0', 'v1', 'v2', 'v3', undefined])] } };
    });
    const expected = bruteForce(spoilt);
    assert.equal(verdict(...spoilt), expected ? 'linearizable' : 'violation', `seed ${seed}`);
    seen[`${expected}`]++;
  }
  assert.ok(seen.true > 50 && seen.false > 50, JSON.stringify(seen));
});

test('linearizability: 100,000 operations, on one key and on many, with unknown outcomes', { timeout: 60_000 }, () => {
  for (const [keys, clients] of [
    [1, 4],
    [10, 10],
  ] as const) {
    const operations = history(7, { operations: 100_000, clients, keys, unknown: 0.002 });
    const startMs = performance.now();
    assert.equal(verdict(...operations), 'linearizable');
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < 20_000, `${tookMs} ms`);
    if (process.env['KEELSON_TELL'] !== undefined)
      process.stderr.write(`${keys} keys, ${clients} clients: ${Math.round(tookMs)} ms\n`);
    const at = operations.findIndex(({ input, output }, i) => i > 5000 && input.type === 'get' && output !== undefined);
    const spoilt = operations.with(at, { ...(operations[at] as KvOperation), output: { values: ['v17'] } });
    const result = checkLinearizability(partitionByKey(spoilt));
    assert.equal(result.type, 'violation');
    assert.ok(result.type === 'violation' && result.stuck.start > 0 && result.longest.length > 1000 / keys);
  }
});
