import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Registry } from 'prom-client';
import { ETCD_CLUSTER_VERSION, ETCD_SERVER_VERSION } from '../client/etcd-version.ts';
import type { KvClient } from '../client/kv-client.ts';
import { allowOrigin, type CorsOrigins } from './gateway/cors.ts';
import type { JsonGateway } from './gateway/gateway.ts';
import { type HealthCheck, healthReason, livenessChecks, readinessChecks } from './health-checks.ts';
import { HealthLog } from './health-log.ts';
import { foreignHostText } from './host-whitelist.ts';
import { RPC_LIMITS } from './limits.ts';
import type { Logger } from './logger.ts';
import type { RpcMetrics } from './metrics.ts';
import { asksForWebSocket } from './websocket/handshake.ts';
import { serveWebSocket } from './websocket/proxy.ts';

/** The plain HTTP side of the client port. */
export interface HttpTransport {
  accept(socket: Socket): void;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

type Route = (query: URLSearchParams) => Promise<Answer>;

const TEXT = 'text/plain; charset=utf-8';

export interface HttpOptions {
  readonly kv: KvClient;
  readonly registry: Registry;
  readonly metrics: RpcMetrics;
  readonly logger: Logger;
  /** The API as JSON and what browsers may call; without it there are only /metrics and the health checks. */
  readonly api?: {
    /** Without it there is no /v3. */
    readonly gateway: JsonGateway | undefined;
    readonly cors: CorsOrigins;
    readonly hostWhitelist: readonly string[] | undefined;
  };
}

/** /health, /livez, /readyz, /metrics and, with the API, /version and /v3, as etcd answers them. */
export function httpTransport(options: HttpOptions): HttpTransport {
  const { logger } = options;
  const routes = routesOf(options);
  const server = createServer((request, response) => {
    serve(routes, options, request, response).catch((error: unknown) => {
      logger.error({ path: request.url, error }, 'an HTTP request failed on a defect of the server');
      if (response.headersSent) response.destroy();
      else send(response, text(500, 'Internal Server Error\n'));
    });
  });
  server.requestTimeout = 0; // Bodies that stream have no end; each kind of request bounds its own.
  server.timeout = RPC_LIMITS.httpIdleTimeoutMs;
  server.on('upgrade', (request, socket, head) => {
    const { pathname = '/' } = URL.parse(request.url ?? '/', 'http://localhost') ?? {};
    const isOurs = foreignHostText(options.api?.hostWhitelist, request) === undefined;
    if (isOurs && options.api?.gateway?.owns(pathname) && asksForWebSocket(request))
      serveWebSocket(server, request, socket, head);
    else serveAsItIs(server, request, socket, head);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  return {
    accept: (socket) => {
      server.emit('connection', socket);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Another protocol is offered, not demanded: the request is read again without the offer. */
function serveAsItIs(server: Server, { method, url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (!/^(upgrade|connection|http2-settings)$/i.test(rawHeaders[i] ?? ''))
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function routesOf({ kv, registry, metrics, logger, api }: HttpOptions): ReadonlyMap<string, Route> {
  const versions = {
    etcdserver: ETCD_SERVER_VERSION,
    etcdcluster: ETCD_CLUSTER_VERSION,
    storage: ETCD_CLUSTER_VERSION,
  };
  const log = new HealthLog(logger);
  const version: Route = async () => ({
    status: 200,
    body: JSON.stringify(versions),
    contentType: 'application/json',
  });
  return new Map<string, Route>([
    ['/health', (query) => health(kv, query, metrics, log)],
    ...(api === undefined ? [] : ([['/version', version]] as const)),
    ['/metrics', async () => ({ status: 200, body: await registry.metrics(), contentType: registry.contentType })],
    ...checkRoutes('livez', livenessChecks(kv), metrics, log),
    ...checkRoutes('readyz', readinessChecks(kv), metrics, log),
  ]);
}

async function serve(
  routes: ReadonlyMap<string, Route>,
  { api, logger }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://localhost');
  const foreign = foreignHostText(api?.hostWhitelist, request);
  if (foreign !== undefined) {
    logger.warn({ host: request.headers.host }, 'rejecting HTTP request to prevent DNS rebinding attacks');
    return send(response, text(421, foreign));
  }
  if (api !== undefined) allowOrigin(api.cors, request, response);
  if (api !== undefined && request.method === 'OPTIONS') response.writeHead(200, { 'Content-Length': 0 }).end();
  else if (api?.gateway?.owns(url?.pathname ?? '')) await api.gateway.serve(url?.pathname ?? '', request, response);
  else send(response, await answer(routes, url, request));
}

async function answer(routes: ReadonlyMap<string, Route>, url: URL | null, request: IncomingMessage): Promise<Answer> {
  const route = url === null ? undefined : routes.get(url.pathname);
  if (url === null || route === undefined) return text(404, '404 page not found\n');
  // As etcd, whose metrics come from a handler that does not look: monitoring probes ask with HEAD.
  if (request.method !== 'GET' && url.pathname !== '/metrics') return text(405, 'Method Not Allowed\n');
  return route(url.searchParams);
}

async function health(kv: KvClient, query: URLSearchParams, metrics: RpcMetrics, log: HealthLog): Promise<Answer> {
  const serializable = query.get('serializable') === 'true';
  const excludedAlarms = new Set(query.getAll('exclude').filter((name) => name === 'NOSPACE' || name === 'CORRUPT'));
  const reason = await healthReason(kv, { serializable, excludedAlarms });
  metrics.health(reason === undefined);
  log.answered(['health', serializable ? 'serializable' : '', ...[...excludedAlarms].sort()].join('/'), reason);
  if (reason === undefined) return text(200, JSON.stringify({ health: 'true', reason: '' }));
  return text(503, `${JSON.stringify({ health: 'false', reason })}\n`);
}

/** The checks together under /type and each alone under /type/name. */
function checkRoutes(
  type: 'livez' | 'readyz',
  checks: readonly HealthCheck[],
  metrics: RpcMetrics,
  log: HealthLog,
): readonly (readonly [string, Route])[] {
  const run = async (wanted: readonly HealthCheck[], query: URLSearchParams): Promise<Answer> => {
    const results = await Promise.all(wanted.map(async ({ name, run }) => ({ name, failure: await run() })));
    for (const { name, failure } of results) {
      metrics.healthCheck(type, name, failure === undefined);
      log.answered(`${type}/${name}`, failure);
    }
    const lines = results.map(({ name, failure }) =>
      failure === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`,
    );
    if (results.every(({ failure }) => failure === undefined)) {
      return text(200, `${query.has('verbose') ? lines.join('') : ''}ok\n`);
    }
    return text(503, `${lines.join('')}\n`);
  };
  const all: Route = (query) => {
    const excluded = new Set(query.getAll('exclude'));
    return run(
      checks.filter(({ name }) => !excluded.has(name)),
      query,
    );
  };
  const alone = checks.map((check): readonly [string, Route] => [
    `/${type}/${check.name}`,
    (query) => run([check], query),
  ]);
  return [[`/${type}`, all], ...alone];
}

function text(status: number, body: string): Answer {
  return { status, body, contentType: TEXT };
}

function send(response: ServerResponse, { status, body, contentType }: Answer): void {
  const headers: Record<string, string | number> = {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
  };
  if (status === 405) headers['Allow'] = 'GET';
  response.writeHead(status, headers);
  response.end(body);
}
