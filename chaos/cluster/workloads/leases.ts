import { setTimeout as pause } from 'node:timers/promises';
import { utf8Bytes } from '../../../base/bytes.ts';
import { EMPTY_PUT_REQUEST } from '../../../proto/gen/etcd.ts';
import { checkLeases, type LeaseRecord } from '../../checkers/leases.ts';
import type { Violations } from '../../checkers/operation.ts';
import { changeOf } from '../../sim/records.ts';
import { type ChaosClient, stampMs } from '../clients.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import { Watcher } from '../watcher.ts';
import type { ClusterUnderTest, ClusterWorkload } from '../workload.ts';
import { ClientGroup, type ClientWork } from './client-group.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** Leases that are granted, kept alive for a while and then forgotten or revoked; a key of each tells when it is gone. */
export function leases(options: StoreWorkloadOptions): ClusterWorkload {
  return new ClientGroup('leases', options, () => new Leases(options));
}

const TTL_SECONDS = [2, 3, 5] as const;

/** Clocks of one machine that are compared: rounding, and nothing else. */
const ROUNDING = 0.001;

interface OpenLease extends LeaseRecord {
  readonly key: string;
  readonly renewedMs: number[];
  revokedMs: number | undefined;
  goneMs: number | undefined;
}

class Leases implements ClientWork {
  readonly #leases = new Map<string, OpenLease>();
  readonly #behind: string[] = [];
  readonly #drift: number;
  #endMs = 0;

  constructor({ drift }: StoreWorkloadOptions) {
    this.#drift = drift + ROUNDING;
  }

  async run(client: ChaosClient, until: AbortSignal): Promise<void> {
    const prefix = `l/${client.id}/`;
    const watcher = new Watcher({
      kv: client.kv,
      prng: client.prng,
      prefix,
      prevKv: false,
      take: ({ events }) => {
        for (const { key, value } of events.map(changeOf)) {
          const lease = this.#leases.get(key);
          if (value === undefined && lease !== undefined) lease.goneMs ??= stampMs();
        }
      },
    });
    const watching = new AbortController();
    const watched = watcher.run(watching.signal);
    for (let count = 0; !until.aborted; count++) await this.#live(client, `${prefix}${count}`, until);
    // What was forgotten must be gone in its time: that is waited for.
    await this.#untilGone(prefix);
    watching.abort();
    const behind = await watched;
    if (behind !== undefined) this.#behind.push(`client ${client.id}: ${behind}`);
    this.#endMs = stampMs();
  }

  async check(_cluster: ClusterUnderTest): Promise<Violations> {
    const all = [...this.#leases.values()];
    const late = all
      .filter(({ goneMs }) => goneMs === undefined)
      .map(
        ({ key, id }) => `lease ${id.toString(16)} with ${key} did not run out within ${CLUSTER_LIMITS.settleMs} ms`,
      );
    const bounds = { drift: this.#drift, graceMs: 0, healthyFromMs: this.#endMs, endMs: this.#endMs };
    return [...this.#behind, ...late, ...checkLeases(all, bounds)];
  }

  /** The life of one lease. */
  async #live(client: ChaosClient, key: string, until: AbortSignal): Promise<void> {
    const { prng } = client;
    await pause(prng.unit() * 500);
    const lease = await grant(client, key);
    if (lease === undefined) return;
    this.#leases.set(key, lease);
    const untilMs = performance.now() + prng.unit() * 15_000;
    while (!until.aborted && performance.now() < untilMs && lease.goneMs === undefined) {
      await pause(lease.ttlSeconds * 250 + prng.unit() * 400);
      const renewed = await client.call((kv, options) => kv.leaseKeepAlive(lease.id, options));
      if (renewed.type === 'answered' && renewed.value.TTL > 0) lease.renewedMs.push(renewed.startMs);
    }
    if (!prng.chance(0.3)) return;
    lease.revokedMs = stampMs();
    await client.call((kv, options) => kv.leaseRevoke({ ID: lease.id }, options));
  }

  async #untilGone(prefix: string): Promise<void> {
    const untilMs = performance.now() + CLUSTER_LIMITS.settleMs;
    const isOpen = ({ key, goneMs }: OpenLease): boolean => key.startsWith(prefix) && goneMs === undefined;
    while ([...this.#leases.values()].some(isOpen) && performance.now() < untilMs) await pause(CLUSTER_LIMITS.pollMs);
  }
}

/** A lease with its key; undefined when it is not certain that it has one. */
async function grant(client: ChaosClient, key: string): Promise<OpenLease | undefined> {
  const TTL = client.prng.pick(TTL_SECONDS);
  const granted = await client.call((kv, options) => kv.leaseGrant({ ID: 0n, TTL }, options));
  if (granted.type !== 'answered') return undefined;
  const { ID: id, TTL: ttlSeconds } = granted.value;
  const put = { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(key), lease: id };
  const done = await client.call((kv, options) => kv.put(put, options));
  if (done.type !== 'answered') return undefined;
  const renewedMs = [granted.startMs];
  return { id, client: client.id, key, ttlSeconds, renewedMs, revokedMs: undefined, goneMs: undefined };
}
