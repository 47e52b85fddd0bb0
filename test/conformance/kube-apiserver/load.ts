import { setTimeout as delay } from 'node:timers/promises';
import type { KubeApiserver } from './kit.ts';

const PATH = '/api/v1/namespaces/load/configmaps';

/** What came of a load: every problem in words, and what every client that lists or watches must have seen. */
export interface LoadReport {
  readonly problems: readonly string[];
  readonly created: readonly string[];
  readonly counts: {
    readonly created: number;
    readonly increments: number;
    readonly unknown: number;
    readonly events: number;
  };
}

/**
 * Writers that create one object after the other, clients that increment counters by compare-and-swap (resourceVersion), and a watch
 * from the beginning, all at once.
 */
export class Load {
  readonly #kube: KubeApiserver;
  readonly #created = new Map<string, number>();
  readonly #increments = new Map<string, { acknowledged: number; unknown: number }>();
  readonly #seen = new Map<string, string[]>();
  readonly #problems: string[] = [];
  readonly #watching = new AbortController();
  #unknown = 0;
  #events = 0;
  #stopping = false;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(kube: KubeApiserver) {
    this.#kube = kube;
  }

  static async start(
    kube: KubeApiserver,
    size: { readonly writers: number; readonly counters: number },
  ): Promise<Load> {
    const load = new Load(kube);
    await kube.kubectl.ok(['create', 'namespace', 'load']);
    for (let i = 0; i < size.counters; i++) await load.#create(`counter-${i}`, '0');
    const list = await kube.api.call('GET', PATH);
    void load
      .#watch(list.body.metadata?.resourceVersion ?? '')
      .catch((error) => load.#problems.push(`watch: ${error}`));
    load.#work = Promise.all([
      ...Array.from({ length: size.writers }, (_, w) => load.#write(w)),
      // Two at each counter, so that they get into each other's way.
      ...Array.from({ length: 2 * size.counters }, (_, i) => load.#count(`counter-${i % size.counters}`)),
    ]);
    return load;
  }

  longestGapMs(since: number): number {
    const times = [since, ...[...this.#created.values()].filter((at) => at >= since).sort((a, b) => a - b), Date.now()];
    return times.slice(1).reduce((longest, at, i) => Math.max(longest, at - (times[i] ?? at)), 0);
  }

  async finish(): Promise<LoadReport> {
    this.#stopping = true;
    await this.#work;
    const list = await this.#kube.api.call('GET', PATH);
    const there = new Map((list.body.items ?? []).map((item) => [item.metadata?.name ?? '', item]));
    for (const name of this.#created.keys()) {
      if (!there.has(name)) this.#problems.push(`${name} was acknowledged and is not in the list`);
    }
    for (const [name, { acknowledged, unknown }] of this.#increments) {
      const value = Number(there.get(name)?.data?.['n']);
      if (value < acknowledged || value > acknowledged + unknown) {
        this.#problems.push(`${name} is ${value} after ${acknowledged} increments and ${unknown} of unknown outcome`);
      }
    }
    await this.#everythingWatched(there);
    return { problems: this.#problems, created: [...this.#created.keys()], counts: this.#counts() };
  }

  async abort(): Promise<void> {
    this.#stopping = true;
    this.#watching.abort();
    await this.#work;
  }

  #counts(): LoadReport['counts'] {
    const increments = [...this.#increments.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0);
    return { created: this.#created.size, increments, unknown: this.#unknown, events: this.#events };
  }

  async #write(writer: number): Promise<void> {
    for (let n = 0; !this.#stopping; n++) {
      if (!(await this.#create(`w${writer}-${n}`, String(n)))) await delay(50);
    }
  }

  /** Only 201 is an acknowledgement; anything else may or may not have happened. */
  async #create(name: string, value: string): Promise<boolean> {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { n: value } };
    const answer = await this.#kube.api.call('POST', PATH, body).catch(() => undefined);
    if (answer?.status === 201) this.#created.set(name, Date.now());
    else this.#unknown++;
    return answer?.status === 201;
  }

  async #count(name: string): Promise<void> {
    const tally = this.#increments.get(name) ?? { acknowledged: 0, unknown: 0 };
    this.#increments.set(name, tally);
    while (!this.#stopping) {
      const read = await this.#kube.api.call('GET', `${PATH}/${name}`).catch(() => undefined);
      if (read?.status !== 200) {
        await delay(50);
        continue;
      }
      const next = { ...read.body, data: { n: String(Number(read.body.data?.['n']) + 1) } };
      const written = await this.#kube.api.call('PUT', `${PATH}/${name}`, next).catch(() => undefined);
      if (written?.status === 200) tally.acknowledged++;
      else if (written?.status !== 409) tally.unknown++;
      await delay(20);
    }
  }

  /** One watch, from before the load to its end: an end of it, an error, or a step back in time is a problem. */
  async #watch(from: string): Promise<void> {
    let last = Number(from);
    const path = `${PATH}?watch=true&resourceVersion=${from}&timeoutSeconds=600`;
    for await (const { type, object } of this.#kube.api.watch(path, this.#watching.signal)) {
      this.#events++;
      if (type === 'ERROR') this.#problems.push(`the watch got an error: ${object.message}`);
      const [name, revision] = [object.metadata?.name ?? '', Number(object.metadata?.resourceVersion)];
      if (revision <= last) this.#problems.push(`the watch went from revision ${last} to ${revision}`);
      last = revision;
      const values = this.#seen.get(name) ?? [];
      values.push(object.data?.['n'] ?? '');
      this.#seen.set(name, values);
    }
    if (!this.#watching.signal.aborted) this.#problems.push('the watch ended');
  }

  /** The watch has seen each object once, each step of a counter once and in order, and nothing that is not there. */
  async #everythingWatched(
    there: ReadonlyMap<string, { readonly data?: Readonly<Record<string, string>> }>,
  ): Promise<void> {
    const isBehind = (): boolean => [...there].some(([name, { data }]) => !this.#seen.get(name)?.includes(data?.['n'] ?? '') && !(name.startsWith('counter') && data?.['n'] === '0')); // biome-ignore format: a line
    for (let i = 0; i < 100 && isBehind(); i++) await delay(100);
    if (isBehind()) this.#problems.push('the watch does not show what is there');
    for (const [name, values] of this.#seen) {
      const expected = name.startsWith('counter') ? values.map((_, i) => String(i + 1)) : values.slice(0, 1);
      if (values.join() !== expected.join()) this.#problems.push(`the watch saw ${name} as ${values.join()}`);
      if (!there.has(name)) this.#problems.push(`the watch saw ${name}, which is not there`);
    }
  }
}
