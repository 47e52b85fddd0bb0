import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type protobuf from 'protobufjs';
import * as command from '../../proto/gen/command.ts';
import * as etcd from '../../proto/gen/etcd.ts';
import * as peer from '../../proto/gen/peer.ts';
import { WireError } from '../../proto/wire.ts';
import {
  arbitraryMessage,
  encodePlain,
  inMemory,
  loadTables,
  messageTypes,
  type Plain,
  withHex,
} from './reflection.ts';

const RUNS = 40;
const root = loadTables();
root.resolveAll();
const types = messageTypes(root);

interface Codec {
  encode(message: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** The generated functions of a message, by its name. */
function codecOf(name: string): Codec {
  const all: Record<string, unknown> = { ...etcd, ...peer, ...command };
  const encode = all[`encode${name}`];
  const decode = all[`decode${name}`];
  assert.ok(typeof encode === 'function' && typeof decode === 'function', `${name} is generated`);
  return { encode: (message) => encode(message), decode: (bytes) => decode(bytes) };
}

suite('generated code and protobufjs agree', () => {
  test('there are the messages of all services', () => {
    assert.ok(types.length > 100, `${types.length} messages`);
  });

  for (const type of types) {
    test(type.fullName, () => {
      const codec = codecOf(type.name);
      fc.assert(
        fc.property(arbitraryMessage(type), (plain) => {
          const wire = encodePlain(type, plain);
          const decoded = codec.decode(wire);
          assert.deepEqual(withHex(decoded), inMemory(type, plain), 'decoded as protobufjs encoded it');
          const again = codec.encode(decoded);
          assert.deepEqual(readPlain(type, again), readPlain(type, wire), 'encoded as protobufjs reads it');
        }),
        { numRuns: RUNS },
      );
    });
  }

  test('any bytes are a message or a WireError', () => {
    const codecs = types.map((type) => codecOf(type.name));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const { decode } of codecs) decodeOrRefuse(decode, bytes);
      }),
      { numRuns: 150 },
    );
  });

  test('a damaged message is a message or a WireError', () => {
    const type = root.lookupType('etcdserverpb.TxnRequest');
    const { decode } = codecOf(type.name);
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(arbitraryMessage(type), damage, fc.nat(), (plain, changes, cut) => {
        const bytes = Uint8Array.from(encodePlain(type, plain));
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        decodeOrRefuse(decode, bytes);
        decodeOrRefuse(decode, bytes.subarray(0, cut % (bytes.length + 1)));
      }),
      { numRuns: 300 },
    );
  });

  test('the generated files are fresh', () => {
    execFileSync(process.execPath, ['proto/generate.mjs', '--check'], { stdio: 'pipe' });
  });
});

function readPlain(type: protobuf.Type, bytes: Uint8Array): Plain {
  return type.toObject(type.decode(bytes), { longs: String, enums: Number, bytes: String, defaults: true });
}

function decodeOrRefuse(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    assert.ok(error instanceof WireError, `expected a WireError, got ${String(error)}`);
  }
}
