import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder } from '../../http2/hpack-decoder.ts';
import { HpackEncoder } from '../../http2/hpack-encoder.ts';

const name = fc.constantFrom(':status', ':path', 'content-type', 'x-own', 'etag', 'cache-control', 'audit-id');
const value = fc.oneof(
  fc.constantFrom('200', 'application/json', '', 'GET', 'no-cache, private'),
  fc.string({ unit: fc.constantFrom('a', 'b', '\xe9', '~'), maxLength: 300 }),
  fc.constant('v'.repeat(5_000)),
);
const field = fc.record({ name, value, isKept: fc.boolean() });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ fields: fc.array(field, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ tableBytes: fc.constantFrom(0, 60, 200, 1_000, 4_096, 65_536) }) },
);

test('a decoder reads what was encoded, whatever is kept, driven out or resized', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder();
      for (const one of steps) {
        if ('tableBytes' in one) {
          encoder.resize(one.tableBytes);
          continue;
        }
        encoder.begin();
        for (const { name, value, isKept } of one.fields) {
          if (isKept) encoder.keep(name, value);
          else encoder.once(name, value);
        }
        const block = Buffer.from(encoder.finish());
        decoder.decode(block, 0, block.length);
        const read = decoder.fields.slice(0, decoder.count).map((f) => [f.name, f.value]);
        assert.deepEqual(
          read,
          one.fields.map((f) => [f.name, f.value]),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('what comes again is one byte', () => {
  const encoder = new HpackEncoder();
  const sizes = [1, 2, 3].map(() => {
    encoder.begin();
    encoder.keep(':status', '200');
    encoder.keep('content-type', 'application/json');
    encoder.keep('x-own', 'yes');
    return encoder.finish().length;
  });
  assert.deepEqual(sizes.slice(1), [3, 3]);
});
