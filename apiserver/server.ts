import { hostname } from 'node:os';
import { Registry as MetricsRegistry } from 'prom-client';
import type { KvClient } from '../client/kv-client.ts';
import { buildPlugins } from './admission/build.ts';
import { admissionChain } from './admission/chain.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { buildAuthentication } from './authn/build.ts';
import { DISCOVERY_PATH, JWKS_PATH, oidcDocuments } from './authn/oidc-discovery.ts';
import { reviewSelf, reviewToken } from './authn/reviews.ts';
import type { VerifyingKey } from './authn/token-keys.ts';
import { createToken } from './authn/token-request.ts';
import type { Authorizer } from './authz/authorizer.ts';
import { escalationCheck } from './authz/escalation.ts';
import { alwaysAllow, alwaysDeny, authorizerUnion, mastersAuthorizer } from './authz/modes.ts';
import { PolicyIndex } from './authz/policy-index.ts';
import { rbacAuthorizer } from './authz/rbac.ts';
import { reviewLocalAccess, reviewSelfAccess, reviewSelfRules, reviewSubjectAccess } from './authz/reviews.ts';
import { bootstrap } from './controllers/bootstrap.ts';
import type { Controller, ControllerServices } from './controllers/controller.ts';
import { crdLifecycle } from './controllers/crd-lifecycle.ts';
import { crdServing } from './controllers/crd-serving.ts';
import { Leadership } from './controllers/leadership.ts';
import { namespaceDeletion } from './controllers/namespace-deletion.ts';
import { namespaceFurniture } from './controllers/namespace-furniture.ts';
import { roleAggregation } from './controllers/role-aggregation.ts';
import { startControllers, untilDone } from './controllers/run.ts';
import { crdStrategy } from './crd/strategy.ts';
import { Discovery } from './discovery/discovery.ts';
import { InFlight } from './filters/in-flight.ts';
import { RequestMetrics } from './filters/metrics.ts';
import { createApiHandler, type DocumentSource, type Logger } from './http/api-handler.ts';
import { serveApi } from './http/serve.ts';
import { builtInsOf, clusterLookup, clusterNamespaces } from './lookup.ts';
import { OpenApi } from './openapi/open-api.ts';
import type { KeyPair } from './pki/certificate.ts';
import { CachePool } from './registry/cache-pool.ts';
import { Catalog } from './registry/catalog.ts';
import { StoreRegistry } from './registry/store-registry.ts';
import { builtInResources } from './resources/built-ins.ts';
import { ObjectStore } from './store/object-store.ts';
import { versionDocument } from './version.ts';

export interface ApiServerOptions {
  /** Stays the caller's: it is not closed with the server. */
  readonly kv: KvClient;
  /** Of all keys, `/registry`. */
  readonly storePrefix: string;
  readonly bindAddress: string;
  /** 0: a free one. */
  readonly port: number;
  readonly serving: KeyPair;
  /** Verifies client certificates. */
  readonly clientCaPem: string;
  /** Published in every namespace as kube-root-ca.crt. */
  readonly rootCaPem: string;
  readonly anonymous: boolean;
  readonly tokenFile?: { readonly path: string; readonly csv: string };
  readonly serviceAccounts: {
    readonly signing: VerifyingKey;
    readonly verifying: readonly VerifyingKey[];
    /** The first one signs. */
    readonly issuers: readonly string[];
    readonly apiAudiences: readonly string[];
    /** 0: no bound. */
    readonly maxTokenSeconds: number;
    readonly jwksUri?: string;
  };
  readonly authorizationModes: readonly ('RBAC' | 'AlwaysAllow' | 'AlwaysDeny' | 'Node')[];
  readonly admission: { readonly enable: readonly string[]; readonly disable: readonly string[] };
  readonly maxReads: number;
  readonly maxWrites: number;
  /** Of namespace-deletion, namespace-furniture, role-aggregation. */
  readonly controllers: readonly string[];
  readonly logger: Logger;
}

export interface ApiServer {
  readonly url: string;
  /** Resolves when the server is worth asking: caches filled, default objects there. /readyz says the same. */
  readonly ready: Promise<void>;
  /** Drains and stops. */
  close(): Promise<void>;
}

/** Starts one API server; resolves as soon as it listens. Any number may run on one store. Errors: EADDRINUSE and its kin. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const core = assemble(options);
  const { logger } = options;
  const stopping = new AbortController();
  const state = { problem: 'still starting' as string | undefined };
  const server = await serveApi({
    handler: handlerOf(options, core, stopping.signal, state),
    host: options.bindAddress,
    port: options.port,
    tls: { key: options.serving.keyPem, cert: options.serving.certificatePem, clientCa: options.clientCaPem },
    logger,
    stop: () => stopping.abort(),
  });
  const background = startBackground(options, core, stopping.signal);
  const ready = background.ready.then(
    () => {
      state.problem = undefined;
      logger.info({}, 'ready');
    },
    (error: unknown) => {
      state.problem = error instanceof Error ? error.message : String(error);
      logger.error({ err: error }, 'the server cannot become ready');
      throw error;
    },
  );
  ready.catch(() => undefined); // who does not wait for it reads /readyz
  return {
    url: `https://${options.bindAddress.includes(':') ? `[${options.bindAddress}]` : options.bindAddress}:${server.port}`,
    ready,
    close: async () => {
      state.problem = 'stopping';
      await server.close();
      await background.close();
      core.index?.close();
      core.caches.close();
    },
  };
}

type Core = ReturnType<typeof assemble>;

/** Everything between the store and the handlers, wired and not yet running. */
function assemble(options: ApiServerOptions) {
  const now = Date.now;
  const onTrouble = (what: string, error: unknown): void => options.logger.warn({ err: error }, what);
  const catalog = new Catalog();
  const store = new ObjectStore(options.kv, { prefix: options.storePrefix, now });
  const caches = new CachePool({ store, catalog, now, onTrouble });
  const plugins: AdmissionPlugin[] = [];
  const registry = new StoreRegistry({ store, caches, admission: admissionChain(plugins), now });
  const lookup = clusterLookup(catalog, registry);
  const { issuers, apiAudiences, verifying } = options.serviceAccounts;
  const authentication = buildAuthentication({
    anonymous: options.anonymous,
    ...(options.tokenFile === undefined ? {} : { tokenFile: options.tokenFile }),
    serviceAccount: { keys: verifying, issuers, apiAudiences, lookup },
  });
  const authorizers: Authorizer[] = [];
  const authorizer = authorizerUnion(authorizers);
  catalog.replace([], builtInResources(answersOf(options, authentication.tokens, authorizer, lookup)));
  const index = options.authorizationModes.includes('RBAC') ? policyIndex(catalog, registry) : undefined;
  authorizers.push(mastersAuthorizer, ...options.authorizationModes.flatMap((mode) => authorizerOf(mode, index)));
  const namespaces = clusterNamespaces(catalog, registry);
  plugins.push(...buildPlugins(options.admission, { namespaces, createNamespace: namespaces.create }));
  if (index !== undefined) plugins.push(escalationCheck(index, authorizer));
  const services: ControllerServices = { registry, catalog, onTrouble };
  return { now, catalog, caches, registry, authenticator: authentication.requests, authorizer, index, services };
}

function policyIndex(catalog: Catalog, registry: StoreRegistry): PolicyIndex | undefined {
  const kinds = builtInsOf(catalog, 'rbac.authorization.k8s.io', [
    'clusterroles',
    'clusterrolebindings',
    'roles',
    'rolebindings',
  ] as const);
  if (kinds === undefined) return undefined;
  return new PolicyIndex({
    clusterRoles: registry.cache(kinds.clusterroles),
    clusterRoleBindings: registry.cache(kinds.clusterrolebindings),
    roles: registry.cache(kinds.roles),
    roleBindings: registry.cache(kinds.rolebindings),
  });
}

/** Node has nothing to say: nodes are not served. */
function authorizerOf(
  mode: ApiServerOptions['authorizationModes'][number],
  index: PolicyIndex | undefined,
): readonly Authorizer[] {
  switch (mode) {
    case 'RBAC':
      return index === undefined ? [] : [rbacAuthorizer(index)];
    case 'AlwaysAllow':
      return [alwaysAllow];
    case 'AlwaysDeny':
      return [alwaysDeny];
    case 'Node':
      return [];
  }
}

/** What the kinds that are questions answer. */
function answersOf(
  { serviceAccounts }: ApiServerOptions,
  tokens: ReturnType<typeof buildAuthentication>['tokens'],
  authorizer: Authorizer,
  lookup: ReturnType<typeof clusterLookup>,
): Parameters<typeof builtInResources>[0] {
  const { signing, issuers, apiAudiences, maxTokenSeconds } = serviceAccounts;
  const issuer = {
    key: signing,
    issuer: issuers[0] ?? '',
    apiAudiences,
    maxExpirationSeconds: maxTokenSeconds,
    lookup,
  };
  return {
    createToken: (request, serviceAccount) => createToken(request, serviceAccount, issuer),
    reviewToken: (review) => reviewToken(review, tokens, apiAudiences),
    reviewSelf,
    reviewSubjectAccess: (review) => reviewSubjectAccess(review, authorizer),
    reviewSelfAccess: (review, context) => reviewSelfAccess(review, context, authorizer),
    reviewLocalAccess: (review, context) => reviewLocalAccess(review, context.info.namespace, authorizer),
    reviewSelfRules: (review, context) => reviewSelfRules(review, context, authorizer),
    customResourceDefinitions: crdStrategy,
  };
}

function handlerOf(
  options: ApiServerOptions,
  core: Core,
  stopping: AbortSignal,
  state: { readonly problem: string | undefined },
) {
  const { catalog, registry, caches, now, authenticator, authorizer } = core;
  const inFlight = new InFlight({ maxReads: options.maxReads, maxWrites: options.maxWrites });
  const metrics = new RequestMetrics(new MetricsRegistry(), {
    inFlight,
    objects: () =>
      caches
        .sizes()
        .map(
          ({ definition, objects }) =>
            [
              definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`,
              objects,
            ] as const,
        ),
  });
  return createApiHandler({
    catalog,
    registry,
    now,
    stopping,
    countWatchEvents: (definition, events) => metrics.watchEvents(definition, events),
    authenticator,
    audiences: options.serviceAccounts.apiAudiences,
    authorizer,
    inFlight,
    metrics,
    health: healthOf(options, state),
    version: versionDocument(),
    documents: documentsOf(options, catalog),
    logger: options.logger,
  });
}

function healthOf({ kv }: ApiServerOptions, state: { readonly problem: string | undefined }) {
  return {
    live: [{ name: 'ping', check: async () => undefined }],
    ready: [
      { name: 'etcd', check: async () => kv.status({ timeoutMs: 2_000 }).then(() => undefined) },
      { name: 'poststarthook/bootstrap', check: async () => state.problem },
    ],
  };
}

/** Everything that is no resource: discovery, OpenAPI, and how others verify our tokens. */
function documentsOf({ serviceAccounts }: ApiServerOptions, catalog: Catalog): readonly DocumentSource[] {
  const discovery = new Discovery(catalog);
  const openApi = new OpenApi(catalog, { title: 'Kubernetes', version: String(versionDocument()['gitVersion']) });
  const { issuers, jwksUri, verifying } = serviceAccounts;
  return [
    (request) => discovery.respond(request),
    (request) => openApi.respond(request),
    ({ path, serverAddress }) => {
      if (path !== DISCOVERY_PATH && path !== JWKS_PATH) return undefined;
      const documents = oidcDocuments(issuers[0] ?? '', jwksUri ?? `https://${serverAddress}${JWKS_PATH}`, verifying);
      const isKeySet = path === JWKS_PATH;
      const body = Buffer.from(JSON.stringify(isKeySet ? documents.keySet : documents.configuration));
      const headers = {
        'content-type': isKeySet ? 'application/jwk-set+json' : 'application/json',
        'cache-control': 'public, max-age=3600',
      };
      return { status: 200, headers, body };
    },
    ({ path }) => (path === '/' ? discovery.rootPaths(OTHER_PATHS) : undefined),
  ];
}

const OTHER_PATHS = [
  '/healthz',
  '/livez',
  '/readyz',
  '/metrics',
  '/version',
  '/openapi/v2',
  '/openapi/v3',
  DISCOVERY_PATH,
  JWKS_PATH,
];

/** Caches, CRDs, controllers and default objects, as much as possible at the same time. */
function startBackground(options: ApiServerOptions, core: Core, signal: AbortSignal) {
  const { services, index } = core;
  const leadership = new Leadership({
    kv: options.kv,
    key: `/keelson${options.storePrefix}/controllers`,
    identity: `${hostname()}-${process.pid}-${options.port}`,
    onTrouble: services.onTrouble,
  });
  const serving = crdServing(services);
  const stops: (() => Promise<void>)[] = [];
  const persist = (what: string, work: () => Promise<unknown>): Promise<void> =>
    untilDone(work, { signal, onFailure: (error) => services.onTrouble(what, error) });
  const start = async (): Promise<void> => {
    await Promise.all([
      persist('reading the roles', async () => index?.start()),
      persist('reading the custom resource definitions', async () => stops.push(await serving.start())),
      leadership.start(() => startControllers(controllersOf(options, services))),
    ]);
    const wanted = {
      rbac: index !== undefined,
      clientCaPem: options.clientCaPem,
      isLeader: () => leadership.isLeader,
      signal,
    };
    await persist('making the default objects', () => bootstrap(services, wanted));
  };
  return {
    ready: start(),
    close: async (): Promise<void> => {
      await leadership.close();
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function controllersOf(
  { controllers, rootCaPem }: ApiServerOptions,
  services: ControllerServices,
): readonly Controller[] {
  const switchable = [
    namespaceDeletion(services),
    namespaceFurniture(services, { rootCaPem }),
    roleAggregation(services),
  ];
  return [crdLifecycle(services), ...switchable.filter(({ name }) => controllers.includes(name))];
}
