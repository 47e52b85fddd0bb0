import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Sink } from '../handlers/reply.ts';
import { HTTP_LIMITS } from './limits.ts';

export type RawResponse = ServerResponse | Http2ServerResponse;

/** A Sink over a response. The queue in front of the socket is bounded by writers that heed `write`. */
export class ResponseSink implements Sink {
  readonly #response: ServerResponse;
  readonly closed: AbortSignal;

  constructor(response: RawResponse, closed: AbortSignal) {
    // The two types share all that is used here, but not their overloads.
    this.#response = response as ServerResponse;
    this.closed = closed;
  }

  write(chunk: Buffer): boolean {
    if (this.closed.aborted || this.#response.writableEnded || this.#response.destroyed) return true;
    return this.#response.write(chunk) || this.#response.writableLength < HTTP_LIMITS.writeHighWaterBytes;
  }

  drained(): Promise<void> {
    if (this.closed.aborted || this.#response.writableLength < HTTP_LIMITS.writeHighWaterBytes)
      return Promise.resolve();
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

  destroy(): void {
    const stream = (this.#response as unknown as Http2ServerResponse).stream;
    if (stream !== undefined) stream.close();
    else this.#response.destroy();
  }
}
