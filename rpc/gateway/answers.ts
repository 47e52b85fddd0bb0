import type { ServerResponse } from 'node:http';
import type { CancelSignal } from '../../base/cancel.ts';
import { GrpcCode, type GrpcStatus } from '../../client/status.ts';
import { httpStatusOf, statusJson } from './http-status.ts';

/** One message as the whole answer. */
export function answerJson(response: ServerResponse, json: string): void {
  response.setHeader('Grpc-Metadata-Content-Type', 'application/grpc');
  end(response, 200, json);
}

/** A status as the whole answer. */
export function answerError(response: ServerResponse, status: GrpcStatus): void {
  if (status.code === GrpcCode.UNAUTHENTICATED) response.setHeader('WWW-Authenticate', headerText(status.text));
  end(response, httpStatusOf(status.code), statusJson(status));
}

function end(response: ServerResponse, status: number, json: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json) });
  response.end(json);
}

/** The answer of a method that streams: a line for each message. */
export class LineStream {
  readonly #response: ServerResponse;
  readonly #signal: CancelSignal;

  constructor(response: ServerResponse, signal: CancelSignal) {
    this.#response = response;
    this.#signal = signal;
  }

  /** Sends one message; resolves when the client has taken what is before it, or has gone. */
  async message(json: string): Promise<void> {
    if (this.#signal.aborted || this.#response.destroyed) return;
    if (!this.#response.headersSent) this.#response.setHeader('Grpc-Metadata-Content-Type', 'application/grpc');
    this.#start(200);
    if (!this.#response.write(`{"result":${htmlSafe(json)}}\n`)) await this.#drained();
  }

  /** Ends with a status, as the last line or, when there was none, as the answer. */
  fail(status: GrpcStatus): void {
    if (this.#response.destroyed) return;
    this.#start(httpStatusOf(status.code));
    this.#response.end(`{"error":${htmlSafe(statusJson(status))}}\n`);
  }

  end(): void {
    if (!this.#response.destroyed) this.#response.end();
  }

  #start(status: number): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(status, { 'Content-Type': 'application/json' });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#signal.removeEventListener('abort', done);
        resolve();
      };
      this.#response.on('drain', done);
      if (this.#signal.aborted) done();
      else this.#signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** In lines, the gateway of etcd writes text so that it can stand in HTML. */
function htmlSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
