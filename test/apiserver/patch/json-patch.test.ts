import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiError } from '../../../apiserver/errors.ts';
import { applyJsonPatch, sameJson } from '../../../apiserver/patch/json-patch.ts';
import { applyMergePatch } from '../../../apiserver/patch/merge-patch.ts';
import type { Json } from '../../../apiserver/scheme/json.ts';

const rows: [what: string, document: Json, patch: Json, expected: Json][] = [
  ['add a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['add replaces a member', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['add into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
  ['add at the end', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
  ['remove', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  ['remove from a list', { l: [1, 2] }, [{ op: 'remove', path: '/l/0' }], { l: [2] }],
  ['replace', { a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
  ['replace in a list', { l: [1, 2] }, [{ op: 'replace', path: '/l/1', value: 3 }], { l: [1, 3] }],
  ['move', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  ['copy', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
  ['test', { a: { x: 1, y: 2 } }, [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }], { a: { x: 1, y: 2 } }],
  ['test of a missing member against null', {}, [{ op: 'test', path: '/a', value: null }], {}],
  ['escapes', { 'a/b': { 'c~d': 1 } }, [{ op: 'replace', path: '/a~1b/c~0d', value: 2 }], { 'a/b': { 'c~d': 2 } }],
  ['the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  [
    'in order',
    {},
    [
      { op: 'add', path: '/a', value: {} },
      { op: 'add', path: '/a/b', value: 1 },
    ],
    { a: { b: 1 } },
  ],
];
const refusals: [what: string, document: Json, patch: Json, code: number][] = [
  ['a patch that is no list', {}, {}, 400],
  ['a failing test', { a: 1 }, [{ op: 'test', path: '/a', value: 2 }], 422],
  ['removing what is not there', {}, [{ op: 'remove', path: '/a' }], 422],
  ['replacing what is not there', {}, [{ op: 'replace', path: '/a', value: 1 }], 422],
  ['a parent that is not there', {}, [{ op: 'add', path: '/a/b', value: 1 }], 422],
  ['an index out of bounds', { l: [] }, [{ op: 'add', path: '/l/1', value: 1 }], 422],
  ['an index with a leading zero', { l: [1] }, [{ op: 'replace', path: '/l/00', value: 1 }], 422],
  ['an unknown operation', {}, [{ op: 'frob', path: '/a' }], 422],
  ['add without a value', {}, [{ op: 'add', path: '/a' }], 422],
  ['a path without a slash', {}, [{ op: 'add', path: 'a', value: 1 }], 422],
  ['moving a value into itself', { a: {} }, [{ op: 'move', from: '/a', path: '/a/b' }], 422],
  ['inherited members', {}, [{ op: 'replace', path: '/constructor/name', value: 'x' }], 422],
];

describe('JSON patch', () => {
  for (const [what, document, patch, expected] of rows)
    it(what, () => assert.deepEqual(applyJsonPatch(document, patch), expected));
  for (const [what, document, patch, code] of refusals) {
    it(`refuses ${what}`, () =>
      assert.throws(
        () => applyJsonPatch(document, patch),
        (e: ApiError) => e.code === code,
      ));
  }
});

describe('merge patch', () => {
  const merges: [target: Json, patch: Json, expected: Json][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 'foo' }, 'bar', 'bar'],
  ];
  for (const [target, patch, expected] of merges) {
    it(`${JSON.stringify(target)} + ${JSON.stringify(patch)}`, () =>
      assert.deepEqual(applyMergePatch(target, patch), expected));
  }
});

describe('equality of JSON', () => {
  it('does not count the order of members, nor absent ones', () => {
    assert.ok(sameJson({ a: 1, b: undefined, c: [1] }, { c: [1], a: 1 }));
    assert.ok(!sameJson({ a: [1, 2] }, { a: [2, 1] }));
    assert.ok(!sameJson({ a: 1 }, { b: 1 }));
  });
});
