import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { JSON_MESSAGES, JSON_METHODS } from '../../proto/gen/etcd-json.ts';
import { WireError } from '../../proto/wire.ts';
import { JsonScanner, JsonSyntaxError } from '../../rpc/gateway/json-scanner.ts';
import { JsonValueError, messageFromJson } from '../../rpc/gateway/json-to-wire.ts';
import { parseJson } from '../../rpc/gateway/json-tree.ts';
import { base64Of, integerOf } from '../../rpc/gateway/values.ts';
import { jsonFromMessage } from '../../rpc/gateway/wire-to-json.ts';
import { arbitraryMessage, encodePlain, loadTables, messageTypes } from '../proto/reflection.ts';

/** Where the scanner finds ends in a text that comes in pieces, as texts of the values. */
function scanned(text: string, cuts: readonly number[]): string[] {
  const bytes = Buffer.from(text);
  const found: string[] = [];
  let scanner = new JsonScanner();
  let start = 0;
  let at = 0;
  const bounds = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  for (const end of [...bounds, bytes.length]) {
    for (let stop = scanner.scan(bytes.subarray(at, end)); stop !== undefined; ) {
      found.push(bytes.toString('utf8', start, at + stop).trim());
      at += stop;
      start = at;
      scanner = new JsonScanner();
      stop = scanner.scan(bytes.subarray(at, end));
    }
    at = end;
  }
  if (scanner.finish()) found.push(bytes.toString('utf8', start).trim());
  return found;
}

suite('JSON values in a stream of bytes', () => {
  test('values are found wherever the pieces are cut', () => {
    const spacing = fc.constantFrom('', ' ', '\n', '\t \r\n');
    const value = fc.oneof(
      fc.json(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(spacing, value)), fc.array(fc.nat()), (values, cuts) => {
        const text = values.map(([space, json]) => `${space}${json}\n`).join('');
        assert.deepEqual(
          scanned(text, cuts),
          values.map(([, json]) => json),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('whatever else comes is refused, and what passes can be parsed', () => {
    const noise = fc.array(fc.constantFrom(...'{}[]",:\\u0e-+.12tfnrul \n\u00e9'), { maxLength: 30 });
    fc.assert(
      fc.property(noise, (characters) => {
        const text = characters.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        try {
          const values = scanned(text, []);
          for (const one of values) parseJson(Buffer.from(one).toString('latin1'));
          if (isJson) assert.deepEqual(values, [text.trim()]);
        } catch (error) {
          assert.ok(error instanceof JsonSyntaxError && !isJson, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('nesting has a bound', () => {
    assert.throws(() => scanned('['.repeat(100_000), []), { message: 'exceeded max depth' });
  });
});

suite('messages in JSON', () => {
  const root = loadTables();
  const types = messageTypes(root).filter(({ name }) => Object.hasOwn(JSON_MESSAGES, name));

  test('every message of the public API goes to JSON and back', () => {
    for (const type of types) {
      fc.assert(
        fc.property(arbitraryMessage(type), (plain) => {
          const wire = encodePlain(type, plain);
          const json = jsonFromMessage(type.name, wire);
          JSON.parse(json);
          const back = messageFromJson(type.name, Buffer.from(json).toString('latin1'));
          assert.deepEqual(plainOf(type, back), plainOf(type, wire));
          const camel = json.replace(/"([a-z]+(?:_[a-z]+)+)":/g, (_, name: string) => `"${camelCase(name)}":`);
          assert.deepEqual(
            plainOf(type, messageFromJson(type.name, Buffer.from(camel).toString('latin1'))),
            plainOf(type, wire),
          );
        }),
        { numRuns: 10 },
      );
    }
  });

  test('any JSON is a message or a JsonValueError', () => {
    const names = fc.constantFrom(
      'key',
      'range_end',
      'limit',
      'sort_order',
      'serializable',
      'success',
      'request_put',
      'x',
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, -1, 1.5, 1e30, '', '1', 'YQ==', 'DESCEND', '?', '\ud800'),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom('RangeRequest', 'TxnRequest'), json, (message, value) => {
        try {
          messageFromJson(message, Buffer.from(JSON.stringify(value)).toString('latin1'));
        } catch (error) {
          if (!(error instanceof JsonValueError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('any bytes are JSON or a WireError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }), (type, bytes) => {
        try {
          JSON.parse(jsonFromMessage(type.name, bytes));
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('every method of the API has its path, streams of 3.7 aside', () => {
    const paths = root.nestedArray
      .filter((scope) => scope instanceof protobuf.Namespace)
      .flatMap((scope) => scope.nestedArray.filter((item) => item instanceof protobuf.Service))
      .filter(({ fullName }) => /^\.(etcdserverpb|v3lockpb|v3electionpb)\./.test(fullName))
      .flatMap((service) => service.methodsArray.map(({ name }) => `/${service.fullName.slice(1)}/${name}`));
    const posted = new Set(JSON_METHODS.map(({ path }) => path));
    assert.deepEqual(
      paths.filter((path) => !posted.has(path)),
      ['/etcdserverpb.KV/RangeStream'],
    );
    assert.equal(JSON_METHODS.length, 48);
  });
});

suite('values of fields', () => {
  const integers: readonly (readonly ['int32' | 'uint32' | 'int64' | 'uint64', string, bigint | undefined])[] = [
    ['int64', '0', 0n],
    ['int64', '-0', 0n],
    ['int64', '-9223372036854775808', -(2n ** 63n)],
    ['int64', '-9223372036854775809', undefined],
    ['uint64', '18446744073709551615', 2n ** 64n - 1n],
    ['uint64', '-1', undefined],
    ['int32', '2147483648', undefined],
    ['int64', '1.0', 1n],
    ['int64', '1.50e1', 15n],
    ['int64', '150e-1', 15n],
    ['int64', '1.5', undefined],
    ['int64', '1e-1', undefined],
    ['int64', '1e999999999', undefined],
    ['int64', '0e999999999', 0n],
    ['int64', '0.000', 0n],
    ['int64', '01', undefined],
    ['int64', '0x10', undefined],
    ['int64', '', undefined],
    ['int64', ' 1', undefined],
  ];
  for (const [type, text, value] of integers) {
    test(`${type} "${text}" is ${value}`, () => {
      assert.equal(integerOf(type, text), value);
    });
  }

  const base64: readonly (readonly [string, string | undefined])[] = [
    ['', ''],
    ['YQ==', 'a'],
    ['YQ', 'a'],
    ['YWI=', 'ab'],
    ['YWI', 'ab'],
    ['YQ=', undefined],
    ['Y', undefined],
    ['+/8=', '\xfb\xff'],
    ['-_8=', '\xfb\xff'],
    ['-_8', '\xfb\xff'],
    ['-/8=', undefined],
    ['YQ==YQ==', undefined],
    ['Y Q=', undefined],
  ];
  for (const [text, bytes] of base64) {
    test(`base64 "${text}"`, () => {
      const decoded = base64Of(text);
      assert.equal(decoded === undefined ? undefined : Buffer.from(decoded).toString('latin1'), bytes);
    });
  }
});

function plainOf(type: protobuf.Type, wire: Uint8Array): object {
  return type.toObject(type.decode(wire), { longs: String, bytes: String, enums: Number, arrays: true });
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
