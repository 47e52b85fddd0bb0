import { randomUUID } from 'node:crypto';
import type { CancelSignal } from '../../base/cancel.ts';
import type { Authenticator } from '../authn/authenticator.ts';
import type { AccessAttributes, Authorizer } from '../authz/authorizer.ts';
import { denial } from '../authz/denial.ts';
import { ApiError, internalError, methodNotAllowed, unauthorized } from '../errors.ts';
import { timeoutOf, underDeadline } from '../filters/deadline.ts';
import { type HealthChecks, health } from '../filters/health.ts';
import { impersonate } from '../filters/impersonation.ts';
import type { InFlight } from '../filters/in-flight.ts';
import type { RequestMetrics } from '../filters/metrics.ts';
import { requestInfo } from '../filters/request-info.ts';
import { Warnings } from '../filters/warnings.ts';
import { definitionOf, dispatch } from '../handlers/dispatch.ts';
import { bytesReply, type Headers, type Reply, textReply } from '../handlers/reply.ts';
import type { HandlerDeps } from '../handlers/resource-call.ts';
import type { RequestContext, RequestInfo, UserInfo } from '../request.ts';
import type { JsonObject } from '../scheme/json.ts';
import type { ApiRequest } from './api-request.ts';

/** What discovery, OpenAPI and their kin are asked; they answer undefined for paths that are not theirs. */
export interface DocumentRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly serverAddress: string;
}
export interface DocumentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export type DocumentSource = (
  request: DocumentRequest,
) => DocumentResponse | undefined | Promise<DocumentResponse | undefined>;

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ApiHandlerDeps extends HandlerDeps {
  /** The whole chain: answers `none` or `rejected` for 401. */
  readonly authenticator: Authenticator;
  readonly audiences: readonly string[];
  readonly authorizer: Authorizer;
  readonly inFlight: InFlight;
  readonly metrics: RequestMetrics;
  readonly health: HealthChecks;
  /** The document at /version. */
  readonly version: JsonObject;
  /** Asked in order for GETs that name no resource. */
  readonly documents: readonly DocumentSource[];
  readonly logger: Logger;
}

/** Makes the request path of an API server: from a request to its answer. It never throws. */
export function createApiHandler(deps: ApiHandlerDeps): (request: ApiRequest) => Promise<Reply> {
  return async (request) => {
    const startedMs = performance.now();
    const exchange = new Exchange(request);
    let reply: Reply;
    try {
      reply = await answer(deps, request, exchange);
    } catch (error) {
      reply = statusReply(asApiError(deps, error, exchange));
    }
    const seconds = (performance.now() - startedMs) / 1000;
    deps.metrics.answered(
      countable(deps, exchange.info),
      reply.status,
      seconds,
      exchange.query.get('dryRun') === 'All',
    );
    return decorate(reply, exchange);
  };
}

/** What is known of a request from the outset. */
class Exchange {
  readonly auditId: string;
  readonly query: URLSearchParams;
  readonly info: RequestInfo;
  readonly warnings = new Warnings();

  constructor(request: ApiRequest) {
    const given = request.headers['audit-id'];
    this.auditId = typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
    const mark = request.url.indexOf('?');
    this.query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1));
    this.info = requestInfo(request.method, mark < 0 ? request.url : request.url.slice(0, mark), this.query);
  }
}

async function answer(deps: ApiHandlerDeps, request: ApiRequest, exchange: Exchange): Promise<Reply> {
  const user = await authenticate(deps, request);
  const actor = await impersonate(user, request.headers, request.rawHeaders, deps.authorizer);
  const { info, query } = exchange;
  if (info.verb === 'watch')
    return watching(deps, info, await admitted(deps, request, exchange, actor, request.signal));
  const leave = enter(deps, info, actor);
  try {
    return await underDeadline(timeoutOf(query), request.signal, (signal) =>
      admitted(deps, request, exchange, actor, signal),
    );
  } finally {
    leave();
  }
}

async function authenticate(deps: ApiHandlerDeps, request: ApiRequest): Promise<UserInfo> {
  const { headers, clientCertificate } = request;
  const bearer = /^Bearer +(\S.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim();
  if (request.badCertificate && bearer === undefined) throw unauthorized();
  const result = await deps.authenticator.authenticate(
    { bearerToken: bearer, clientCertificate, headers },
    deps.audiences,
  );
  if (result.type === 'user') return result.user;
  if (result.type === 'rejected') deps.logger.info({ why: result.why }, 'credentials were refused');
  throw unauthorized();
}

/** Takes a place among the requests under way; system:masters are let in when all are taken. Errors: ApiError 429. */
function enter({ inFlight }: ApiHandlerDeps, info: RequestInfo, user: UserInfo): () => void {
  try {
    return inFlight.enter(info.isResourceRequest ? info.verb : 'get');
  } catch (error) {
    if (user.groups.includes('system:masters')) return () => undefined;
    throw error;
  }
}

/** Authorization, then the handler. */
async function admitted(
  deps: ApiHandlerDeps,
  request: ApiRequest,
  exchange: Exchange,
  user: UserInfo,
  signal: CancelSignal,
): Promise<Reply> {
  const { info, query, auditId, warnings } = exchange;
  await authorize(deps.authorizer, info, user);
  if (!info.isResourceRequest) return plain(deps, request, exchange);
  const userAgent = request.headers['user-agent'] ?? '';
  const warn = (text: string): void => warnings.add(text);
  const context: RequestContext = { info, user, query, userAgent, auditId, signal, warn };
  const { headers } = request;
  const definition = definitionOf(deps.catalog, info);
  if (definition === undefined) return textReply(404, '404 page not found\n');
  return dispatch({ deps, definition, context, headers, body: () => request.body() });
}

async function authorize(authorizer: Authorizer, info: RequestInfo, user: UserInfo): Promise<void> {
  const { verb, namespace, group, version, resource, subresource, name, path, isResourceRequest } = info;
  const attributes: AccessAttributes = {
    user,
    verb,
    resourceRequest: isResourceRequest,
    namespace,
    group,
    version,
    resource,
    subresource,
    name,
    path: isResourceRequest ? '' : path,
  };
  const { decision, reason } = await authorizer.authorize(attributes);
  if (decision !== 'allow') throw denial(attributes, reason);
}

/** Paths that name no resource. */
async function plain(deps: ApiHandlerDeps, request: ApiRequest, { info, query }: Exchange): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  const { path } = info;
  const healthy = await health(path, query, deps.health);
  if (healthy !== undefined) return healthy;
  if (path === '/version' || path === '/version/') {
    return bytesReply(200, 'application/json', JSON.stringify(deps.version, null, 2));
  }
  if (path === '/metrics') {
    const { registry } = deps.metrics;
    return bytesReply(200, registry.contentType, await registry.metrics());
  }
  const { accept, 'if-none-match': ifNoneMatch } = request.headers;
  for (const source of deps.documents) {
    const found = await source({ path, query, accept, ifNoneMatch, serverAddress: request.serverAddress });
    if (found !== undefined) return { type: 'bytes', ...found };
  }
  return textReply(404, '404 page not found\n');
}

/** Counts a watch as long as it lasts. */
function watching(deps: ApiHandlerDeps, info: RequestInfo, reply: Reply): Reply {
  if (reply.type !== 'stream') return reply;
  return {
    ...reply,
    run: async (sink) => {
      const ended = deps.metrics.watching(info);
      try {
        await reply.run(sink);
      } finally {
        ended();
      }
    },
  };
}

export function statusReply(error: ApiError): Reply {
  const retryAfter = error.details?.retryAfterSeconds;
  const headers: Headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return bytesReply(error.code, 'application/json', `${JSON.stringify(error.toStatus())}\n`, headers);
}

function asApiError(deps: ApiHandlerDeps, error: unknown, { auditId, info }: Exchange): ApiError {
  if (error instanceof ApiError) return error;
  deps.logger.error({ err: error, auditId, path: info.path, verb: info.verb }, 'a request failed unexpectedly');
  return internalError(`this request failed unexpectedly; the server's log has it under audit id ${auditId}`);
}

function decorate(reply: Reply, { auditId, warnings }: Exchange): Reply {
  const texts = warnings.headers();
  const headers: Headers = {
    'audit-id': auditId,
    'cache-control': 'no-cache, private',
    ...reply.headers,
    ...(texts.length === 0 ? {} : { warning: texts }),
  };
  return { ...reply, headers };
}

/** Paths of a client's own invention are counted together. */
function countable({ catalog }: ApiHandlerDeps, info: RequestInfo): RequestInfo {
  const definition = catalog.lookup(info.group, info.version, info.resource);
  if (info.isResourceRequest && definition !== undefined) {
    const known = info.subresource === '' || definition.subresources.some(({ name }) => name === info.subresource);
    return known ? info : { ...info, subresource: 'other' };
  }
  return {
    ...info,
    isResourceRequest: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    name: '',
    namespace: '',
  };
}
