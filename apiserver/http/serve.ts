import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { fastify } from 'fastify';
import type { Reply } from '../handlers/reply.ts';
import type { Logger } from './api-handler.ts';
import type { ApiRequest } from './api-request.ts';
import { clientIdentity } from './client-certificate.ts';
import { Connections } from './connections.ts';
import { HTTP_LIMITS } from './limits.ts';
import { bodyReader } from './read-body.ts';
import type { RawResponse } from './response-sink.ts';
import { writeReply } from './write-reply.ts';

export interface ServeOptions {
  readonly handler: (request: ApiRequest) => Promise<Reply>;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Absent: plain HTTP/1.1, for tests and behind a proxy. PEM texts. Without `clientCa` no certificates are asked for. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  readonly logger: Logger;
  /** Ends the watches; called by close() before anything is drained. */
  readonly stop: () => void;
}

export interface ApiServer {
  readonly host: string;
  readonly port: number;
  /** Accepts nothing new, lets requests under way finish (for a bounded time), closes. */
  close(): Promise<void>;
}

type RawRequest = IncomingMessage | Http2ServerRequest;

/** Opens the socket of an API server: HTTP/2 and HTTP/1.1 by ALPN over TLS. Errors: what listen() gives (EADDRINUSE …). */
export async function serveApi(options: ServeOptions): Promise<ApiServer> {
  const app = options.tls === undefined ? plainApp() : tlsApp(options.tls);
  // Everything is answered here: bodies are read by whoever needs them, answers are written as bytes.
  app.addHook('onRequest', async (request, reply) => {
    reply.hijack();
    await exchange(options, request.raw as RawRequest, reply.raw as RawResponse);
  });
  app.route({ method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '*', handler: () => undefined });
  const server = app.server as unknown as Server;
  const connections = new Connections(server, options.tls !== undefined);
  await app.listen({ host: options.host, port: options.port, backlog: 1024 });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    options.stop();
    const closed = app.close();
    connections.drain();
    const timer = setTimeout(() => connections.destroy(), HTTP_LIMITS.drainTimeoutMs);
    await closed;
    clearTimeout(timer);
  };
  return { host: options.host, port, close: () => (closing ??= close()) };
}

const COMMON = {
  logger: false,
  keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
  requestTimeout: HTTP_LIMITS.requestTimeoutMs,
  // An idle connection would hold close() up; one with a request is let finish.
  forceCloseConnections: 'idle',
} as const;

function plainApp() {
  return fastify({
    ...COMMON,
    http: { maxHeaderSize: HTTP_LIMITS.maxHeaderBytes, headersTimeout: HTTP_LIMITS.headersTimeoutMs },
  });
}

function tlsApp(tls: { readonly key: string; readonly cert: string; readonly clientCa?: string }) {
  const app = fastify({
    ...COMMON,
    forceCloseConnections: false,
    http2: true,
    https: {
      key: tls.key,
      cert: tls.cert,
      // Asked for but not demanded: tokens are as good, and a bad certificate is answered with 401 rather than a broken handshake.
      ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
      allowHTTP1: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HTTP_LIMITS.tlsHandshakeTimeoutMs,
      maxSessionMemory: HTTP_LIMITS.maxSessionMemoryMb,
      settings: {
        maxConcurrentStreams: HTTP_LIMITS.maxConcurrentStreams,
        initialWindowSize: HTTP_LIMITS.initialWindowBytes,
      },
    },
  });
  return app as unknown as ReturnType<typeof plainApp>;
}

async function exchange({ handler, logger }: ServeOptions, request: RawRequest, response: RawResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  // A socket that breaks tells so by closing; its error is of no further use.
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  try {
    const reply = await handler(apiRequest(request, gone.signal));
    const acceptEncoding = headerText(request.headers['accept-encoding']);
    await writeReply(response, reply, { method: request.method ?? 'GET', acceptEncoding, closed: gone.signal });
  } catch (error) {
    logger.error({ err: error, url: request.url }, 'an answer could not be written');
    response.destroy();
  }
}

function apiRequest(request: RawRequest, signal: AbortSignal): ApiRequest {
  const session = 'stream' in request ? request.stream.session : undefined;
  const { certificate, bad } = clientIdentity(request.socket as Socket, session ?? request.socket);
  const authority = 'authority' in request ? request.authority : undefined;
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    clientCertificate: certificate,
    badCertificate: bad,
    serverAddress: request.headers.host ?? authority ?? '',
    signal,
    body: bodyReader(request, request.headers['content-length']),
  };
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;
