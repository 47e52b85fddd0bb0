import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../../../base/prng.ts';
import { checkNamespaces, type NamespaceLook } from '../../checkers/namespaces.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import { CONFIG_MAPS, KubeClient, type KubeResource, NAMESPACES, type Outcome } from './client.ts';
import { KUBE_LIMITS } from './limits.ts';

export interface NamespacesOptions {
  readonly seed: number;
  readonly clients?: number;
  /** Between two calls of a client. */
  readonly thinkMs?: number;
}

const SERVICE_ACCOUNTS: KubeResource = { root: '/api/v1', plural: 'serviceaccounts' };
/** One in so many is kept. */
const KEPT = 4;
/** How long a namespace is filled before it is deleted, and for how long somebody goes on to fill it. */
const FILL_MS = 400;

/** Clients that make namespaces, fill them through several API servers at once, and delete them while others still fill them. */
export class NamespacesWorkload implements ClusterWorkload {
  readonly name = 'namespaces';
  readonly #options: Required<NamespacesOptions>;
  readonly #fates = new Map<string, NamespaceLook['fate']>();
  readonly #refusals: string[] = [];
  #attempted = 0;
  #acknowledged = 0;
  #unknown = 0;

  constructor(options: NamespacesOptions) {
    this.#options = { clients: 2, thinkMs: 20, ...options };
  }

  async run(cluster: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const clients = Array.from({ length: this.#options.clients }, (_, client) =>
      this.#runClient(cluster, client, until),
    );
    await Promise.all(clients);
  }

  /** Gives what has to go and what has to come its time, and looks at what is there. */
  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const api = new KubeClient(cluster);
    const deadlineMs = performance.now() + KUBE_LIMITS.healMs;
    let violations: Violations = [];
    do {
      const looks: NamespaceLook[] = [];
      for (const [name, fate] of this.#fates) looks.push(await look(api, name, fate));
      violations = checkNamespaces(looks);
      if (violations.length === 0) break;
      await sleep(KUBE_LIMITS.informerPauseMs);
    } while (performance.now() < deadlineMs);
    api.close();
    return [...this.#refusals, ...api.oddities, ...violations].slice(0, KUBE_LIMITS.maxViolations);
  }

  count(): WorkloadCount {
    return { operations: this.#attempted, acknowledged: this.#acknowledged, unknown: this.#unknown };
  }

  async #runClient(cluster: ClusterUnderTest, client: number, until: AbortSignal): Promise<void> {
    const prng = new Prng(this.#options.seed + client);
    const apis = cluster.apiservers.map((_, first) => new KubeClient(cluster, first));
    const [api = new KubeClient(cluster)] = apis;
    for (let count = 0; !until.aborted; count++) {
      const name = `chaos-namespace-${client}-${count}`;
      const made = this.#counted(await this.#make(api, name));
      this.#fates.set(name, made.type === 'done' ? 'kept' : 'unknown');
      if (made.type !== 'done') continue;
      const isOver = new AbortController();
      let isDeleting = false;
      const filling = apis.map((each, i) =>
        this.#fill(each, `${name}/${i}`, { until: isOver.signal, isDeleting: () => isDeleting }),
      );
      await sleep(prng.unit() * 2 * FILL_MS);
      if (count % KEPT !== 0) {
        isDeleting = true;
        await this.#remove(api, name);
        await sleep(FILL_MS);
      }
      isOver.abort();
      await Promise.all(filling);
    }
    for (const each of apis) each.close();
  }

  #make(api: KubeClient, name: string): Promise<Outcome<unknown>> {
    const place = { resource: NAMESPACES, namespace: '', name };
    return api.create(place, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async #remove(api: KubeClient, name: string): Promise<void> {
    const deleted = this.#counted(await api.delete({ resource: NAMESPACES, namespace: '', name }));
    this.#fates.set(name, deleted.type === 'done' ? 'deleted' : 'unknown');
  }

  /** One object after the other, until the namespace refuses, or it is told to stop. */
  async #fill(
    api: KubeClient,
    prefix: string,
    { until, isDeleting }: { readonly until: AbortSignal; readonly isDeleting: () => boolean },
  ): Promise<void> {
    const [namespace = '', writer = ''] = prefix.split('/');
    for (let count = 0; !until.aborted; count++) {
      const name = `content-${writer}-${count}`;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
      const outcome = this.#counted(await api.create({ resource: CONFIG_MAPS, namespace, name }, object));
      if (outcome.type === 'refused' && outcome.status.code >= 400 && outcome.status.code !== 429) {
        // Also a server that has not heard of the namespace yet must take what is made in it.
        if (!isDeleting())
          this.#refusals.push(
            `${name} in ${namespace}, which nobody had deleted, was refused: ${outcome.status.message}`,
          );
        return;
      }
      await sleep(this.#options.thinkMs);
    }
  }

  #counted<T>(outcome: Outcome<T>): Outcome<T> {
    this.#attempted++;
    if (outcome.type === 'unknown') this.#unknown++;
    else this.#acknowledged++;
    return outcome;
  }
}

/** What cannot be read counts as being there, with nothing in it: that is looked at again. */
async function look(api: KubeClient, name: string, fate: NamespaceLook['fate']): Promise<NamespaceLook> {
  const found = await api.get({ resource: NAMESPACES, namespace: '', name });
  const isThere = found.type !== 'refused' || found.status.code !== 404;
  const objects: string[] = [];
  for (const resource of [CONFIG_MAPS, SERVICE_ACCOUNTS]) {
    const list = await api.list({ resource, namespace: name, name: '' }, 0);
    if (list.type === 'done') objects.push(...list.value.items.map((item) => `${resource.plural}/${item.name}`));
  }
  return { name, fate, isThere, objects };
}
