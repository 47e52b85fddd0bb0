import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Cancellation, type CancelSignal } from '../../base/cancel.ts';
import type { Reply } from '../handlers/reply.ts';
import type { Logger } from './api-handler.ts';
import type { ApiRequest } from './api-request.ts';
import { clientIdentity } from './client-certificate.ts';
import { Connections } from './connections.ts';
import { H2Server } from './h2-server.ts';
import { Http1Response } from './http1-response.ts';
import { HTTP_LIMITS } from './limits.ts';
import { bodyReader } from './read-body.ts';
import { writeReply } from './write-reply.ts';

export interface ServeOptions {
  readonly handler: (request: ApiRequest) => Promise<Reply>;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Absent: plain HTTP/1.1, for tests and behind a proxy. PEM texts. Without `clientCa` no certificates are asked for. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  readonly logger: Logger;
  /** How long HTTP/1.1 request headers may take; default HTTP_LIMITS.headersTimeoutMs. */
  readonly headersTimeoutMs?: number;
  /** Ends the watches; called by close() before anything is drained. */
  readonly stop: () => void;
}

export interface ApiServer {
  readonly host: string;
  readonly port: number;
  /** Accepts nothing new, lets requests under way finish (for a bounded time), closes. */
  close(): Promise<void>;
}

/** Opens the socket of an API server: HTTP/2 and HTTP/1.1 by ALPN over TLS. Errors: what listen() gives (EADDRINUSE …). */
export async function serveApi(options: ServeOptions): Promise<ApiServer> {
  const connections = new Connections();
  const h2 = new H2Server(options);
  const http1 = http1Server(options, connections);
  const server: Server = options.tls === undefined ? http1 : tlsServer(options.tls, { connections, h2, http1 });
  server.on('connection', (socket: Socket) => {
    socket.setKeepAlive(true, HTTP_LIMITS.tcpKeepAliveMs);
    socket.setNoDelay(true);
    if (options.tls === undefined) connections.add(socket);
    else connections.handshake(socket);
  });
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    options.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.drain();
    const timer = setTimeout(() => {
      h2.destroy();
      connections.destroy();
    }, HTTP_LIMITS.drainTimeoutMs);
    await Promise.all([closed, h2.drain()]);
    clearTimeout(timer);
  };
  return { host: options.host, port, close: () => (closing ??= close()) };
}

function listening(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // A failed accept is the client's loss.
      resolve();
    });
  });
}

/** Bodies are read by whoever needs them, answers are written as bytes. */
function http1Server(options: ServeOptions, connections: Connections): HttpServer {
  const headersTimeout = options.headersTimeoutMs ?? HTTP_LIMITS.headersTimeoutMs;
  const limits = {
    maxHeaderSize: HTTP_LIMITS.maxHeaderBytes,
    headersTimeout,
    connectionsCheckingInterval: Math.min(HTTP_LIMITS.connectionsCheckMs, headersTimeout),
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
  };
  return createHttpServer(limits, (request, response) => {
    connections.count(request.socket, response);
    void exchange(options, request, response);
  });
}

function tlsServer(
  tls: { readonly key: string; readonly cert: string; readonly clientCa?: string },
  to: { readonly connections: Connections; readonly h2: H2Server; readonly http1: HttpServer },
): Server {
  const server = createTlsServer(
    {
      key: tls.key,
      cert: tls.cert,
      // Asked for but not demanded: tokens are as good, and a bad certificate is answered with 401 rather than a broken handshake.
      ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: HTTP_LIMITS.tlsHandshakeTimeoutMs,
    },
    (socket: TLSSocket) => {
      to.connections.secured(socket);
      if (socket.alpnProtocol === 'h2') to.h2.accept(socket);
      else {
        to.connections.add(socket);
        to.http1.emit('connection', socket);
      }
    },
  );
  // It never listens itself, which is when Node begins to look after the time that requests take.
  to.http1.emit('listening');
  server.on('close', () => to.http1.close());
  // Who breaks off the handshake or does not speak TLS.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

async function exchange(
  { handler, logger }: ServeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new Cancellation();
  response.on('close', () => gone.abort());
  // A socket that breaks tells so by closing; its error is of no further use.
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  try {
    const reply = await handler(apiRequest(request, gone));
    if (gone.aborted) return;
    const acceptEncoding = request.headers['accept-encoding'] as string | undefined;
    await writeReply(new Http1Response(response, gone), reply, { method: request.method ?? 'GET', acceptEncoding });
  } catch (error) {
    logger.error({ err: error, url: request.url }, 'an answer could not be written');
    response.destroy();
  }
}

function apiRequest(request: IncomingMessage, signal: CancelSignal): ApiRequest {
  const { certificate, bad } = clientIdentity(request.socket);
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    clientCertificate: certificate,
    badCertificate: bad,
    serverAddress: request.headers.host ?? '',
    signal,
    body: bodyReader(request, request.headers['content-length']),
  };
}
