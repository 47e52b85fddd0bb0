import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../../../base/prng.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { ObjectInput } from '../../models/object.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import { CONFIG_MAPS, ensureNamespace, KubeClient, type Outcome, type Place } from './client.ts';
import { KUBE_LIMITS } from './limits.ts';
import type { Fields, KubeObject } from './object.ts';
import { ObjectHistory } from './object-history.ts';

export interface ObjectsOptions {
  readonly seed: number;
  readonly namespace?: string;
  readonly clients?: number;
  /** Between two calls of a client. */
  readonly thinkMs?: number;
}

const OBJECTS_AT_A_TIME = 5;
/** Other objects are worked on after this long, so that no history grows beyond what can be searched. */
const SLOT_MS = 45_000;

const KINDS = [
  'get',
  'get',
  'get',
  'create',
  'update',
  'update',
  'update',
  'patch',
  'delete',
  'delete-if',
  'list',
] as const;

/** Clients that create, update with optimistic concurrency, delete, read and list ConfigMaps through whichever API server answers. */
export class ObjectsWorkload implements ClusterWorkload {
  readonly name = 'objects';
  readonly #options: Required<ObjectsOptions>;
  readonly #history = new ObjectHistory();
  readonly #oddities: string[] = [];
  /** All that were ever worked on. */
  readonly #names = new Set<string>();
  #startedMs = 0;

  constructor(options: ObjectsOptions) {
    this.#options = { namespace: 'chaos-objects', clients: 4, thinkMs: 15, ...options };
  }

  async run(cluster: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const setup = new KubeClient(cluster);
    const isThere = await ensureNamespace(setup, this.#options.namespace, until);
    setup.close();
    if (!isThere) return;
    this.#startedMs = performance.now();
    const clients = Array.from({ length: this.#options.clients }, (_, client) =>
      this.#runClient(cluster, client, until),
    );
    await Promise.all(clients);
  }

  /** Reads everything once more, through each API server. */
  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const missing: string[] = [];
    for (const [i, url] of cluster.apiservers.entries()) {
      const api = new KubeClient({ ...cluster, apiservers: [url] });
      const client = this.#options.clients + i;
      const options = { timeoutMs: KUBE_LIMITS.healMs };
      for (const name of [...this.#names].slice(-2 * OBJECTS_AT_A_TIME)) {
        const start = performance.now();
        const outcome = await api.get(this.#place(name), options);
        if (outcome.type === 'unknown') missing.push(`${name} could not be read at ${url}: ${outcome.why}`);
        this.#history.add({ client, start, input: { type: 'get', name } }, outcome);
      }
      const start = performance.now();
      const list = await api.list(this.#place(''), i === 0 ? 0 : 2, options);
      if (list.type !== 'done') missing.push(`no list at ${url}`);
      this.#history.addList({ client, start }, [...this.#names], list);
      this.#oddities.push(...api.oddities);
      api.close();
    }
    return [...missing, ...this.#oddities, ...this.#history.check()].slice(0, KUBE_LIMITS.maxViolations);
  }

  count(): WorkloadCount {
    return this.#history.count();
  }

  async #runClient(cluster: ClusterUnderTest, client: number, until: AbortSignal): Promise<void> {
    const prng = new Prng(this.#options.seed + client);
    const api = new KubeClient(cluster, client);
    /** What this client saw last of an object: what it writes on the strength of, stale or not. */
    const seen = new Map<string, KubeObject>();
    for (let count = 0; !until.aborted; count++) {
      await sleep(prng.unit() * 2 * this.#options.thinkMs);
      const kind = prng.pick(KINDS);
      const name = prng.pick(this.#currentNames());
      if (kind === 'list') {
        const names = this.#currentNames();
        const start = performance.now();
        const limit = prng.chance(0.5) ? 0 : 2;
        this.#history.addList({ client, start }, names, await api.list(this.#place(''), limit));
      } else await this.#callOne({ api, client, kind, name, value: `${client}.${count}`, seen });
    }
    this.#oddities.push(...api.oddities);
    api.close();
  }

  async #callOne(of: {
    readonly api: KubeClient;
    readonly client: number;
    readonly kind: Exclude<(typeof KINDS)[number], 'list'>;
    readonly name: string;
    readonly value: string;
    readonly seen: Map<string, KubeObject>;
  }): Promise<void> {
    const { api, client, kind, name, value, seen } = of;
    const input = inputOf(kind, { name, value, known: seen.get(name) });
    const start = performance.now();
    const outcome = await this.#perform(api, input, { kind, known: seen.get(name) });
    this.#history.add({ client, start, input }, outcome);
    if (outcome.type === 'done' && outcome.value !== undefined) seen.set(name, outcome.value);
    if (outcome.type === 'refused' && outcome.status.reason === 'NotFound') seen.delete(name);
    // Who was told Conflict or AlreadyExists reads again, as everybody does who wants to get anywhere.
    const isStale = outcome.type === 'refused' && ['Conflict', 'AlreadyExists'].includes(outcome.status.reason);
    if (isStale) await this.#callOne({ ...of, kind: 'get' });
  }

  #perform(
    api: KubeClient,
    input: ObjectInput,
    { kind, known }: { readonly kind: string; readonly known: KubeObject | undefined },
  ): Promise<Outcome<KubeObject | undefined>> {
    const place = this.#place(input.name);
    switch (input.type) {
      case 'get':
        return api.get(place);
      case 'create':
        return api.create(place, manifest(input.name, input.value, undefined));
      case 'update': {
        const object = manifest(input.name, input.value, known?.resourceVersion);
        return kind === 'patch' ? api.patch(place, object) : api.update(place, object);
      }
      case 'delete':
        return api.delete(place, input.expected === undefined ? undefined : known?.resourceVersion);
    }
  }

  #place(name: string): Place {
    return { resource: CONFIG_MAPS, namespace: this.#options.namespace, name };
  }

  #currentNames(): readonly string[] {
    const slot = Math.floor((performance.now() - this.#startedMs) / SLOT_MS);
    const names = Array.from({ length: OBJECTS_AT_A_TIME }, (_, i) => `object-${slot}-${i}`);
    for (const name of names) this.#names.add(name);
    return names;
  }
}

/** Without a known version there is nothing to compare with: such a client reads, or creates. */
function inputOf(
  kind: Exclude<(typeof KINDS)[number], 'list'>,
  { name, value, known }: { readonly name: string; readonly value: string; readonly known: KubeObject | undefined },
): ObjectInput {
  const expected = known?.data['value'];
  switch (kind) {
    case 'get':
      return { type: 'get', name };
    case 'create':
      return { type: 'create', name, value };
    case 'update':
    case 'patch':
      return expected === undefined ? { type: 'create', name, value } : { type: 'update', name, expected, value };
    case 'delete':
      return { type: 'delete', name, expected: undefined };
    case 'delete-if':
      return expected === undefined ? { type: 'get', name } : { type: 'delete', name, expected };
  }
}

function manifest(name: string, value: string, resourceVersion: number | undefined): Fields {
  const version = resourceVersion === undefined ? {} : { resourceVersion: String(resourceVersion) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...version }, data: { value } };
}
