import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { WatchStream } from '../../client/kv-client.ts';
import {
  EMPTY_EVENT,
  EMPTY_WATCH_CREATE_REQUEST,
  EMPTY_WATCH_RESPONSE,
  type WatchCreateRequest,
  type WatchResponse,
} from '../../proto/gen/etcd.ts';
import { eachTransport, fakeKv } from './fake-kv.ts';

const TIMEOUT = { timeout: 20_000 };

/** A stream that always has something: large responses, numbered by their watch id. */
class Flood implements WatchStream {
  readonly created: WatchCreateRequest[] = [];
  readonly canceled: number[] = [];
  pulled = 0;
  closed = false;
  readonly #payload = new Uint8Array(100_000);

  create(request: WatchCreateRequest): void {
    this.created.push(request);
  }

  cancel(watchId: number): void {
    this.canceled.push(watchId);
  }

  requestProgress(): void {}

  async next(): Promise<readonly WatchResponse[] | undefined> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.closed) return undefined;
    const events = [{ ...EMPTY_EVENT, kv: this.#payload }];
    return [{ ...EMPTY_WATCH_RESPONSE, watchId: this.pulled++, events }];
  }

  close(): void {
    this.closed = true;
  }
}

eachTransport('a watch through the server', {}, (serveFake) => {
  test(
    'a client that does not read is not pulled for, and gets everything in order when it does',
    TIMEOUT,
    async () => {
      const flood = new Flood();
      const fake = await serveFake(fakeKv({ watch: () => flood }));
      const client = connectKvClient({ endpoints: [fake.url] });
      const watch = client.watch();
      watch.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: 'a' });
      let last = -1;
      const readSome = async (): Promise<void> => {
        for (const { watchId } of (await watch.next()) ?? []) {
          assert.equal(watchId, last + 1);
          last = watchId;
        }
      };
      await readSome();
      let before = -1;
      while (before !== flood.pulled) {
        before = flood.pulled;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assert.ok(flood.pulled < 1_000, `stopped after ${flood.pulled} responses of 100 KB`);
      while (last < before + 20) await readSome();
      assert.deepEqual(
        flood.created.map(({ key }) => key),
        ['a'],
      );
      watch.close();
      while (!flood.closed) await new Promise((resolve) => setTimeout(resolve, 10));
      await client.close();
      await fake.server.close();
    },
  );

  test('a client that goes away ends the stream of the store', TIMEOUT, async () => {
    const streams = [new Flood(), new Flood()];
    let next = 0;
    const fake = await serveFake(fakeKv({ watch: () => streams[next++] ?? new Flood() }));
    const client = connectKvClient({ endpoints: [fake.url] });
    for (const watch of [client.watch(), client.watch()]) await watch.next();
    await client.close();
    while (!streams.every(({ closed }) => closed)) await new Promise((resolve) => setTimeout(resolve, 10));
    await fake.server.close();
  });

  test('closing the server ends its streams', TIMEOUT, async () => {
    const flood = new Flood();
    const fake = await serveFake(fakeKv({ watch: () => flood }));
    const client = connectKvClient({ endpoints: [fake.url] });
    const watch = client.watch();
    await watch.next();
    await fake.server.close();
    const drain = async (): Promise<void> => {
      while ((await watch.next()) !== undefined);
    };
    await assert.rejects(drain(), { name: 'StoreError' });
    assert.ok(flood.closed);
    await client.close();
  });
});
