import { createGzip, gzip } from 'node:zlib';
import { HANDLER_LIMITS } from '../handlers/limits.ts';
import type { Headers, Reply, Sink } from '../handlers/reply.ts';

/** Where an answer is written, whatever the protocol. Header names are in lower case. */
export interface ResponseWriter extends Sink {
  readonly isGone: boolean;
  /** The status and headers of a body that follows. */
  head(status: number, headers: Headers): void;
  /** A whole answer; undefined: it has no body. */
  whole(status: number, headers: Headers, body: Buffer | undefined): void;
  /** A piece of a body that is in parts; as `write`. */
  writeParts(parts: readonly Buffer[]): boolean;
  end(): void;
}

export interface ReplyContext {
  readonly method: string;
  readonly acceptEncoding: string | undefined;
}

/** Fast rather than small: the server's time costs more than the network. Source: apiserver writers.go. */
const GZIP = { level: 1 } as const;
const GZIPPED: Headers = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' };

/** Writes an answer and ends it. The promise resolves when all is handed over; undefined: it is already. */
export function writeReply(response: ResponseWriter, reply: Reply, context: ReplyContext): Promise<void> | undefined {
  switch (reply.type) {
    case 'bytes':
      return writeBytes(response, reply, context);
    case 'chunks':
      return writeChunks(response, reply, context);
    case 'stream':
      response.head(reply.status, reply.headers);
      return reply.run(response).then(() => response.end());
  }
}

function writeBytes(
  response: ResponseWriter,
  reply: Reply & { type: 'bytes' },
  context: ReplyContext,
): Promise<void> | undefined {
  const { status, headers, body } = reply;
  const isLong = status === 200 && body.length > HANDLER_LIMITS.gzipThresholdBytes;
  const write = (bytes: Buffer, more: Headers): void => {
    const length: Headers = status === 304 ? {} : { 'content-length': String(bytes.length) };
    const isHidden = context.method === 'HEAD' || status === 304;
    response.whole(status, { ...headers, ...more, ...length }, isHidden ? undefined : bytes);
  };
  if (!isLong || !takesGzip(context, headers)) {
    write(body, {});
    return undefined;
  }
  return compress(body).then((zipped) => {
    if (!response.isGone) write(zipped, GZIPPED);
  });
}

function compress(body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(body, GZIP, (error, zipped) => (error === null ? resolve(zipped) : reject(error)));
  });
}

async function writeChunks(
  response: ResponseWriter,
  reply: Reply & { type: 'chunks' },
  context: ReplyContext,
): Promise<void> {
  const zipped = takesGzip(context, reply.headers);
  const more: Headers = zipped ? GZIPPED : { 'content-length': String(reply.sizeBytes) };
  const headers = { ...reply.headers, ...more };
  if (context.method === 'HEAD') {
    response.whole(reply.status, headers, undefined);
    return;
  }
  response.head(reply.status, headers);
  if (zipped) await writeZipped(response, reply.chunks);
  else {
    for (const chunk of reply.chunks) {
      if (response.isGone) return;
      if (!response.writeParts(chunk)) await response.drained();
    }
  }
  response.end();
}

async function writeZipped(response: ResponseWriter, chunks: Iterable<readonly Buffer[]>): Promise<void> {
  const zip = createGzip(GZIP);
  const feed = async (): Promise<void> => {
    for (const chunk of chunks) {
      if (response.isGone) break;
      if (!zip.write(Buffer.concat(chunk))) await new Promise((resolve) => zip.once('drain', resolve));
    }
    zip.end();
  };
  const fed = feed();
  for await (const piece of zip as AsyncIterable<Buffer>) {
    if (!response.write(piece)) await response.drained();
  }
  await fed;
}

function takesGzip({ method, acceptEncoding }: ReplyContext, headers: Headers): boolean {
  const readable = method === 'GET' || method === 'HEAD';
  return (
    readable &&
    acceptEncoding !== undefined &&
    headers['content-encoding'] === undefined &&
    /(^|[\s,])gzip([\s,;]|$)/.test(acceptEncoding) &&
    !/gzip\s*;\s*q=0(\.0*)?(\s|,|$)/.test(acceptEncoding)
  );
}
