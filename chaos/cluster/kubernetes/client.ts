import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../../base/assert.ts';
import type { ClusterUnderTest } from '../workload.ts';
import { KUBE_LIMITS } from './limits.ts';
import {
  type Fields,
  type KubeObject,
  type KubePage,
  type KubeStatus,
  objectOf,
  pageOf,
  parseFields,
  statusOf,
} from './object.ts';
import { type HttpResult, Transport } from './transport.ts';
import { type KubeWatch, type WatchClose, watchLines } from './watch.ts';

/** One kind of objects and where it is served. */
export interface KubeResource {
  /** `/api/v1`, `/apis/GROUP/VERSION`. */
  readonly root: string;
  readonly plural: string;
}

export const NAMESPACES: KubeResource = { root: '/api/v1', plural: 'namespaces' };
export const CONFIG_MAPS: KubeResource = { root: '/api/v1', plural: 'configmaps' };
export const LEASES: KubeResource = { root: '/apis/coordination.k8s.io/v1', plural: 'leases' };

/** What became of a call. */
export type Outcome<T> =
  | { readonly type: 'done'; readonly value: T }
  /** It surely changed nothing. Code 0: no API server could be reached. */
  | { readonly type: 'refused'; readonly status: KubeStatus }
  /** Nobody said whether it was done. */
  | { readonly type: 'unknown'; readonly why: string };

/** One object's place; `name` empty: the collection. */
export interface Place {
  readonly resource: KubeResource;
  /** Empty for what lies in none. */
  readonly namespace: string;
  readonly name: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole call; the limit's unless it is shorter. */
  readonly timeoutMs?: number;
}

type Query = Readonly<Record<string, string>>;

/**
 * A client of the Kubernetes API over several API servers. It stays with one and goes on to the next when that one fails. Reads are tried again
 * until their time is up, writes only when they were surely not processed: like client-go's, and as few assumptions as possible.
 */
export class KubeClient {
  readonly #urls: readonly string[];
  readonly #transport: Transport;
  #current: number;
  /** Answers that no API server may give, whatever happens to it: a 2xx without an object. */
  readonly oddities: string[] = [];

  /** `first`: where to begin among the API servers, so that clients spread over them. */
  constructor({ apiservers, credentials }: ClusterUnderTest, first = 0) {
    assert(
      apiservers.length > 0 && credentials !== undefined,
      'these workloads need API servers and credentials for them',
    );
    this.#urls = apiservers;
    this.#transport = new Transport(credentials);
    this.#current = first % apiservers.length;
  }

  create({ resource, namespace }: Place, object: Fields, options?: CallOptions): Promise<Outcome<KubeObject>> {
    const path = pathOf({ resource, namespace, name: '' });
    return this.#write('POST', path, { body: JSON.stringify(object) }, options);
  }

  update(place: Place, object: Fields, options?: CallOptions): Promise<Outcome<KubeObject>> {
    return this.#write('PUT', pathOf(place), { body: JSON.stringify(object) }, options);
  }

  /** A JSON merge patch. */
  patch(place: Place, patch: Fields, options?: CallOptions): Promise<Outcome<KubeObject>> {
    const contentType = 'application/merge-patch+json';
    return this.#write('PATCH', pathOf(place), { body: JSON.stringify(patch), contentType }, options);
  }

  /** `resourceVersion`: only if it still is at that one. */
  async delete(place: Place, resourceVersion?: number, options?: CallOptions): Promise<Outcome<undefined>> {
    const preconditions =
      resourceVersion === undefined ? {} : { preconditions: { resourceVersion: String(resourceVersion) } };
    const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', ...preconditions });
    const result = await this.#send('DELETE', pathOf(place), { body }, options);
    return this.#outcomeOf(result, 'DELETE', () => ({ value: undefined }));
  }

  /** A linearizable read of one object. */
  async get(place: Place, options?: CallOptions): Promise<Outcome<KubeObject>> {
    const result = await this.#read(pathOf(place), options);
    return this.#outcomeOf(result, 'GET', objectIn);
  }

  /** One page; linearizable unless `query` asks for something else. */
  async page({ resource, namespace }: Place, query: Query, options?: CallOptions): Promise<Outcome<KubePage>> {
    const path = pathOf({ resource, namespace, name: '' }, query);
    const result = await this.#read(path, options);
    return this.#outcomeOf(result, 'LIST', (fields) => wrapped(pageOf(fields)));
  }

  /** All pages of a list, of at most `limit` objects each; 0: in one. They are of one moment: the first one's resourceVersion. */
  async list(place: Place, limit: number, options?: CallOptions): Promise<Outcome<KubePage>> {
    const items: KubeObject[] = [];
    let first: KubePage | undefined;
    for (let token = ''; ; ) {
      const query = { ...(limit === 0 ? {} : { limit: String(limit) }), ...(token === '' ? {} : { continue: token }) };
      const page = await this.page(place, query, options);
      if (page.type !== 'done') return page;
      first ??= page.value;
      if (page.value.resourceVersion !== first.resourceVersion)
        this.oddities.push(
          `pages of one list are of resourceVersions ${first.resourceVersion} and ${page.value.resourceVersion}`,
        );
      items.push(...page.value.items);
      token = page.value.continue;
      if (token === '') return { type: 'done', value: { ...first, continue: '', items } };
    }
  }

  /** One watch on one API server, until it ends or `signal` aborts; another one is used next time when it broke. */
  async watch(
    { resource, namespace }: Place,
    watch: KubeWatch & { readonly seconds: number },
    signal: AbortSignal,
  ): Promise<WatchClose> {
    const query = { ...watch.query, watch: 'true', timeoutSeconds: String(watch.seconds) };
    const at = this.#current;
    const close = await watchLines(watch, (onLine) => {
      const url = this.#urls[at] + pathOf({ resource, namespace, name: '' }, query);
      const timeoutMs = watch.seconds * 1_000 + KUBE_LIMITS.watchGraceMs;
      return this.#transport.lines({ method: 'GET', url, timeoutMs, signal }, onLine);
    });
    if (close.type === 'garbled') this.oddities.push(`a watch told ${JSON.stringify(close.line)}`);
    if (close.type === 'broken' || (close.type === 'refused' && close.status.code >= 500)) this.#leave(at);
    return close;
  }

  close(): void {
    this.#transport.close();
  }

  async #write(
    method: string,
    path: string,
    content: { readonly body: string; readonly contentType?: string },
    options: CallOptions | undefined,
  ): Promise<Outcome<KubeObject>> {
    return this.#outcomeOf(await this.#send(method, path, content, options), method, objectIn);
  }

  /** Goes on to the next API server only as long as nothing was sent, or a server said that it is too busy to begin. */
  async #send(
    method: string,
    path: string,
    content: { readonly body: string; readonly contentType?: string },
    { signal, timeoutMs = KUBE_LIMITS.callTimeoutMs }: CallOptions = {},
  ): Promise<HttpResult> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const at = this.#current;
      const leftMs = Math.max(1, deadlineMs - performance.now());
      const call = { method, url: this.#urls[at] + path, ...content, timeoutMs: leftMs };
      const result = await this.#transport.exchange(call);
      const isOver = result.type === 'answer' ? result.status !== 429 : result.wasSent;
      if (result.type === 'failed' || result.status >= 500) this.#leave(at);
      if (isOver || signal?.aborted === true || performance.now() + KUBE_LIMITS.retryPauseMs >= deadlineMs)
        return result;
      await sleep(KUBE_LIMITS.retryPauseMs);
    }
  }

  async #read(path: string, { signal, timeoutMs = KUBE_LIMITS.callTimeoutMs }: CallOptions = {}): Promise<HttpResult> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const at = this.#current;
      const leftMs = Math.max(1, Math.min(KUBE_LIMITS.attemptTimeoutMs, deadlineMs - performance.now()));
      const result = await this.#transport.exchange({ method: 'GET', url: this.#urls[at] + path, timeoutMs: leftMs });
      const failed = result.type === 'failed' || result.status >= 500 || result.status === 429;
      if (failed) this.#leave(at);
      if (!failed || signal?.aborted === true || performance.now() + KUBE_LIMITS.retryPauseMs >= deadlineMs)
        return result;
      await sleep(KUBE_LIMITS.retryPauseMs);
    }
  }

  #outcomeOf<T>(
    result: HttpResult,
    verb: string,
    parse: (fields: Fields) => { readonly value: T } | undefined,
  ): Outcome<T> {
    if (result.type === 'failed') {
      if (result.wasSent) return { type: 'unknown', why: result.why };
      return { type: 'refused', status: { code: 0, reason: 'Unreachable', message: result.why } };
    }
    const fields = parseFields(result.body);
    // An API server that lost its store on the way says 500, 503 or 504: the write may still come about.
    if (result.status >= 500) return { type: 'unknown', why: `${result.status} ${statusOf(fields, 0).message}` };
    if (result.status >= 300) return { type: 'refused', status: statusOf(fields, result.status) };
    const parsed = fields === undefined ? undefined : parse(fields);
    if (parsed !== undefined) return { type: 'done', value: parsed.value };
    const why = `${verb} was answered with ${result.status} and ${JSON.stringify(result.body.slice(0, 200))}`;
    this.oddities.push(why);
    return { type: 'unknown', why };
  }

  /** Others may have left it already. */
  #leave(at: number): void {
    if (this.#current === at) this.#current = (at + 1) % this.#urls.length;
  }
}

const wrapped = <T>(value: T | undefined): { readonly value: T } | undefined =>
  value === undefined ? undefined : { value };

const objectIn = (fields: Fields): { readonly value: KubeObject } | undefined => wrapped(objectOf(fields));

function pathOf({ resource, namespace, name }: Place, query: Query = {}): string {
  const inNamespace = namespace === '' ? '' : `/namespaces/${namespace}`;
  const parameters = new URLSearchParams(query).toString();
  return `${resource.root}${inNamespace}/${resource.plural}${name === '' ? '' : `/${name}`}${parameters === '' ? '' : `?${parameters}`}`;
}

/** Makes the namespace of a workload; it may be there from before. Resolves to whether it is there in time. */
export async function ensureNamespace(client: KubeClient, namespace: string, until: AbortSignal): Promise<boolean> {
  const place = { resource: NAMESPACES, namespace: '', name: namespace };
  while (!until.aborted) {
    const made = await client.create(place, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    if (made.type === 'done' || (made.type === 'refused' && made.status.reason === 'AlreadyExists')) return true;
    await sleep(KUBE_LIMITS.retryPauseMs);
  }
  return false;
}
