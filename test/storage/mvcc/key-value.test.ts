import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteString, bytesOf } from '../../../base/bytes.ts';
import { decodeKeyValue, encodeKeyValue } from '../../../proto/gen/etcd.ts';
import {
  encodeTombstone,
  keyValueSize,
  parseKeyValue,
  valueBytes,
  withoutValue,
  writeKeyValue,
} from '../../../storage/mvcc/key-value.ts';
import { decodeRevisionKey, encodeRevisionKey, etcdRevisionKey } from '../../../storage/mvcc/revision-key.ts';

const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 200,
});
const number = fc.oneof(fc.constant(0), fc.maxSafeNat(), fc.integer({ min: 0, max: 300 }));
const lease = fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));

test('a KeyValue has the bytes that the generated codec writes, and is read back', () => {
  fc.assert(
    fc.property(text, number, number, number, text, lease, (key, createRevision, modRevision, version, content, id) => {
      const value = bytesOf(content);
      const size = keyValueSize(key, createRevision, modRevision, version, value, id);
      const target = new Uint8Array(size + 3);
      assert.equal(writeKeyValue(target, 3, key, createRevision, modRevision, version, value, id), size + 3);
      const bytes = target.subarray(3);
      const message = { key, createRevision, modRevision, version, value, lease: id };
      assert.equal(byteString(bytes), byteString(encodeKeyValue(message)));
      const fields = parseKeyValue(bytes);
      assert.ok(fields !== undefined);
      assert.deepEqual(
        [fields.createRevision, fields.modRevision, fields.version, fields.lease],
        [createRevision, modRevision, version, id],
      );
      assert.equal(byteString(bytes.subarray(fields.keyStart, fields.keyEnd)), key);
      assert.equal(byteString(valueBytes(bytes)), content);
      assert.deepEqual({ ...decodeKeyValue(withoutValue(bytes)), value: '' }, { ...message, value: '' });
    }),
    { numRuns: 500, seed: 9, includeErrorInReport: true },
  );
});

test('bytes that are no KeyValue are told from one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      const fields = parseKeyValue(bytes);
      assert.ok(fields === undefined || fields.valueEnd <= bytes.length);
    }),
    { numRuns: 2000, seed: 9 },
  );
});

test('a tombstone has a key, and in an event its revision', () => {
  assert.deepEqual(parseKeyValue(encodeTombstone('k', 0)), parseKeyValue(bytesOf('\x0a\x01k')));
  assert.equal(parseKeyValue(encodeTombstone('k', 300))?.modRevision, 300);
});

const keys = [
  { main: 0, sub: 0, tombstone: false, etcd: '0000000000000000' + '5f' + '0000000000000000' },
  { main: 258, sub: 3, tombstone: false, etcd: '0000000000000102' + '5f' + '0000000000000003' },
  { main: 2 ** 40 + 1, sub: 0, tombstone: true, etcd: '0000010000000001' + '5f' + '0000000000000000' + '74' },
];

for (const { main, sub, tombstone, etcd } of keys) {
  test(`row key of ${main}.${sub}${tombstone ? ' deleted' : ''}`, () => {
    const key = encodeRevisionKey(main, sub, tombstone);
    assert.deepEqual(decodeRevisionKey(key), { main, sub, tombstone });
    assert.equal(Buffer.from(etcdRevisionKey(key)).toString('hex'), etcd);
  });
}

test('other lengths are no row keys', () => {
  for (const length of [0, 15, 17, 18]) assert.equal(decodeRevisionKey(new Uint8Array(length)), undefined);
});
