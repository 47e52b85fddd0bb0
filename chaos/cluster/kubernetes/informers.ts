import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../../../base/prng.ts';
import { type AcknowledgedChange, checkInformers } from '../../checkers/informers.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import { CONFIG_MAPS, ensureNamespace, KubeClient, type Outcome, type Place } from './client.ts';
import { heldOf, Informer, type InformerMode, REPLACES } from './informer.ts';
import { KUBE_LIMITS } from './limits.ts';
import type { KubeObject } from './object.ts';

export interface InformersOptions {
  readonly seed: number;
  readonly namespace?: string;
  readonly writers?: number;
  /** Between two writes of a writer. */
  readonly thinkMs?: number;
}

const OBJECTS = 8;
const MODES: readonly InformerMode[] = ['list', 'paged', 'stream'];
/** Caches of each mode. */
const INFORMERS_A_MODE = 2;

/** Writers that change ConfigMaps, and informers that must have a true picture of them all along. */
export class InformersWorkload implements ClusterWorkload {
  readonly name = 'informers';
  readonly #options: Required<InformersOptions>;
  readonly #written: AcknowledgedChange[] = [];
  readonly #oddities: string[] = [];
  #caches: readonly { readonly name: string; readonly informer: Informer; readonly api: KubeClient }[] = [];
  #attempted = 0;
  #acknowledged = 0;
  #unknown = 0;

  constructor(options: InformersOptions) {
    this.#options = { namespace: 'chaos-informers', writers: 2, thinkMs: 25, ...options };
  }

  async run(cluster: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const setup = new KubeClient(cluster);
    const isThere = await ensureNamespace(setup, this.#options.namespace, until);
    setup.close();
    if (!isThere) return;
    this.#caches = MODES.flatMap((mode, m) =>
      Array.from({ length: INFORMERS_A_MODE }, (_, i) => {
        const api = new KubeClient(cluster, m + i);
        const prng = new Prng(this.#options.seed + 1_000 * (m + 1) + i);
        return { name: `${mode}-${i}`, api, informer: new Informer(api, this.#place(''), { mode, prng }) };
      }),
    );
    const writers = Array.from({ length: this.#options.writers }, (_, writer) => this.#write(cluster, writer, until));
    await Promise.all([...writers, ...this.#caches.map(({ informer }) => informer.run(until))]);
  }

  /** Lets every cache come to a last write, and compares it with a list. */
  async check(cluster: ClusterUnderTest): Promise<Violations> {
    if (this.#caches.length === 0) return ['the workload never began'];
    const api = new KubeClient(cluster);
    const stop = new AbortController();
    const running = this.#caches.map(({ informer }) => informer.run(stop.signal));
    const late = await this.#untilAllSeen(api);
    stop.abort();
    await Promise.all(running);
    const list = await api.list(this.#place(''), 0, { timeoutMs: KUBE_LIMITS.healMs });
    for (const { api: used } of this.#caches) this.#oddities.push(...used.oddities);
    for (const used of [api, ...this.#caches.map((cache) => cache.api)]) used.close();
    const records = this.#caches.map(({ name, informer }) => ({ name, steps: informer.steps }));
    const trueState = list.type === 'done' && late.length === 0 ? list.value.items.map(heldOf) : undefined;
    const noList = list.type === 'done' ? [] : ['no list could be read at the end'];
    return [...late, ...noList, ...this.#oddities, ...checkInformers(records, this.#written, trueState)].slice(
      0,
      KUBE_LIMITS.maxViolations,
    );
  }

  count(): WorkloadCount {
    return { operations: this.#attempted, acknowledged: this.#acknowledged, unknown: this.#unknown };
  }

  /** How many changes and bookmarks all caches together were told, how many watches they began, and how many of those had expired. */
  told(): { readonly steps: number; readonly watches: number; readonly expirations: number } {
    const sum = (of: (informer: Informer) => number): number =>
      this.#caches.reduce((total, { informer }) => total + of(informer), 0);
    return {
      steps: sum(({ steps }) => steps.length),
      watches: sum(({ counts }) => counts.watches),
      expirations: sum(({ counts }) => counts.expirations),
    };
  }

  /** Which caches had not come to a write that began now when the time was up. */
  async #untilAllSeen(api: KubeClient): Promise<Violations> {
    const deadlineMs = performance.now() + KUBE_LIMITS.healMs;
    const last = await this.#writeLast(api, deadlineMs);
    if (last === undefined) return ['the last write did not get through'];
    const behind = () => this.#caches.filter(({ informer }) => informer.revision < last);
    while (behind().length > 0 && performance.now() < deadlineMs) await sleep(KUBE_LIMITS.retryPauseMs);
    return behind().map(
      ({ name, informer }) => `informer ${name} had only come to ${informer.revision}, and not to ${last}`,
    );
  }

  /** A write that got through; its resourceVersion. */
  async #writeLast(api: KubeClient, deadlineMs: number): Promise<number | undefined> {
    for (let i = 0; performance.now() < deadlineMs; i++) {
      const outcome = await this.#create(api, `last-${i}`, 'last');
      if (outcome.type === 'done') return outcome.value.resourceVersion;
      await sleep(KUBE_LIMITS.retryPauseMs);
    }
    return undefined;
  }

  async #write(cluster: ClusterUnderTest, writer: number, until: AbortSignal): Promise<void> {
    const prng = new Prng(this.#options.seed + writer);
    const api = new KubeClient(cluster, writer);
    const known = new Map<string, KubeObject>();
    for (let count = 0; !until.aborted; count++) {
      await sleep(prng.unit() * 2 * this.#options.thinkMs);
      const name = `watched-${prng.between(0, OBJECTS - 1)}`;
      const outcome = await this.#change(api, { name, value: `${writer}.${count}`, known, prng });
      // Whoever does not know for sure what is there reads it before the next write.
      if (outcome.type === 'done' && outcome.value !== undefined) known.set(name, outcome.value);
      else {
        known.delete(name);
        const found = await api.get(this.#place(name));
        if (found.type === 'done') known.set(name, found.value);
      }
    }
    this.#oddities.push(...api.oddities);
    api.close();
  }

  async #change(
    api: KubeClient,
    of: {
      readonly name: string;
      readonly value: string;
      readonly known: ReadonlyMap<string, KubeObject>;
      readonly prng: Prng;
    },
  ): Promise<Outcome<KubeObject | undefined>> {
    const { name, value, known, prng } = of;
    const before = known.get(name);
    if (before === undefined) return this.#create(api, name, value);
    if (prng.chance(0.15)) return this.#counted(await api.delete(this.#place(name), before.resourceVersion));
    const data = { value, [REPLACES]: String(before.resourceVersion) };
    const resourceVersion = String(before.resourceVersion);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, resourceVersion }, data };
    return this.#noted(this.#counted(await api.update(this.#place(name), object)));
  }

  async #create(api: KubeClient, name: string, value: string): Promise<Outcome<KubeObject>> {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value, [REPLACES]: '0' } };
    return this.#noted(this.#counted(await api.create(this.#place(name), object)));
  }

  #noted(outcome: Outcome<KubeObject>): Outcome<KubeObject> {
    if (outcome.type === 'done') this.#written.push(heldOf(outcome.value));
    return outcome;
  }

  #counted<T>(outcome: Outcome<T>): Outcome<T> {
    this.#attempted++;
    if (outcome.type === 'unknown') this.#unknown++;
    else this.#acknowledged++;
    return outcome;
  }

  #place(name: string): Place {
    return { resource: CONFIG_MAPS, namespace: this.#options.namespace, name };
  }
}
