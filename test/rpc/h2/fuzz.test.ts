import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import { CLIENT_PREFACE, Flag } from '../../../http2/protocol.ts';
import { EMPTY_RANGE_REQUEST, encodeRangeRequest } from '../../../proto/gen/etcd.ts';
import { type FakeServer, fakeKv, serveFake } from '../fake-kv.ts';
import { framed, RawGrpc } from '../raw-grpc.ts';
import { callFields, data, FrameClient, frame, headers, settings, uint32 } from './frames.ts';

const RANGE = '/etcdserverpb.KV/Range';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const range = framed(encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' }));

const streamId = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 0xffffffff }));
const flags = fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 0x20, 0x2d), fc.integer({ min: 0, max: 255 }));
/** Frames of any kind with any content, and good ones between them. */
const anyFrame = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 11 }), flags, streamId, fc.uint8Array({ maxLength: 64 }))
    .map(([type, flags, id, payload]) => frame(type, flags, id, payload)),
  fc
    .tuple(fc.constantFrom(RANGE, KEEP_ALIVE, '/x/y'), streamId, flags)
    .map(([path, id, flags]) => headers(id, callFields(path), flags)),
  fc.tuple(streamId, flags).map(([id, flags]) => data(id, range, flags)),
  fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 0xffffffff })).map((setting) => settings(setting)),
  fc.tuple(streamId, fc.integer({ min: 0, max: 0xffffffff })).map(([id, value]) => frame(8, 0, id, uint32(value))),
  fc.tuple(streamId, fc.integer({ min: 0, max: 20 })).map(([id, code]) => frame(3, 0, id, uint32(code))),
);
/** What is done to the bytes in the end. */
const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });

suite('HTTP/2: anything a client may send', () => {
  let fake: FakeServer;
  let good: RawGrpc;
  before(async () => {
    fake = await serveFake(fakeKv());
    good = new RawGrpc(fake.url);
  });
  after(async () => {
    good.close();
    await fake.server.close();
  });

  test('ends in order or with GOAWAY, and touches no other connection', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFrame, { maxLength: 20 }),
        damage,
        fc.integer({ min: 1, max: 200 }),
        async (frames, damage, size) => {
          const bytes = Buffer.concat(frames);
          for (const [at, value] of damage) if (bytes.length > 0) bytes[at % bytes.length] = value;
          const client = await FrameClient.connect(fake.url, Buffer.concat([CLIENT_PREFACE, settings()]));
          for (let at = 0; at < bytes.length; at += size * 10) client.send(bytes.subarray(at, at + size * 10));
          // Whatever is open now swallows this or answers it; the server must say something about it or close.
          client.send(Buffer.alloc(16_384 + 9), frame(6, 0, 0, Buffer.from('the last')));
          await client.goAway();
          client.close();
          assert.deepEqual(fake.defects, []);
        },
      ),
      { numRuns: 300 },
    );
    assert.equal((await good.call(RANGE, range)).code, 0);
  });

  test('good calls in any pieces are all answered', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const client = await FrameClient.connect(fake.url);
        const calls = Array.from({ length: 10 }, (_, i) =>
          Buffer.concat([headers(2 * i + 1, callFields(RANGE)), data(2 * i + 1, range, Flag.END_STREAM)]),
        );
        const bytes = Buffer.concat(calls);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          client.send(bytes.subarray(at, at + size));
          at += size;
          if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        for (let i = 0; i < calls.length; i++) {
          assert.equal(await client.ended(2 * i + 1), true);
          assert.ok(client.dataOf(2 * i + 1).length > 5);
        }
        client.close();
      }),
      { numRuns: 30 },
    );
    assert.deepEqual(fake.defects, []);
  });
});
