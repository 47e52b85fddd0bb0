import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { ClusterUnderTest } from '../workload.ts';
import { KUBE_LIMITS } from './limits.ts';

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What became of a call: an answer, or none. */
export type HttpResult =
  | { readonly type: 'answer'; readonly status: number; readonly body: string }
  /** `wasSent`: the server may have got it. */
  | { readonly type: 'failed'; readonly wasSent: boolean; readonly why: string };

/** How a streamed answer ended. */
export type StreamEnd =
  | { readonly type: 'ended' }
  /** It did not begin: the answer is a refusal. */
  | { readonly type: 'refused'; readonly status: number; readonly body: string }
  | { readonly type: 'failed'; readonly why: string };

/** Connections to API servers that present a client certificate. Kept open between calls; a dead one is noticed by the call that uses it. */
export class Transport {
  readonly #agent: Agent;

  constructor(credentials: NonNullable<ClusterUnderTest['credentials']>) {
    this.#agent = new Agent({ keepAlive: true, ...credentials });
  }

  /** One request and its whole answer, within its time. */
  exchange(call: HttpCall): Promise<HttpResult> {
    return new Promise((resolve) => {
      let wasSent = false;
      const done = (result: HttpResult): void => {
        clearTimeout(timer);
        resolve(result);
        handle.destroy();
      };
      const fail = (why: string): void => done({ type: 'failed', wasSent, why });
      const handle = this.#begin(call, {
        onSent: () => {
          wasSent = true;
        },
        onFailed: fail,
        onAnswer: (answer) =>
          readWhole(answer, (body) => done({ type: 'answer', status: answer.statusCode ?? 0, body }), fail),
      });
      const timer = setTimeout(() => fail(`no answer within ${call.timeoutMs} ms`), call.timeoutMs);
    });
  }

  /** One request whose answer is told line by line as it comes; `timeoutMs` bounds the whole of it. */
  lines(call: HttpCall, onLine: (line: string) => void): Promise<StreamEnd> {
    return new Promise((resolve) => {
      const done = (end: StreamEnd): void => {
        clearTimeout(timer);
        resolve(end);
        handle.destroy();
      };
      const fail = (why: string): void => done({ type: 'failed', why });
      const handle = this.#begin(call, {
        onSent: () => undefined,
        onFailed: fail,
        onAnswer: (answer) => {
          const status = answer.statusCode ?? 0;
          if (status === 200) readLines(answer, onLine, () => done({ type: 'ended' }), fail);
          else readWhole(answer, (body) => done({ type: 'refused', status, body }), fail);
        },
      });
      const timer = setTimeout(() => fail(`not ended within ${call.timeoutMs} ms`), call.timeoutMs);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #begin(
    { method, url, body, contentType, signal }: HttpCall,
    on: { onSent(): void; onFailed(why: string): void; onAnswer(answer: IncomingMessage): void },
  ): { destroy(): void } {
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: {
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    let incoming: IncomingMessage | undefined;
    const outgoing = request(url, options, (answer) => {
      incoming = answer;
      on.onAnswer(answer);
    });
    outgoing.on('socket', (socket) => {
      // Nothing leaves before the handshake is done: what fails until then has surely not been processed.
      if (socket.connecting) socket.once('secureConnect', () => on.onSent());
      else on.onSent();
    });
    outgoing.on('error', (error) => on.onFailed(error.message));
    outgoing.end(body);
    return {
      // A finished exchange has given its connection back to the agent; one under way is broken off.
      destroy: () => {
        if (incoming?.complete !== true) outgoing.destroy();
      },
    };
  }
}

function readWhole(answer: IncomingMessage, onEnd: (body: string) => void, onFailed: (why: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > KUBE_LIMITS.maxAnswerBytes) onFailed('the answer is too long');
  });
  onceOver(answer, () => onEnd(Buffer.concat(chunks).toString('utf8')), onFailed);
}

function readLines(
  answer: IncomingMessage,
  onLine: (line: string) => void,
  onEnd: () => void,
  onFailed: (why: string) => void,
): void {
  let rest: Buffer = Buffer.alloc(0);
  answer.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      onLine(rest.subarray(0, end).toString('utf8'));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > KUBE_LIMITS.maxLineBytes) onFailed('a line is too long');
  });
  onceOver(answer, onEnd, onFailed);
}

/** A connection that closes before the last chunk is a broken answer, not a short one. */
function onceOver(answer: IncomingMessage, onEnd: () => void, onFailed: (why: string) => void): void {
  answer.on('end', onEnd);
  answer.on('error', (error) => onFailed(error.message));
  answer.on('close', () => {
    if (!answer.complete) onFailed('the connection broke');
  });
}
