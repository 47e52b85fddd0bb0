import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../../base/store-error.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { SnapshotResponse } from '../../proto/gen/etcd.ts';
import { eventually } from '../kit/process.ts';
import { fakeKv, serveFake } from './fake-kv.ts';

const TIMEOUT = { timeout: 20_000 };
const BLOB_BYTES = 32 * 1024;

test('a client that does not read stops the snapshot; one that leaves ends it', TIMEOUT, async () => {
  const made = { pieces: 0, ended: false };
  const kv = fakeKv({
    async *snapshot(): AsyncGenerator<SnapshotResponse, void> {
      try {
        for (; made.pieces < 100_000; made.pieces++) {
          yield { header: undefined, remainingBytes: 1, blob: Buffer.alloc(BLOB_BYTES), version: '3.5.0' };
        }
      } finally {
        made.ended = true;
      }
    },
  });
  const { server, url } = await serveFake(kv);
  const client = connectKvClient({ endpoints: [url] });
  try {
    for await (const { blob, version } of client.snapshot()) {
      assert.deepEqual([blob.length, version], [BLOB_BYTES, '3.5.0']);
      let before = -1;
      while (before !== made.pieces) {
        before = made.pieces;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assert.ok(made.pieces < 1_000, `stopped after ${made.pieces} pieces`);
      assert.equal((await client.status()).leader, 2n, 'other calls are answered meanwhile');
      break;
    }
    await eventually('the snapshot ends', () => made.ended || undefined, { timeoutMs: 5_000 });
    assert.ok(made.pieces < 1_000);
  } finally {
    await client.close();
    await server.close();
  }
});

test('a snapshot that fails on its way says why; a caller may give up', TIMEOUT, async () => {
  const kv = fakeKv({
    async *snapshot(options): AsyncGenerator<SnapshotResponse, void> {
      yield { header: undefined, remainingBytes: 9, blob: Buffer.alloc(3), version: '' };
      if (options?.timeoutMs === undefined) throw new StoreError('STOPPED');
      await new Promise((resolve) => setTimeout(resolve, 2_000).unref());
    },
  });
  const { server, url, defects } = await serveFake(kv);
  const client = connectKvClient({ endpoints: [url] });
  const sizes: number[] = [];
  const read = async (timeoutMs?: number): Promise<void> => {
    for await (const { blob } of client.snapshot(timeoutMs === undefined ? {} : { timeoutMs })) sizes.push(blob.length);
  };
  try {
    await assert.rejects(read(), { code: 'STOPPED' });
    await assert.rejects(read(300), { code: 'DEADLINE_EXCEEDED' });
    assert.deepEqual(sizes, [3, 3]);
    assert.deepEqual(defects, []);
  } finally {
    await client.close();
    await server.close();
  }
});
