import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDefaults, dropNullsWithDefaults } from '../../../apiserver/scheme/defaults.ts';
import { formatAccepts } from '../../../apiserver/scheme/formats.ts';
import type { Json, JsonObject } from '../../../apiserver/scheme/json.ts';
import { regexOf } from '../../../apiserver/scheme/patterns.ts';
import { prune } from '../../../apiserver/scheme/prune.ts';
import type { Schema } from '../../../apiserver/scheme/schema.ts';
import { validateSchema } from '../../../apiserver/scheme/validate.ts';

const object = (properties: Record<string, Schema>, rest: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...rest,
});

test('pruning drops what the schema does not know', () => {
  const schema = object({
    a: object({ b: { type: 'string' } }),
    list: { type: 'array', items: object({ x: {} }) },
    map: { type: 'object', additionalProperties: object({ x: {} }) },
    free: object({ known: object({}) }, { preserveUnknownFields: true }),
    embedded: object({ spec: object({}) }, { embeddedResource: true }),
    open: { type: 'object', additionalProperties: true },
  });
  const value: JsonObject = {
    kind: 'K',
    metadata: { any: 1 },
    gone: 1,
    a: { b: 'x', c: 1 },
    list: [{ x: 1, y: 2 }],
    map: { one: { x: 1, y: 2 } },
    free: { other: { deep: 1 }, known: { z: 1 } },
    embedded: { apiVersion: 'v1', kind: 'P', metadata: { name: 'x' }, spec: { q: 1 }, more: 1 },
    open: { whatever: 1 },
  };
  assert.deepEqual(prune(value, schema), [
    'gone',
    'a.c',
    'list[0].y',
    'map.one.y',
    'free.known.z',
    'embedded.spec.q',
    'embedded.more',
  ]);
  assert.deepEqual(value, {
    kind: 'K',
    metadata: { any: 1 },
    a: { b: 'x' },
    list: [{ x: 1 }],
    map: { one: { x: 1 } },
    free: { other: { deep: 1 }, known: {} },
    embedded: { apiVersion: 'v1', kind: 'P', metadata: { name: 'x' }, spec: {} },
    open: { whatever: 1 },
  });
});

test('defaults fill what is absent, from the outside in', () => {
  const schema = object({
    a: object({ b: { type: 'integer', default: 1 } }, { default: {} }),
    n: { type: 'string', default: 'x' },
    may: { type: 'string', nullable: true, default: 'x' },
    list: { type: 'array', items: object({ p: { default: 'TCP' } }) },
    map: { type: 'object', additionalProperties: object({ q: { default: 2 } }) },
  });
  const rows: readonly (readonly [Json, Json])[] = [
    [{}, { a: { b: 1 }, n: 'x', may: 'x' }],
    [
      { n: null, may: null, a: { b: 5 } },
      { a: { b: 5 }, n: 'x', may: null },
    ],
    [
      { list: [{}, { p: 'UDP' }], map: { k: {} } },
      { a: { b: 1 }, n: 'x', may: 'x', list: [{ p: 'TCP' }, { p: 'UDP' }], map: { k: { q: 2 } } },
    ],
  ];
  for (const [value, expected] of rows) {
    applyDefaults(value, schema);
    assert.deepEqual(value, expected);
  }
  const shared: JsonObject = {};
  applyDefaults(shared, schema);
  (shared['a'] as JsonObject)['b'] = 7;
  const other: JsonObject = {};
  applyDefaults(other, schema);
  assert.deepEqual(other['a'], { b: 1 }, 'defaults are copied');
  const nulls: JsonObject = { n: null, may: null, list: [{ p: null }] };
  dropNullsWithDefaults(nulls, schema);
  assert.deepEqual(nulls, { may: null, list: [{}] });
});

const spec = (value: Schema): Schema => object({ spec: object({ x: value }) });

test('validation says what is wrong as the real server does', () => {
  const text: Schema = { type: 'string' };
  const rows: readonly (readonly [schema: Schema, value: Json, errors: readonly string[]])[] = [
    [
      { type: 'integer' },
      'string',
      ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
    ],
    [{ type: 'integer' }, 1.5, ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"']],
    [{ type: 'number' }, 1, []],
    [text, null, ['spec.x: Invalid value: "null": spec.x in body must be of type string: "null"']],
    [{ ...text, nullable: true }, null, []],
    [
      { intOrString: true },
      true,
      ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
    ],
    [{ ...text, enum: ['a', 'b'] }, 'c', ['spec.x: Unsupported value: "c": supported values: "a", "b"']],
    [{ ...text, maxLength: 2 }, 'abc', ['spec.x: Too long: may not be more than 2 bytes']],
    [{ ...text, maxLength: 2 }, '😀😀', []],
    [{ ...text, minLength: 2 }, 'a', ['spec.x: Invalid value: "a": spec.x in body should be at least 2 chars long']],
    [{ ...text, pattern: '^a+$' }, 'b', ['spec.x: Invalid value: "b": spec.x in body should match \'^a+$\'']],
    [
      { ...text, format: 'date-time' },
      'b',
      ['spec.x: Invalid value: "b": spec.x in body must be of type date-time: "b"'],
    ],
    [{ ...text, format: 'unheard-of' }, 'b', []],
    [
      { type: 'integer', maximum: 3 },
      4,
      ['spec.x: Invalid value: 4: spec.x in body should be less than or equal to 3'],
    ],
    [
      { type: 'integer', minimum: 3, exclusiveMinimum: true },
      3,
      ['spec.x: Invalid value: 3: spec.x in body should be greater than 3'],
    ],
    [{ type: 'integer', multipleOf: 2 }, 3, ['spec.x: Invalid value: 3: spec.x in body should be a multiple of 2']],
    [{ type: 'array', maxItems: 1 }, [1, 2], ['spec.x: Too many: 2: must have at most 1 item']],
    [{ type: 'array', minItems: 1 }, [], ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items']],
    [
      { type: 'array', items: text },
      ['a', 1],
      ['spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
    ],
    [{ type: 'array', listType: 'set' }, ['a', 'b', 'a'], ['spec.x[2]: Duplicate value: "a"']],
    [
      { type: 'array', listType: 'map', listMapKeys: ['n', 'p'], items: object({ p: { default: 'TCP' } }) },
      [{ n: 1 }, { n: 1, p: 'UDP' }, { n: 1, p: 'TCP', more: 1 }],
      ['spec.x[2]: Duplicate value: {"n":1,"p":"TCP"}'],
    ],
    [object({ y: text }, { required: ['y'] }), {}, ['spec.x.y: Required value']],
    [object({}, { maxProperties: 1 }), { a: 1, b: 2 }, ['spec.x: Too many: 2: must have at most 1 item']],
    [
      { type: 'object', additionalProperties: text },
      { k: 1 },
      ['spec.x.k: Invalid value: "integer": spec.x.k in body must be of type string: "integer"'],
    ],
    [
      { type: 'object', embeddedResource: true },
      { kind: 'A' },
      ['spec.x.apiVersion: Required value: must not be empty'],
    ],
    [
      { oneOf: [{ type: 'integer' }, { type: 'number' }] },
      1,
      ['<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      { anyOf: [{ type: 'integer' }] },
      'a',
      [
        '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
        'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"',
      ],
    ],
    [{ not: text }, 'a', ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)']],
  ];
  for (const [schema, value, errors] of rows) {
    const found = validateSchema({ spec: { x: value } }, spec(schema)).map(
      (error) => `${error.field}: ${error.message}`,
    );
    assert.deepEqual(found, errors, JSON.stringify(schema));
  }
});

test('recursive schemas are walked as deep as the value goes', () => {
  const tree: Schema = object({
    children: { type: 'array', items: { lazy: () => tree } },
    name: { type: 'string', default: 'n' },
  });
  const value: JsonObject = { children: [{ children: [{ extra: 1 }] }] };
  assert.deepEqual(prune(value, tree), ['children[0].children[0].extra']);
  applyDefaults(value, tree);
  assert.deepEqual(validateSchema(value, tree), []);
  assert.equal(JSON.stringify(value), '{"children":[{"children":[{"name":"n"}],"name":"n"}],"name":"n"}');
});

test('formats', () => {
  const rows: readonly (readonly [format: string, good: readonly string[], bad: readonly string[]])[] = [
    ['date', ['2020-02-29'], ['2021-02-29', '2020-1-1', 'x']],
    ['date-time', ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.123+02:00'], ['2020-01-01', '2020-01-01T25:00:00Z']],
    ['duration', ['1h', '1h30m', '10ms', '3 days'], ['', 'x', '1x']],
    ['ipv4', ['1.2.3.4'], ['1.2.3', '::1', '256.1.1.1']],
    ['ipv6', ['::1', 'fe80::1'], ['1.2.3.4', 'x']],
    ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33', 'x/1']],
    ['uuid', ['0191f7c1-6f7f-7d8a-9bc1-1c2d3e4f5a6b'], ['x', '0191f7c1']],
    ['uri', ['http://a/b', '/a'], ['a b', '']],
    ['email', ['a@b.c'], ['a', 'a@']],
    ['hostname', ['a.b-c.d'], ['-a', 'a..b']],
    ['mac', ['01:23:45:67:89:ab'], ['01:23']],
    ['byte', ['YQ==', 'YWJj'], ['!', 'YQ']],
    ['hexcolor', ['#fff', '#A1B2C3'], ['#ff']],
    ['isbn13', ['978-3-16-148410-0'], ['978-3-16-148410-1']],
    ['creditcard', ['4111 1111 1111 1111'], ['4111 1111 1111 1112']],
    ['password', [''], []],
  ];
  for (const [format, good, bad] of rows) {
    for (const value of good) assert.ok(formatAccepts(format, value), `${format} ${value}`);
    for (const value of bad) assert.ok(!formatAccepts(format, value), `${format} ${value}`);
  }
});

test('patterns in RE2 syntax', () => {
  const rows: readonly (readonly [pattern: string, good: string, bad: string])[] = [
    ['^[[:alpha:]]+$', 'ab', 'a1'],
    ['(?i)^abc$', 'ABC', 'abd'],
    ['\\Aa\\z', 'a', 'ab'],
    ['^(?P<first>a)b$', 'ab', 'b'],
    ['^a\\-b\\_c$', 'a-b_c', 'abc'],
  ];
  for (const [pattern, good, bad] of rows) {
    assert.ok(regexOf(pattern)?.test(good), pattern);
    assert.ok(regexOf(pattern)?.test(bad) === false, pattern);
  }
  assert.equal(regexOf('('), undefined);
  assert.equal(regexOf('a'.repeat(9000)), undefined);
});
