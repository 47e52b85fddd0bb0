import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  decodeRangeRequest,
  decodeTxnRequest,
  decodeWatchCreateRequest,
  EMPTY_PUT_REQUEST,
  encodePutRequest,
  encodeTxnRequest,
  type RequestOp,
  type TxnRequest,
} from '../../proto/gen/etcd.ts';
import { decode, encode, type WireErrorCode } from '../../proto/wire.ts';

suite('the wire format', () => {
  // key = 1 (bytes), limit = 3 (varint), sort_order = 5 (enum) of RangeRequest.
  const refused: readonly (readonly [string, readonly number[], WireErrorCode])[] = [
    ['a tag without its value', [0x0a], 'TRUNCATED'],
    ['a length beyond the end', [0x0a, 5, 1, 2], 'TRUNCATED'],
    ['a length of 2^32 + 1', [0x0a, 0x81, 0x80, 0x80, 0x80, 0x10, 1], 'TRUNCATED'],
    ['a negative length', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'LENGTH'],
    ['a varint without end', [0x18, 0x80, 0x80], 'TRUNCATED'],
    ['a varint of eleven bytes', [0x18, ...Array.from({ length: 11 }, () => 0x80), 0], 'OVERFLOW'],
    ['a varint where bytes belong', [0x08, 1], 'WIRE_TYPE'],
    ['bytes where a varint belongs', [0x1a, 1, 1], 'WIRE_TYPE'],
    ['field number 0', [0x02, 0], 'TAG'],
    ['field number 2^29', [0x80, 0x80, 0x80, 0x80, 0x10, 0], 'TAG'],
    ['wire type 6', [0x7e, 0], 'WIRE_TYPE'],
    ['wire type 7', [0x7f, 0], 'WIRE_TYPE'],
    ['the end of no group', [0x7c], 'GROUP'],
    ['a group without end', [0x7b, 0x08, 1], 'TRUNCATED'],
    ['a short fixed64', [0x79, 1, 2], 'TRUNCATED'],
    ['a short fixed32', [0x7d, 1, 2], 'TRUNCATED'],
  ];
  for (const [what, bytes, code] of refused) {
    test(`refuses ${what}: ${code}`, () => {
      assert.throws(() => decodeRangeRequest(Uint8Array.from(bytes)), { name: 'WireError', code });
    });
  }

  // Unknown field 15, once of every wire type, before limit = 7.
  const skipped: readonly (readonly [string, readonly number[]])[] = [
    ['varint', [0x78, 0xff, 1]],
    ['fixed64', [0x79, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['bytes', [0x7a, 2, 9, 9]],
    ['group in a group', [0x7b, 0x7b, 0x08, 1, 0x7c, 0x12, 1, 0, 0x7c]],
    ['fixed32', [0x7d, 1, 2, 3, 4]],
  ];
  for (const [what, bytes] of skipped) {
    test(`skips an unknown ${what}`, () => {
      assert.equal(decodeRangeRequest(Uint8Array.from([...bytes, 0x18, 7])).limit, 7);
    });
  }

  test('repeated numbers are read packed and one by one', () => {
    const bytes = Uint8Array.from([0x28, 1, 0x2a, 2, 0, 1, 0x28, 0]);
    assert.deepEqual(decodeWatchCreateRequest(bytes).filters, [1, 0, 1, 0]);
  });

  test('a field inside a message cannot reach beyond the message', () => {
    // success { request_put { key = "..." of 9 bytes, though 3 are left } }
    assert.throws(() => decodeTxnRequest(Uint8Array.from([0x12, 5, 0x12, 3, 0x0a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9])), {
      code: 'TRUNCATED',
    });
  });

  test('transactions may nest as deep as etcd lets them, and no further than the limit', () => {
    assert.doesNotThrow(() => decodeTxnRequest(encodeTxnRequest(nested(128))));
    assert.throws(() => decodeTxnRequest(encodeTxnRequest(nested(400))), { code: 'DEPTH' });
  });

  test('lengths of every size around the borders of a varint come back', () => {
    for (const size of [0, 1, 63, 64, 65, 126, 127, 128, 129, 16_383, 16_384, 70_000, 2_200_000]) {
      const request: TxnRequest = { compare: [], success: [putOf(new Uint8Array(size).fill(7))], failure: [] };
      const op = decodeTxnRequest(encodeTxnRequest(request)).success[0]?.request;
      assert.equal(op?.case === 'requestPut' && op.requestPut.value.length, size);
    }
  });

  test('what was encoded before is not touched by what is encoded next', () => {
    const first = encodePutRequest({ ...EMPTY_PUT_REQUEST, key: 'aaaa' });
    const copy = Uint8Array.from(first);
    encodePutRequest({ ...EMPTY_PUT_REQUEST, key: 'bbbb' });
    assert.deepEqual(Uint8Array.from(first), copy);
  });

  test('64-bit numbers keep their ends', () => {
    const roundTrip = (value: number): number =>
      decode(
        encode(value, (writer, number) => writer.int64(8, number)),
        (reader) => {
          reader.tag();
          return reader.int64();
        },
      );
    for (const value of [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63)]) {
      assert.equal(roundTrip(value), value);
    }
    assert.equal(roundTrip(2 ** 70), 2 ** 63);
  });
});

function putOf(value: Uint8Array): RequestOp {
  return { request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key: 'k', value } } };
}

function nested(depth: number): TxnRequest {
  let request: TxnRequest = { compare: [], success: [], failure: [] };
  for (let i = 0; i < depth; i++) {
    request = { compare: [], success: [{ request: { case: 'requestTxn', requestTxn: request } }], failure: [] };
  }
  return request;
}
