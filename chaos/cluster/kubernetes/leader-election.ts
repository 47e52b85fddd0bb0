import { setTimeout as sleep } from 'node:timers/promises';
import { checkElection, type FencedWrite } from '../../checkers/elections.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import { CONFIG_MAPS, ensureNamespace, KubeClient, LEASES, type Outcome, type Place } from './client.ts';
import { Elector } from './elector.ts';
import { KUBE_LIMITS } from './limits.ts';
import type { KubeObject } from './object.ts';

export interface LeaderElectionOptions {
  readonly namespace?: string;
  readonly candidates?: number;
  /** Between two guarded writes of a leader. */
  readonly thinkMs?: number;
}

const LEASE = 'leader';
/** The object that leaders write, each time only if nobody with a higher token has. */
const GUARDED = 'guarded';

/** Candidates for one lease; whoever leads writes an object under the fence of its token. */
export class LeaderElectionWorkload implements ClusterWorkload {
  readonly name = 'leader-election';
  readonly #options: Required<LeaderElectionOptions>;
  readonly #writes: FencedWrite[] = [];
  readonly #oddities: string[] = [];
  #candidates: readonly { readonly api: KubeClient; readonly elector: Elector }[] = [];
  #attempted = 0;
  #acknowledged = 0;
  #unknown = 0;

  constructor(options: LeaderElectionOptions = {}) {
    this.#options = { namespace: 'chaos-election', candidates: 4, thinkMs: 60, ...options };
  }

  async run(cluster: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const setup = new KubeClient(cluster);
    const isThere = await ensureNamespace(setup, this.#options.namespace, until);
    setup.close();
    if (!isThere) return;
    this.#candidates = Array.from({ length: this.#options.candidates }, (_, i) => {
      const api = new KubeClient(cluster, i);
      return { api, elector: new Elector(api, this.#place(LEASE), `candidate-${i}`) };
    });
    await this.#stand(until);
  }

  /** Somebody must come to lead and to write in time; then what all of them did is looked at. */
  async check(): Promise<Violations> {
    if (this.#candidates.length === 0) return ['the workload never began'];
    const stop = new AbortController();
    const deadlineMs = performance.now() + KUBE_LIMITS.healMs;
    const before = this.#writes.length;
    const standing = this.#stand(stop.signal);
    while (this.#writes.length === before && performance.now() < deadlineMs) await sleep(KUBE_LIMITS.retryPauseMs);
    const nobody = this.#writes.length === before ? [`nobody led within ${KUBE_LIMITS.healMs} ms of the healing`] : [];
    stop.abort();
    await standing;
    for (const { api } of this.#candidates) {
      this.#oddities.push(...api.oddities);
      api.close();
    }
    const electors = this.#candidates.map(({ elector }) => elector);
    const violations = checkElection({
      versions: electors.flatMap(({ versions }) => versions),
      updates: electors.flatMap(({ updates }) => updates),
      terms: electors.flatMap(({ terms }) => terms),
      writes: this.#writes,
    });
    return [...nobody, ...this.#oddities, ...violations].slice(0, KUBE_LIMITS.maxViolations);
  }

  /** Of the guarded writes; renewals come besides. */
  count(): WorkloadCount {
    return { operations: this.#attempted, acknowledged: this.#acknowledged, unknown: this.#unknown };
  }

  /** How many terms there were. */
  terms(): number {
    return this.#candidates.reduce((total, { elector }) => total + elector.terms.length, 0);
  }

  async #stand(until: AbortSignal): Promise<void> {
    await Promise.all(
      this.#candidates.flatMap(({ api, elector }) => [elector.run(until), this.#lead(api, elector, until)]),
    );
  }

  async #lead(api: KubeClient, elector: Elector, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await sleep(this.#options.thinkMs);
      const token = elector.token;
      if (token !== undefined && !until.aborted) await this.#guardedWrite(api, elector.identity, token);
    }
  }

  /** Reads, refuses itself when a later leader was there, and writes on the strength of what it read. */
  async #guardedWrite(api: KubeClient, by: string, token: number): Promise<void> {
    const found = await api.get(this.#place(GUARDED));
    const isNew = found.type === 'refused' && found.status.reason === 'NotFound';
    if (found.type !== 'done' && !isNew) return;
    const before = found.type === 'done' ? found.value : undefined;
    if (Number(before?.data['token'] ?? 0) > token) return;
    const sequence = Number(before?.data['sequence'] ?? 0) + 1;
    const outcome = await this.#write(api, { token, sequence, by }, before);
    this.#attempted++;
    if (outcome.type === 'unknown') this.#unknown++;
    else this.#acknowledged++;
    if (outcome.type !== 'done') return;
    const { resourceVersion } = outcome.value;
    this.#writes.push({ by, token, sequence, resourceVersion, replaces: before?.resourceVersion ?? 0 });
  }

  #write(
    api: KubeClient,
    of: { readonly token: number; readonly sequence: number; readonly by: string },
    before: KubeObject | undefined,
  ): Promise<Outcome<KubeObject>> {
    const version = before === undefined ? {} : { resourceVersion: String(before.resourceVersion) };
    const data = { token: String(of.token), sequence: String(of.sequence), by: of.by };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: GUARDED, ...version }, data };
    return before === undefined ? api.create(this.#place(GUARDED), object) : api.update(this.#place(GUARDED), object);
  }

  #place(name: string): Place {
    const resource = name === LEASE ? LEASES : CONFIG_MAPS;
    return { resource, namespace: this.#options.namespace, name };
  }
}
