import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiError } from '../../../apiserver/errors.ts';
import {
  listSource,
  parseListOptions,
  validateListOptions,
  watchStart,
} from '../../../apiserver/handlers/list-options.ts';
import { negotiateBody, negotiateOutput } from '../../../apiserver/handlers/negotiation.ts';

const options = (query: string) => parseListOptions(new URLSearchParams(query));

describe('where a list comes from', () => {
  const rows: [query: string, source: unknown][] = [
    ['', { from: 'cache', atLeast: 'now', limit: 0 }],
    ['limit=5', { from: 'cache', atLeast: 'now', limit: 5 }],
    ['resourceVersion=0', { from: 'cache', atLeast: 0, limit: 0 }],
    ['resourceVersion=0&limit=5', { from: 'cache', atLeast: 0, limit: 0 }],
    ['resourceVersion=7', { from: 'cache', atLeast: 7, limit: 0 }],
    ['resourceVersion=7&limit=5', { from: 'store', exactly: 7 }],
    ['resourceVersion=7&resourceVersionMatch=Exact', { from: 'store', exactly: 7 }],
    ['resourceVersion=7&resourceVersionMatch=NotOlderThan', { from: 'cache', atLeast: 7, limit: 0 }],
    ['resourceVersion=7&resourceVersionMatch=NotOlderThan&limit=5', { from: 'cache', atLeast: 7, limit: 5 }],
    ['continue=abc', { from: 'continue', token: 'abc' }],
    ['continue=abc&resourceVersion=0', { from: 'continue', token: 'abc' }],
  ];
  for (const [query, source] of rows)
    it(JSON.stringify(query), () => assert.deepEqual(listSource(options(query)), source));
  it('a version and a token', () =>
    assert.throws(() => listSource(options('continue=abc&resourceVersion=7')), { code: 400 }));
  it('a malformed version', () => assert.throws(() => listSource(options('resourceVersion=x')), { code: 400 }));
});

describe('how a watch begins', () => {
  const rows: [
    query: string,
    initialState: boolean,
    endBookmark: boolean,
    atLeast: 'now' | number,
    after: number | undefined,
  ][] = [
    ['', true, false, 'now', undefined],
    ['resourceVersion=0', true, false, 0, undefined],
    ['resourceVersion=7', false, false, 0, 7],
    ['sendInitialEvents=true', true, true, 'now', undefined],
    ['sendInitialEvents=true&resourceVersion=0', true, true, 0, undefined],
    ['sendInitialEvents=true&resourceVersion=7', true, true, 7, undefined],
    ['sendInitialEvents=false', false, false, 'now', undefined],
    ['sendInitialEvents=false&resourceVersion=0', false, false, 0, undefined],
    ['sendInitialEvents=false&resourceVersion=7', false, false, 0, 7],
  ];
  for (const [query, initialState, endBookmark, atLeast, after] of rows) {
    it(JSON.stringify(query), () =>
      assert.deepEqual(watchStart(options(query)), { initialState, endBookmark, atLeast, after }),
    );
  }
});

describe('list options that do not go together', () => {
  const rows: [query: string, fields: string[]][] = [
    ['resourceVersion=5&resourceVersionMatch=Exact', []],
    ['resourceVersionMatch=Exact', ['resourceVersionMatch']],
    ['resourceVersion=0&resourceVersionMatch=Exact', ['resourceVersionMatch']],
    ['resourceVersion=5&resourceVersionMatch=Older', ['resourceVersionMatch']],
    ['resourceVersion=5&resourceVersionMatch=Exact&continue=x', ['resourceVersionMatch']],
    ['sendInitialEvents=true', ['sendInitialEvents']],
    ['watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan', []],
    ['watch=1&sendInitialEvents=true', ['resourceVersionMatch']],
    ['watch=1&sendInitialEvents=true&resourceVersionMatch=Exact', ['resourceVersionMatch', 'resourceVersionMatch']],
    ['watch=1&resourceVersionMatch=NotOlderThan', ['resourceVersionMatch']],
    ['watch=1&resourceVersion=5', []],
  ];
  for (const [query, fields] of rows) {
    it(JSON.stringify(query), () => {
      if (fields.length === 0) return validateListOptions(options(query));
      return assert.throws(
        () => validateListOptions(options(query)),
        (error: ApiError) =>
          error.code === 422 &&
          assert.deepEqual(
            error.details?.causes?.map((c) => c.field),
            fields,
          ) === undefined,
      );
    });
  }
});

describe('content negotiation', () => {
  const forms = ['Table', 'PartialObjectMetadata'] as const;
  const rows: [accept: string | undefined, mediaType: string, as: string | undefined][] = [
    [undefined, 'application/json', undefined],
    ['*/*', 'application/json', undefined],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'application/json', 'Table'],
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'application/json', undefined],
    [
      'application/json;as=Other;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'application/json',
      'PartialObjectMetadata',
    ],
    ['application/vnd.kubernetes.protobuf,application/json', 'application/json', undefined],
    ['application/yaml', 'application/yaml', undefined],
    ['application/json;q=0.1,application/yaml;q=0.9', 'application/yaml', undefined],
  ];
  for (const [accept, mediaType, as] of rows) {
    it(String(accept), () => {
      const found = negotiateOutput(accept, { forms });
      assert.deepEqual([found.mediaType, found.as], [mediaType, as]);
    });
  }
  it('refuses what cannot be given', () => {
    assert.throws(() => negotiateOutput('application/json;as=Table;v=v1;g=meta.k8s.io', { forms: [] }), { code: 406 });
    assert.throws(() => negotiateOutput('application/yaml', { forms, stream: true }), { code: 406 });
    assert.throws(() => negotiateBody('application/vnd.kubernetes.protobuf', false), { code: 415 });
  });
  it('takes bodies with parameters, and without a type', () => {
    assert.equal(negotiateBody('application/json; charset=utf-8', true), 'json');
    assert.equal(negotiateBody('', true), 'json');
    assert.equal(negotiateBody('application/vnd.kubernetes.protobuf', true), 'protobuf');
  });
});
