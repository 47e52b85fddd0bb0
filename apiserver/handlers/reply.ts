import type { CancelSignal } from '../../base/cancel.ts';

/** Where a long answer is written: a socket with flow control. */
export interface Sink {
  /** False: the socket is full, wait for `drained` before more. */
  write(chunk: Buffer): boolean;
  /** Resolves when more may be written, or when the client is gone. */
  drained(): Promise<void>;
  /** Aborted when the client is gone. */
  readonly closed: CancelSignal;
  /** Drops the connection (HTTP/1.1) or the stream (HTTP/2). */
  destroy(): void;
}

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** An answer. `chunks` and `stream` are written past the HTTP framework. */
export type Reply =
  | { readonly type: 'bytes'; readonly status: number; readonly headers: Headers; readonly body: Buffer }
  | {
      readonly type: 'chunks';
      readonly status: number;
      readonly headers: Headers;
      /** Pieces of some size, each in parts. */
      readonly chunks: Iterable<readonly Buffer[]>;
      readonly sizeBytes: number;
    }
  /** Open-ended: the headers go out at once; ends when `run` resolves. */
  | {
      readonly type: 'stream';
      readonly status: number;
      readonly headers: Headers;
      readonly run: (sink: Sink) => Promise<void>;
    };

export function bytesReply(status: number, contentType: string, body: Buffer | string, headers: Headers = {}): Reply {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { type: 'bytes', status, headers: { 'content-type': contentType, ...headers }, body: bytes };
}

export const textReply = (status: number, text: string, headers: Headers = {}): Reply =>
  bytesReply(status, 'text/plain; charset=utf-8', text, { 'x-content-type-options': 'nosniff', ...headers });
