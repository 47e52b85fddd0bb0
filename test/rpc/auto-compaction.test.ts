import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../../base/store-error.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { eventually } from '../kit/process.ts';
import { startMembers } from './members.ts';

test('history of the last second is kept, older history is compacted on every member, also under the next leader', {
  timeout: 60_000,
}, async () => {
  const members = await startMembers(3, ['--auto-compaction-mode', 'periodic', '--auto-compaction-retention', '1s']);
  const clients = members.urls.map((url) => connectKvClient({ endpoints: [url] }));
  try {
    const [first] = clients as [KvClient, ...KvClient[]];
    const revision = await put(first);
    const newest = await put(first);
    for (const client of clients) await untilCompacted(client, revision);
    for (const client of clients) assert.equal((await read(client, newest)).length, 1, 'the newest value stays');

    const { leader } = await first.status();
    const ids = await Promise.all(clients.map(async (client) => (await client.status()).header?.memberId));
    const led = ids.indexOf(leader);
    assert.ok(led >= 0, 'one of them leads');
    await members.processes[led]?.stop('SIGKILL');
    const rest = clients.filter((_, i) => i !== led);
    const [survivor] = rest as [KvClient, ...KvClient[]];
    const later = await eventually('a leader', () => put(survivor), { timeoutMs: 15_000 });
    await put(survivor);
    for (const client of rest) await untilCompacted(client, later);
  } finally {
    for (const client of clients) await client.close();
    await members.stop();
  }
});

async function put(client: KvClient): Promise<number> {
  return (await client.put({ ...EMPTY_PUT_REQUEST, key: 'k' })).header?.revision ?? 0;
}

async function read(client: KvClient, revision: number): Promise<readonly Uint8Array[]> {
  return (await client.range({ ...EMPTY_RANGE_REQUEST, key: 'k', revision })).kvs;
}

async function untilCompacted(client: KvClient, revision: number): Promise<void> {
  const isCompacted = async (): Promise<true | undefined> => {
    try {
      await read(client, revision);
      return undefined;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'COMPACTED') return true;
      throw error;
    }
  };
  await eventually(`revision ${revision} is compacted`, isCompacted, { timeoutMs: 15_000 });
}
