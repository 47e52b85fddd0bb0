import { Registry as MetricsRegistry } from 'prom-client';
import type { Admission } from '../../../apiserver/admission/plugin.ts';
import type { Authenticator } from '../../../apiserver/authn/authenticator.ts';
import type { Authorizer } from '../../../apiserver/authz/authorizer.ts';
import { InFlight } from '../../../apiserver/filters/in-flight.ts';
import { RequestMetrics } from '../../../apiserver/filters/metrics.ts';
import { createApiHandler } from '../../../apiserver/http/api-handler.ts';
import { serveApi } from '../../../apiserver/http/serve.ts';
import { CachePool } from '../../../apiserver/registry/cache-pool.ts';
import { Catalog } from '../../../apiserver/registry/catalog.ts';
import { defineResource, type ResourceDefinition } from '../../../apiserver/registry/definition.ts';
import { StoreRegistry } from '../../../apiserver/registry/store-registry.ts';
import type { UserInfo } from '../../../apiserver/request.ts';
import { configMaps } from '../../../apiserver/resources/config-map.ts';
import { namespaces } from '../../../apiserver/resources/namespace.ts';
import { at } from '../../../apiserver/scheme/json.ts';
import type { Schema } from '../../../apiserver/scheme/schema.ts';
import { ObjectStore } from '../../../apiserver/store/object-store.ts';
import type { KvClient } from '../../../client/kv-client.ts';

/** A custom resource with a status subresource, a generation and two versions of which v1 is stored. */
const widgetSchema: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      properties: { size: { type: 'integer', default: 1, maximum: 10 }, color: { type: 'string' } },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};

const widgetBase = defineResource({
  group: 'test.io',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
  schema: widgetSchema,
  storagePath: 'test.io/widgets',
  builtIn: false,
  strategicMerge: false,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name.',
      priority: 0,
      of: (o) => at(o, 'metadata', 'name') ?? '',
    },
  ],
  fieldSelectors: { 'spec.color': (o) => String(at(o, 'spec', 'color') ?? '') },
  subresources: [
    {
      name: 'status',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate: (next, old) => {
        for (const name of Object.keys(next)) if (name !== 'status') delete next[name];
        for (const [name, value] of Object.entries(old)) if (name !== 'status') next[name] = value;
      },
    },
  ],
  strategy: {
    allowUnconditionalUpdate: false,
    generationOf: ({ metadata: _, status: __, ...rest }) => rest,
    prepareForUpdate: (next, old) => {
      if (old['status'] === undefined) delete next['status'];
      else next['status'] = old['status'];
    },
  },
});

export const widgets: readonly ResourceDefinition[] = [widgetBase, { ...widgetBase, version: 'v1beta1' }];

/** Who a token stands for. */
export const TOKENS: Readonly<Record<string, UserInfo>> = {
  admin: { name: 'admin', uid: '1', groups: ['system:masters', 'system:authenticated'], extra: {} },
  bob: { name: 'bob', uid: '2', groups: ['system:authenticated'], extra: {} },
};

const tokens: Authenticator = {
  name: 'tokens',
  async authenticate({ bearerToken }) {
    if (bearerToken === undefined) return { type: 'none' };
    const user = TOKENS[bearerToken];
    return user === undefined ? { type: 'rejected', why: 'unknown token' } : { type: 'user', user, audiences: [] };
  },
};

/** bob may read; admin may do everything. */
const authorizer: Authorizer = {
  name: 'test',
  async authorize({ user, verb }) {
    const allowed = user.name !== 'bob' || ['get', 'list', 'watch'].includes(verb);
    return { decision: allowed ? 'allow' : 'no-opinion', reason: '' };
  },
  rulesFor: async () => ({ rules: [], incomplete: false, error: '' }),
};

export const noAdmission: Admission = { mutate: async () => undefined, validate: async () => undefined };

export interface TestApi {
  readonly url: string;
  readonly registry: StoreRegistry;
  readonly catalog: Catalog;
  /** Answers of the server to JSON requests; `body` may be text. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  /** Begins a watch; `next` waits for one event. */
  watch(path: string, headers?: Record<string, string>): Promise<TestWatch>;
  close(): Promise<void>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  readonly json: any;
}

export interface TestWatch {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events freely.
  next(): Promise<any>;
  close(): void;
}

/** A registry over a store, with the test kinds. */
export function makeRegistry(kv: KvClient, admission: Admission = noAdmission) {
  const catalog = new Catalog();
  catalog.replace([], [configMaps, namespaces, ...widgets]);
  const now = (): number => Date.now();
  const store = new ObjectStore(kv, { now });
  const caches = new CachePool({ store, catalog, now, onTrouble: () => undefined });
  const registry = new StoreRegistry({ store, caches, admission, now });
  return { catalog, store, caches, registry };
}

/** A whole API server on a free port: plain HTTP, tokens, the test kinds. */
export async function startApi(
  kv: KvClient,
  options: { readonly inFlight?: InFlight; readonly admission?: Admission } = {},
): Promise<TestApi> {
  const { catalog, caches, registry } = makeRegistry(kv, options.admission);
  const stopping = new AbortController();
  const inFlight = options.inFlight ?? new InFlight();
  const metrics = new RequestMetrics(new MetricsRegistry(), {
    inFlight,
    objects: () => caches.sizes().map(({ definition, objects }) => [definition.plural, objects] as const),
  });
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const handler = createApiHandler({
    catalog,
    registry,
    now: () => Date.now(),
    stopping: stopping.signal,
    countWatchEvents: (definition, events) => metrics.watchEvents(definition, events),
    authenticator: tokens,
    audiences: [],
    authorizer,
    inFlight,
    metrics,
    health: {
      live: [{ name: 'ping', check: async () => undefined }],
      ready: [{ name: 'store', check: async () => await kv.range(ONE_KEY).then(() => undefined) }],
    },
    version: { major: '1', minor: '36' },
    documents: [],
    logger: quiet,
  });
  const server = await serveApi({ handler, host: '127.0.0.1', port: 0, logger: quiet, stop: () => stopping.abort() });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    registry,
    catalog,
    call: (method, path, body, headers) => call(url + path, method, body, headers),
    watch: (path, headers) => openWatch(url + path, headers),
    close: async () => {
      await server.close();
      caches.close();
    },
  };
}

const ONE_KEY = {
  key: 'health',
  rangeEnd: '',
  limit: 1,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  serializable: false,
  keysOnly: true,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};

async function call(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: 'Bearer admin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Some answers are plain text.
  }
  return { status: response.status, headers: response.headers, text, json };
}

async function openWatch(url: string, headers: Record<string, string> = {}): Promise<TestWatch> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { authorization: 'Bearer admin', ...headers }, signal: abort.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let buffered = '';
  return {
    async next() {
      for (;;) {
        const end = buffered.indexOf('\n');
        if (end >= 0) {
          const line = buffered.slice(0, end);
          buffered = buffered.slice(end + 1);
          return JSON.parse(line);
        }
        const { value, done } = await reader.read();
        if (done) return undefined;
        buffered += Buffer.from(value).toString('utf8');
      }
    },
    close: () => abort.abort(),
  };
}
