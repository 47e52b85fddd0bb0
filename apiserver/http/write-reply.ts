import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { HANDLER_LIMITS } from '../handlers/limits.ts';
import type { Headers, Reply } from '../handlers/reply.ts';
import { type RawResponse, ResponseSink } from './response-sink.ts';

export interface ReplyContext {
  readonly method: string;
  readonly acceptEncoding: string | undefined;
  /** Aborted when the client is gone. */
  readonly closed: AbortSignal;
}

const compress = promisify(gzip);
/** Fast rather than small: the server's time costs more than the network. Source: apiserver writers.go. */
const GZIP = { level: 1 } as const;

/** Writes an answer to its socket and ends it; resolves when all is handed over. */
export async function writeReply(raw: RawResponse, reply: Reply, context: ReplyContext): Promise<void> {
  // ServerResponse and Http2ServerResponse agree on everything used here.
  const response = raw as ServerResponse;
  if (context.closed.aborted) return;
  switch (reply.type) {
    case 'bytes':
      return writeBytes(response, reply, context);
    case 'chunks':
      return writeChunks(response, reply, context);
    case 'stream': {
      response.writeHead(reply.status, headersOf(reply.headers));
      response.flushHeaders?.();
      await reply.run(new ResponseSink(raw, context.closed));
      if (!response.writableEnded) response.end();
    }
  }
}

async function writeBytes(
  response: ServerResponse,
  reply: Reply & { type: 'bytes' },
  context: ReplyContext,
): Promise<void> {
  const headers = headersOf(reply.headers);
  let { body } = reply;
  if (reply.status === 200 && body.length > HANDLER_LIMITS.gzipThresholdBytes && takesGzip(context, headers)) {
    body = await compress(body, GZIP);
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  }
  if (reply.status !== 304) headers['content-length'] = String(body.length);
  response.writeHead(reply.status, headers);
  response.end(context.method === 'HEAD' || reply.status === 304 ? undefined : body);
}

async function writeChunks(
  response: ServerResponse,
  reply: Reply & { type: 'chunks' },
  context: ReplyContext,
): Promise<void> {
  const headers = headersOf(reply.headers);
  const zipped = takesGzip(context, headers);
  if (zipped) {
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  } else headers['content-length'] = String(reply.sizeBytes);
  response.writeHead(reply.status, headers);
  if (context.method === 'HEAD') {
    response.end();
    return;
  }
  const sink = new ResponseSink(response, context.closed);
  if (zipped) await writeZipped(sink, reply.chunks, context.closed);
  else {
    for (const chunk of reply.chunks) {
      if (context.closed.aborted) return;
      if (!sink.write(chunk)) await sink.drained();
    }
  }
  response.end();
}

async function writeZipped(sink: ResponseSink, chunks: Iterable<Buffer>, closed: AbortSignal): Promise<void> {
  const zip = createGzip(GZIP);
  const feed = async (): Promise<void> => {
    for (const chunk of chunks) {
      if (closed.aborted) break;
      if (!zip.write(chunk)) await new Promise((resolve) => zip.once('drain', resolve));
    }
    zip.end();
  };
  const fed = feed();
  for await (const piece of zip as AsyncIterable<Buffer>) {
    if (!sink.write(piece)) await sink.drained();
  }
  await fed;
}

function takesGzip({ method, acceptEncoding }: ReplyContext, headers: Record<string, unknown>): boolean {
  const readable = method === 'GET' || method === 'HEAD';
  return (
    readable &&
    headers['content-encoding'] === undefined &&
    /(^|[\s,])gzip([\s,;]|$)/.test(acceptEncoding ?? '') &&
    !/gzip\s*;\s*q=0(\.0*)?(\s|,|$)/.test(acceptEncoding ?? '')
  );
}

const headersOf = (headers: Headers): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
