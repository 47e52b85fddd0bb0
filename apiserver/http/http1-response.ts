import type { ServerResponse } from 'node:http';
import type { CancelSignal } from '../../base/cancel.ts';
import type { Headers } from '../handlers/reply.ts';
import { HTTP_LIMITS } from './limits.ts';
import type { ResponseWriter } from './write-reply.ts';

/** An answer over HTTP/1.1. The queue in front of the socket is bounded by writers that heed `write`. */
export class Http1Response implements ResponseWriter {
  readonly #response: ServerResponse;
  readonly closed: CancelSignal;

  constructor(response: ServerResponse, closed: CancelSignal) {
    this.#response = response;
    this.closed = closed;
  }

  get isGone(): boolean {
    return this.closed.aborted;
  }

  head(status: number, headers: Headers): void {
    this.#response.writeHead(status, plain(headers));
    this.#response.flushHeaders();
  }

  whole(status: number, headers: Headers, body: Buffer | undefined): void {
    this.#response.writeHead(status, plain(headers));
    this.#response.end(body);
  }

  write(chunk: Buffer): boolean {
    if (this.isGone || this.#response.writableEnded || this.#response.destroyed) return true;
    return this.#response.write(chunk) || this.#response.writableLength < HTTP_LIMITS.writeHighWaterBytes;
  }

  writeParts(parts: readonly Buffer[]): boolean {
    return this.write(Buffer.concat(parts));
  }

  drained(): Promise<void> {
    if (this.isGone || this.#response.writableLength < HTTP_LIMITS.writeHighWaterBytes) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.#response.once('drain', done);
      this.closed.addEventListener('abort', done, { once: true });
    });
  }

  end(): void {
    if (!this.#response.writableEnded) this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }
}

const plain = (headers: Headers): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
