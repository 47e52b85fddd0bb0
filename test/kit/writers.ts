import { setTimeout as delay } from 'node:timers/promises';
import { bytesOf, utf8Bytes } from '../../base/bytes.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { PutRequest, RangeRequest } from '../../proto/gen/etcd.ts';

export const putOf = (key: string, value: string): PutRequest => ({
  key,
  value: utf8Bytes(value),
  lease: 0n,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
});

export const rangeOf = (key: string, rangeEnd = ''): RangeRequest => ({
  key,
  rangeEnd,
  limit: 0,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  serializable: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
});

/** An acknowledged write: from then on it must be there. */
export interface Acknowledged {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
  readonly atMs: number;
}

/**
 * Writers that put one new key after the other over gRPC, each through one member, until stopped. A write that fails is of unknown
 * outcome: it is not tried again and not counted; the next one goes to the next member.
 */
export class Writers {
  readonly acknowledged: Acknowledged[] = [];
  failures = 0;
  #stopping = false;
  readonly #done: Promise<unknown>;

  constructor(
    urls: readonly string[],
    options: { readonly writers: number; readonly prefix: string; readonly pauseMs?: number },
  ) {
    this.#done = Promise.all(Array.from({ length: options.writers }, (_, w) => this.#write(urls, w, options)));
  }

  async #write(
    urls: readonly string[],
    writer: number,
    options: { readonly prefix: string; readonly pauseMs?: number },
  ): Promise<void> {
    const clients: KvClient[] = urls.map((url) => connectKvClient({ endpoints: [url] }));
    for (let n = 0, member = writer; !this.#stopping; n++) {
      const [key, value] = [`${options.prefix}${writer}/${String(n).padStart(7, '0')}`, `${writer}-${n}`];
      const client = clients[member % clients.length] as KvClient;
      try {
        const response = await client.put(putOf(key, value), { timeoutMs: 1_000 });
        this.acknowledged.push({ key, value, revision: response.header?.revision ?? 0, atMs: Date.now() });
      } catch {
        this.failures++;
        member++;
        await delay(20);
      }
      if (options.pauseMs !== undefined) await delay(options.pauseMs);
    }
    await Promise.all(clients.map((c) => c.close()));
  }

  async stop(): Promise<readonly Acknowledged[]> {
    this.#stopping = true;
    await this.#done;
    return this.acknowledged;
  }

  /** The longest time after `sinceMs` in which nothing was acknowledged. */
  longestGapMs(sinceMs: number): number {
    const times = [sinceMs, ...this.acknowledged.map((a) => a.atMs).filter((t) => t >= sinceMs), Date.now()].sort(
      (a, b) => a - b,
    );
    return times.slice(1).reduce((longest, t, i) => Math.max(longest, t - (times[i] ?? t)), 0);
  }
}

/** Key -> value of everything under `prefix`, read through one member without consensus (what that member holds). */
export async function contentOf(url: string, prefix: string): Promise<ReadonlyMap<string, string>> {
  const { decodeKeyValue } = await import('../../proto/gen/etcd.ts');
  const { byteString, prefixEnd, utf8Text } = await import('../../base/bytes.ts');
  const client = connectKvClient({ endpoints: [url] });
  try {
    const key = byteString(bytesOf(prefix));
    const response = await client.range({ ...rangeOf(key, prefixEnd(key)), serializable: true }, { timeoutMs: 20_000 });
    return new Map(
      response.kvs.map((bytes) => {
        const kv = decodeKeyValue(bytes);
        return [kv.key, utf8Text(kv.value)];
      }),
    );
  } finally {
    await client.close();
  }
}
