import type { Readable } from 'node:stream';
import { badRequest, tooLarge } from '../errors.ts';
import { HTTP_LIMITS } from './limits.ts';

export const TOO_LARGE = `Request entity too large: limit is ${HTTP_LIMITS.maxBodyBytes}`;

/** The whole body of a request, read when first asked for. Errors: ApiError 413 over the limit, 400 when the client breaks off. */
export function bodyReader(stream: Readable, contentLength: string | undefined): () => Promise<Buffer> {
  let body: Promise<Buffer> | undefined;
  return () => {
    body ??=
      Number(contentLength ?? 0) > HTTP_LIMITS.maxBodyBytes ? Promise.reject(tooLarge(TOO_LARGE)) : collect(stream);
    return body;
  };
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > HTTP_LIMITS.maxBodyBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw badRequest('the request was broken off before its body was complete');
  }
  if (sizeBytes > HTTP_LIMITS.maxBodyBytes) throw tooLarge(TOO_LARGE);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, sizeBytes);
}
