import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreErrorCode } from '../../../base/store-error.ts';
import type { RequestOp, TxnRequest } from '../../../proto/gen/etcd.ts';
import {
  checkDeleteRangeRequest,
  checkPutRequest,
  checkRangeRequest,
  checkTxnRequest,
  MAX_TXN_OPS,
} from '../../../proto/validate.ts';
import { compare, deleteRange, op, put, range, txn } from './world.ts';

function codeOf(check: () => void): StoreErrorCode | 'fine' {
  try {
    check();
    return 'fine';
  } catch (error) {
    return (error as { code: StoreErrorCode }).code;
  }
}

const single = [
  { name: 'a range', check: () => checkRangeRequest(range('a')), code: 'fine' },
  { name: 'a range without a key', check: () => checkRangeRequest(range('')), code: 'KEY_EMPTY' },
  {
    name: 'a sort order of nobody',
    check: () => checkRangeRequest(range('a', '', { sortOrder: 3 })),
    code: 'INVALID_SORT_OPTION',
  },
  {
    name: 'a sort target of nobody',
    check: () => checkRangeRequest(range('a', '', { sortTarget: -1 })),
    code: 'INVALID_SORT_OPTION',
  },
  { name: 'a put', check: () => checkPutRequest(put('a', '')), code: 'fine' },
  { name: 'a put without a key', check: () => checkPutRequest(put('', 'x')), code: 'KEY_EMPTY' },
  {
    name: 'a kept value that is given',
    check: () => checkPutRequest(put('a', 'x', { ignoreValue: true })),
    code: 'VALUE_PROVIDED',
  },
  {
    name: 'a kept lease that is given',
    check: () => checkPutRequest(put('a', 'x', { ignoreLease: true, lease: 1n })),
    code: 'LEASE_PROVIDED',
  },
  { name: 'a delete', check: () => checkDeleteRangeRequest(deleteRange('a')), code: 'fine' },
  { name: 'a delete without a key', check: () => checkDeleteRangeRequest(deleteRange('')), code: 'KEY_EMPTY' },
];

for (const { name, check, code } of single) {
  test(`${name}: ${code}`, () => assert.equal(codeOf(check), code));
}

const P = (key: string): RequestOp => op.put(put(key, ''));
const D = (key: string, end = ''): RequestOp => op.delete(deleteRange(key, end));
const T = (success: readonly RequestOp[], failure: readonly RequestOp[] = []): RequestOp =>
  op.txn(txn([], success, failure));
const gets = (count: number): RequestOp[] => Array.from({ length: count }, () => op.range(range('a')));
const nested = (depth: number): TxnRequest => txn([], depth === 0 ? [] : [op.txn(nested(depth - 1))]);

const transactions = [
  { name: 'nothing at all', request: txn([], []), code: 'fine' },
  { name: 'a compare without a key', request: txn([compare('', 0, 0, undefined)], []), code: 'KEY_EMPTY' },
  { name: 'a put without a key', request: txn([], [P('')]), code: 'KEY_EMPTY' },
  { name: 'an operation that is none', request: txn([], [], [{ request: undefined }]), code: 'KEY_NOT_FOUND' },
  { name: 'as many operations as may be', request: txn([], gets(MAX_TXN_OPS)), code: 'fine' },
  { name: 'one more', request: txn([], gets(MAX_TXN_OPS + 1)), code: 'TOO_MANY_OPS' },
  { name: 'more than what nesting leaves', request: txn([], [...gets(100), T(gets(28))]), code: 'TOO_MANY_OPS' },
  { name: 'just what nesting leaves', request: txn([], [...gets(100), T(gets(27))]), code: 'fine' },
  { name: 'nesting as deep as may be', request: nested(MAX_TXN_OPS), code: 'fine' },
  { name: 'nesting deeper', request: nested(MAX_TXN_OPS + 1), code: 'TOO_MANY_OPS' },
  { name: 'a key put twice', request: txn([], [P('a'), P('b'), P('a')]), code: 'DUPLICATE_KEY' },
  { name: 'a key put in either branch', request: txn([], [P('a')], [P('a')]), code: 'fine' },
  { name: 'a key put and deleted', request: txn([], [P('a'), D('a')]), code: 'DUPLICATE_KEY' },
  { name: 'a key put and deleted with others', request: txn([], [D('a', 'c'), P('b')]), code: 'DUPLICATE_KEY' },
  { name: 'a key put beside what is deleted', request: txn([], [D('a', 'b'), P('b')]), code: 'fine' },
  { name: 'deletes that overlap', request: txn([], [D('a', 'c'), D('b', 'd')]), code: 'fine' },
  {
    name: 'a put where everything from a key on is deleted (etcd lets it through)',
    request: txn([], [D('a', '\0'), P('b')]),
    code: 'fine',
  },
  { name: 'a key put here and below', request: txn([], [P('a'), T([P('a')])]), code: 'DUPLICATE_KEY' },
  { name: 'a key put in both branches below', request: txn([], [T([P('a')], [P('a')])]), code: 'fine' },
  { name: 'a key put in two below', request: txn([], [T([P('a')]), T([], [P('a')])]), code: 'DUPLICATE_KEY' },
  { name: 'a key put below and deleted here', request: txn([], [T([P('a')]), D('a')]), code: 'DUPLICATE_KEY' },
  { name: 'a key deleted below and put here', request: txn([], [T([D('a', 'c')]), P('b')]), code: 'DUPLICATE_KEY' },
  {
    name: 'a key deleted below and put in a later one',
    request: txn([], [T([D('a')]), T([P('a')])]),
    code: 'DUPLICATE_KEY',
  },
  {
    name: 'a key put below and deleted in a later one (etcd lets it through)',
    request: txn([], [T([P('a')]), T([D('a')])]),
    code: 'fine',
  },
  {
    name: 'what is wrong in the branch not expected',
    request: txn([], [], [T([], [P('a'), P('a')])]),
    code: 'DUPLICATE_KEY',
  },
];

for (const { name, request, code } of transactions) {
  test(`a transaction with ${name}: ${code}`, () =>
    assert.equal(
      codeOf(() => checkTxnRequest(request)),
      code,
    ));
}

test('many puts and deletes are checked quickly', () => {
  const many = Array.from({ length: 60 }, (_, i) =>
    T(Array.from({ length: 60 }, (_, j) => (j % 2 === 0 ? P(`k${i}.${j}`) : D(`k${i}.${j}`, `k${i}.${j}z`)))),
  );
  assert.equal(
    codeOf(() => checkTxnRequest(txn([], many))),
    'DUPLICATE_KEY',
  );
});
