import { setTimeout as pause } from 'node:timers/promises';
import { utf8Bytes } from '../../../base/bytes.ts';
import { EMPTY_PUT_REQUEST, type WatchResponse } from '../../../proto/gen/etcd.ts';
import type { Violations } from '../../checkers/operation.ts';
import { checkWatches, type WatchRecord, type WatchTold } from '../../checkers/watches.ts';
import { changeOf, revisionOf } from '../../sim/records.ts';
import type { ChaosClient } from '../clients.ts';
import { Watcher } from '../watcher.ts';
import type { ClusterUnderTest, ClusterWorkload } from '../workload.ts';
import { ClientGroup, type ClientWork } from './client-group.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** Watches that go on at another member when theirs dies, each on a part of the keys, while their clients also write. */
export function watches(options: StoreWorkloadOptions): ClusterWorkload {
  return new ClientGroup('watches', options, () => new Watches(options));
}

/** What the watches follow: everything, keys of their own, and what other workloads write. */
const PREFIXES = ['', 'w/', 'r/', 't/'] as const;

class Watches implements ClientWork {
  readonly #options: StoreWorkloadOptions;
  readonly #records: WatchRecord[] = [];
  readonly #behind: string[] = [];

  constructor(options: StoreWorkloadOptions) {
    this.#options = options;
  }

  async run(client: ChaosClient, until: AbortSignal): Promise<void> {
    const told: WatchTold[] = [];
    const prefix = PREFIXES[client.id % PREFIXES.length] ?? '';
    const prevKv = client.id % 2 === 0;
    this.#records.push({ client: client.id, prefix, from: 1, told, prevKv });
    const take = (response: WatchResponse): void => void told.push(toldBy(response));
    const watcher = new Watcher({ kv: client.kv, prng: client.prng, prefix, prevKv, take });
    const [behind] = await Promise.all([watcher.run(until), this.#write(client, until)]);
    if (behind !== undefined) this.#behind.push(`client ${client.id}: ${behind}`);
  }

  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const { log } = await this.#options.history.read(cluster);
    return [...this.#behind, ...checkWatches(log, this.#records)];
  }

  async #write(client: ChaosClient, until: AbortSignal): Promise<void> {
    for (let count = 0; !until.aborted; count++) {
      const key = `w/${client.prng.between(1, 3)}`;
      const put = { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(`w${client.id}.${count}`) };
      await client.call((kv, options) => kv.put(put, options));
      await pause(client.prng.unit() * 10 * this.#options.thinkMs);
    }
  }
}

function toldBy(response: WatchResponse): WatchTold {
  const events = response.events.map((event) => ({ revision: revisionOf(event), change: changeOf(event) }));
  return { events, revision: response.header?.revision ?? 0, isProgress: events.length === 0 };
}
