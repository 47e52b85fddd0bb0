import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import { GrpcCode, STATUS_TABLE, statusOf, storeErrorOf } from '../../client/status.ts';

suite('errors on the wire', () => {
  test('every refusal comes back as the same code', () => {
    for (const code of Object.keys(STATUS_TABLE) as StoreErrorCode[]) {
      const status = statusOf(new StoreError(code));
      assert.equal(storeErrorOf(status.code, status.text).code, code);
    }
  });

  const foreign: readonly (readonly [number, string, StoreErrorCode])[] = [
    [GrpcCode.UNAVAILABLE, 'No connection established. Last error: ECONNREFUSED', 'TIMEOUT_CONNECTION_LOST'],
    [GrpcCode.CANCELLED, 'Cancelled on client', 'REQUEST_CANCELED'],
    [GrpcCode.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.1s', 'DEADLINE_EXCEEDED'],
    [GrpcCode.RESOURCE_EXHAUSTED, 'grpc: received message larger than max (9 vs. 8)', 'REQUEST_TOO_LARGE'],
    [GrpcCode.RESOURCE_EXHAUSTED, 'something else', 'TOO_MANY_REQUESTS'],
    [GrpcCode.UNKNOWN, 'etcdserver: requested lease not found', 'LEASE_NOT_FOUND'],
    [GrpcCode.PERMISSION_DENIED, 'etcdserver: permission denied', 'AUTH_PERMISSION_DENIED'],
    [GrpcCode.CANCELLED, 'etcdserver: request canceled', 'REQUEST_CANCELED'],
  ];
  for (const [code, text, expected] of foreign) {
    test(`"${text}" is ${expected}`, () => {
      const error = storeErrorOf(code, text);
      assert.deepEqual([error.code, error.message], [expected, text]);
    });
  }
});
