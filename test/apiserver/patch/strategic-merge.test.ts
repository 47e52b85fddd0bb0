import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiError } from '../../../apiserver/errors.ts';
import { applyStrategicMerge } from '../../../apiserver/patch/strategic-merge.ts';
import type { JsonObject } from '../../../apiserver/scheme/json.ts';
import type { Schema } from '../../../apiserver/scheme/schema.ts';

const text: Schema = { type: 'string' };
const item: Schema = {
  type: 'object',
  properties: {
    name: text,
    value: text,
    other: text,
    inner: { type: 'array', items: text, patchStrategy: 'merge' },
    nested: {
      type: 'array',
      patchStrategy: 'merge',
      patchMergeKey: 'name',
      items: { type: 'object', properties: { name: text, value: text } },
    },
  },
};
const schema: Schema = {
  type: 'object',
  properties: {
    name: text,
    value: text,
    map: { type: 'object', additionalProperties: text },
    merged: { type: 'array', items: item, patchStrategy: 'merge', patchMergeKey: 'name' },
    replaced: { type: 'array', items: item },
    set: { type: 'array', items: text, patchStrategy: 'merge' },
    atomic: { type: 'array', items: text },
    union: {
      type: 'object',
      patchStrategy: 'retainKeys',
      properties: { type: text, rolling: { type: 'object', properties: { max: text } } },
    },
    whole: { type: 'object', patchStrategy: 'replace', properties: { a: text, b: text } },
    deep: {
      type: 'object',
      properties: { list: { type: 'array', items: item, patchStrategy: 'merge', patchMergeKey: 'name' } },
    },
  },
};

const rows: [what: string, original: JsonObject, patch: JsonObject, expected: JsonObject][] = [
  ['an empty patch changes nothing', { name: 'a' }, {}, { name: 'a' }],
  ['a field is added', { name: 'a' }, { value: 'v' }, { name: 'a', value: 'v' }],
  ['a field is replaced', { name: 'a' }, { name: 'b' }, { name: 'b' }],
  ['null deletes', { name: 'a', value: 'v' }, { value: null }, { name: 'a' }],
  ['null for what is not there is nothing', { name: 'a' }, { value: null }, { name: 'a' }],
  ['maps merge', { map: { a: '1', b: '2' } }, { map: { b: '3', c: '4' } }, { map: { a: '1', b: '3', c: '4' } }],
  ['null in a map deletes the key', { map: { a: '1', b: '2' } }, { map: { a: null } }, { map: { b: '2' } }],
  ['nulls of a new map are dropped', {}, { map: { a: null, b: '2' } }, { map: { b: '2' } }],
  ['$patch replace replaces a map', { map: { a: '1' } }, { map: { $patch: 'replace', b: '2' } }, { map: { b: '2' } }],
  ['$patch delete empties a map', { map: { a: '1' } }, { map: { $patch: 'delete' } }, { map: {} }],
  ['$patch delete of a missing map leaves it missing', {}, { map: { $patch: 'delete' } }, {}],
  ['$patch replace at the top', { name: 'a', value: 'v' }, { $patch: 'replace', name: 'b' }, { name: 'b' }],
  ['a list without strategy is replaced', { atomic: ['a', 'b'] }, { atomic: ['c'] }, { atomic: ['c'] }],
  [
    'a list of objects without strategy is replaced',
    { replaced: [{ name: 'a' }] },
    { replaced: [{ name: 'b' }] },
    { replaced: [{ name: 'b' }] },
  ],
  ['primitives merge as a set', { set: ['a', 'b'] }, { set: ['b', 'c'] }, { set: ['a', 'b', 'c'] }],
  ['primitives are deleted', { set: ['a', 'b', 'c'] }, { '$deleteFromPrimitiveList/set': ['a', 'c'] }, { set: ['b'] }],
  [
    'primitives are deleted and added',
    { set: ['a', 'b'] },
    { '$deleteFromPrimitiveList/set': ['a'], set: ['c'] },
    { set: ['b', 'c'] },
  ],
  ['deleting from a missing list is nothing', {}, { '$deleteFromPrimitiveList/set': ['a'] }, {}],
  [
    'elements merge by key',
    { merged: [{ name: 'a', value: '1', other: 'o' }] },
    { merged: [{ name: 'a', value: '2' }] },
    { merged: [{ name: 'a', value: '2', other: 'o' }] },
  ],
  [
    'new elements are appended',
    { merged: [{ name: 'a' }] },
    { merged: [{ name: 'b' }] },
    { merged: [{ name: 'a' }, { name: 'b' }] },
  ],
  [
    'elements of a new list lose their nulls',
    {},
    { merged: [{ name: 'a', value: null }] },
    { merged: [{ name: 'a' }] },
  ],
  [
    'null in an element deletes its field',
    { merged: [{ name: 'a', value: '1' }] },
    { merged: [{ name: 'a', value: null }] },
    { merged: [{ name: 'a' }] },
  ],
  [
    '$patch delete removes an element',
    { merged: [{ name: 'a' }, { name: 'b' }] },
    { merged: [{ name: 'a', $patch: 'delete' }] },
    { merged: [{ name: 'b' }] },
  ],
  [
    'deleting a missing element is nothing',
    { merged: [{ name: 'a' }] },
    { merged: [{ name: 'x', $patch: 'delete' }] },
    { merged: [{ name: 'a' }] },
  ],
  [
    'delete and add in one patch',
    { merged: [{ name: 'a' }] },
    { merged: [{ name: 'a', $patch: 'delete' }, { name: 'c' }] },
    { merged: [{ name: 'c' }] },
  ],
  [
    '$patch replace replaces the list',
    { merged: [{ name: 'a' }] },
    { merged: [{ $patch: 'replace' }, { name: 'b' }] },
    { merged: [{ name: 'b' }] },
  ],
  [
    '$patch replace alone empties the list',
    { merged: [{ name: 'a' }] },
    { merged: [{ $patch: 'replace' }] },
    { merged: [] },
  ],
  [
    '$patch replace inside an element',
    { merged: [{ name: 'a', value: '1', other: 'o' }] },
    { merged: [{ name: 'a', value: '2', $patch: 'merge' }] },
    { merged: [{ name: 'a', value: '2', other: 'o' }] },
  ],
  ['null deletes a whole list', { merged: [{ name: 'a' }], name: 'n' }, { merged: null }, { name: 'n' }],
  ['an empty patch list changes nothing', { merged: [{ name: 'a' }] }, { merged: [] }, { merged: [{ name: 'a' }] }],
  [
    'lists merge inside elements',
    { merged: [{ name: 'a', inner: ['1'] }] },
    { merged: [{ name: 'a', inner: ['2'] }] },
    { merged: [{ name: 'a', inner: ['1', '2'] }] },
  ],
  [
    'lists of objects merge inside elements',
    { merged: [{ name: 'a', nested: [{ name: 'n', value: '1' }] }] },
    { merged: [{ name: 'a', nested: [{ name: 'm' }, { name: 'n', value: '2' }] }] },
    { merged: [{ name: 'a', nested: [{ name: 'n', value: '2' }, { name: 'm' }] }] },
  ],
  [
    'directives of nested primitives',
    { merged: [{ name: 'a', inner: ['1', '2'] }] },
    { merged: [{ name: 'a', '$deleteFromPrimitiveList/inner': ['1'] }] },
    { merged: [{ name: 'a', inner: ['2'] }] },
  ],
  [
    '$retainKeys drops the others',
    { union: { type: 'Rolling', rolling: { max: '1' } } },
    { union: { $retainKeys: ['type'], type: 'Recreate' } },
    { union: { type: 'Recreate' } },
  ],
  [
    '$retainKeys keeps those named',
    { union: { type: 'Rolling', rolling: { max: '1' } } },
    { union: { $retainKeys: ['type', 'rolling'], rolling: { max: '2' } } },
    { union: { type: 'Rolling', rolling: { max: '2' } } },
  ],
  [
    '$retainKeys of a new object',
    {},
    { union: { $retainKeys: ['type'], type: 'Recreate' } },
    { union: { type: 'Recreate' } },
  ],
  ['an object with strategy replace', { whole: { a: '1', b: '2' } }, { whole: { a: '3' } }, { whole: { a: '3' } }],
  [
    '$setElementOrder orders primitives',
    { set: ['a', 'b'] },
    { '$setElementOrder/set': ['c', 'a', 'b'], set: ['c'] },
    { set: ['c', 'a', 'b'] },
  ],
  [
    '$setElementOrder keeps what only the server has',
    { set: ['a', 'x', 'b'] },
    { '$setElementOrder/set': ['b', 'a'] },
    { set: ['x', 'b', 'a'] },
  ],
  [
    '$setElementOrder orders elements',
    { merged: [{ name: 'a' }, { name: 'b' }] },
    { '$setElementOrder/merged': [{ name: 'b' }, { name: 'a' }] },
    { merged: [{ name: 'b' }, { name: 'a' }] },
  ],
  [
    '$setElementOrder with a change',
    { merged: [{ name: 'a', value: '1' }, { name: 'b' }] },
    { '$setElementOrder/merged': [{ name: 'b' }, { name: 'a' }], merged: [{ name: 'a', value: '2' }] },
    { merged: [{ name: 'b' }, { name: 'a', value: '2' }] },
  ],
  [
    '$setElementOrder with a server-only element before',
    { merged: [{ name: 's' }, { name: 'a' }, { name: 'b' }] },
    { '$setElementOrder/merged': [{ name: 'a' }, { name: 'b' }] },
    { merged: [{ name: 's' }, { name: 'a' }, { name: 'b' }] },
  ],
  [
    '$setElementOrder with a deletion',
    { merged: [{ name: 'a' }, { name: 'b' }] },
    { '$setElementOrder/merged': [{ name: 'b' }], merged: [{ name: 'a', $patch: 'delete' }] },
    { merged: [{ name: 'b' }] },
  ],
  [
    'deep lists',
    { deep: { list: [{ name: 'a', value: '1' }] } },
    { deep: { list: [{ name: 'b' }] } },
    { deep: { list: [{ name: 'a', value: '1' }, { name: 'b' }] } },
  ],
  [
    'what the schema does not know is merged as JSON',
    { extra: { a: { b: '1' } } },
    { extra: { a: { c: '2' } } },
    { extra: { a: { b: '1', c: '2' } } },
  ],
];

const refusals: [what: string, original: JsonObject, patch: JsonObject, code: number][] = [
  ['an unknown directive', {}, { $patch: 'explode' }, 400],
  ['an unknown directive in an element', { merged: [] }, { merged: [{ name: 'a', $patch: 'explode' }] }, 400],
  ['an element without its key', { merged: [{ name: 'a' }] }, { merged: [{ value: '1' }] }, 422],
  ['$retainKeys that misses a key of the patch', { union: {} }, { union: { $retainKeys: ['type'], rolling: {} } }, 400],
  ['$deleteFromPrimitiveList that is no list', { set: ['a'] }, { '$deleteFromPrimitiveList/set': 'a' }, 400],
  ['$setElementOrder that is no list', { set: ['a'] }, { '$setElementOrder/set': 'a' }, 400],
  ['$setElementOrder against the order of the patch', {}, { '$setElementOrder/set': ['a', 'b'], set: ['b', 'a'] }, 400],
];

describe('strategic merge', () => {
  for (const [what, original, patch, expected] of rows) {
    it(what, () => {
      const before = structuredClone(original);
      assert.deepEqual(applyStrategicMerge(original, patch, schema), expected);
      assert.deepEqual(original, before, 'the original is not changed');
    });
  }
  for (const [what, original, patch, code] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => applyStrategicMerge(original, patch, schema),
        (error: ApiError) => error.code === code,
      );
    });
  }
});
