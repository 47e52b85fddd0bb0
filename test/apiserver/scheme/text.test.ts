import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, TextError } from '../../../apiserver/scheme/json-text.ts';
import { SCHEME_LIMITS } from '../../../apiserver/scheme/limits.ts';
import { parseYaml } from '../../../apiserver/scheme/yaml-text.ts';

test('names that come twice are found, wherever they are; the last one counts', () => {
  const rows: readonly (readonly [text: string, faults: readonly string[]])[] = [
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['duplicate field "a"']],
    ['{"a":{"b":1,"c":{},"b":[]}}', ['duplicate field "a.b"']],
    ['{"a":[{"x":1},{"x":1,"x":2}]}', ['duplicate field "a[1].x"']],
    ['{"a":[[{"x":1,"x":2}],[1,2,{"y":1,"y":1}]]}', ['duplicate field "a[0][0].x"', 'duplicate field "a[1][2].y"']],
    ['{"a":"{\\"x\\":1,\\"x\\":2}"}', []],
    ['{"a\\"b":1,"a\\"b":2}', ['duplicate field "a"b"']],
    ['{"a":1,"\\u0061":2}', ['duplicate field "a"']],
    ['{ "a" : 1 , "a" \n: 2 }', ['duplicate field "a"']],
  ];
  for (const [text, faults] of rows) assert.deepEqual(parseJson(text).faults, faults, text);
  assert.deepEqual(parseJson('{"a":1,"a":2}').value, { a: 2 });
});

test('malformed, endless and treacherous JSON is refused', () => {
  const deep = '['.repeat(SCHEME_LIMITS.maxDepth + 1) + ']'.repeat(SCHEME_LIMITS.maxDepth + 1);
  const rows = [
    '',
    '{',
    '{"a":}',
    '{"a":1',
    '"abc',
    '{"a":1}}',
    '[1,]',
    'nul',
    deep,
    '{"__proto__":{"x":1}}',
    '{"a":[{"\\u005f_proto__":1}]}',
  ];
  for (const text of rows) assert.throws(() => parseJson(text), TextError, text.slice(0, 30));
  assert.equal((parseJson('{"a":"__proto__"}').value as { a: string }).a, '__proto__');
});

test('YAML is read as kube-apiserver reads it', () => {
  const rows: readonly (readonly [text: string, value: unknown])[] = [
    ['a: 1\nb: [x, "y"]\n', { a: 1, b: ['x', 'y'] }],
    ['a: yes\nb: off\nc: "no"\n', { a: true, b: false, c: 'no' }],
    ['mode: 0644\n', { mode: 420 }],
    ['when: 2020-01-01\n', { when: '2020-01-01' }],
    ['time: 12:30:45\n', { time: '12:30:45' }],
    ['a: ~\nb:\n', { a: null, b: null }],
    ['base: &b {x: 1}\nmine: {<<: *b, z: 2}\n', { base: { x: 1 }, mine: { x: 1, z: 2 } }],
    ['{"a": [1, {"b": "c"}]}', { a: [1, { b: 'c' }] }],
    ['', null],
  ];
  for (const [text, value] of rows) assert.deepEqual(parseYaml(text).value, value, text);
  assert.equal(parseYaml('a: 1\na: 2\n').faults.length, 1);
});

test('YAML that is malformed or a bomb is refused', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]', ...'bcdefgh'].reduce(
    (text, name, i) =>
      i === 0
        ? name
        : `${text}\n${name}: &${name} [${Array(10)
            .fill(`*${'abcdefgh'[i - 1]}`)
            .join(',')}]`,
    '',
  );
  for (const text of ['a: [', bomb, 'a: .inf\n', '__proto__: {x: 1}\n', 'a: *nothing\n']) {
    assert.throws(() => parseYaml(text), TextError, text.slice(0, 20));
  }
});
