import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import type { Method } from '../proto/method.ts';
import type { Channel } from './channel.ts';
import { type CallEnd, GrpcStream, type Metadata } from './grpc-stream.ts';
import type { CallOptions } from './kv-client.ts';
import { GrpcCode, storeErrorOf } from './status.ts';

/** A failed call, and whether the server can have seen it. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly grpcCode: number;
  readonly storeError: StoreError;
  /** True when the request never left this process or was refused unprocessed: repeating a write is then safe. */
  readonly notSent: boolean;

  constructor({ code, text, isUnprocessed }: CallEnd) {
    super(text);
    this.grpcCode = code;
    this.storeError = storeErrorOf(code, text);
    this.notSent = isUnprocessed;
  }
}

/** What every call is made with. */
export interface CallContext {
  readonly metadata: Metadata;
  /** Absolute, in milliseconds. */
  readonly deadlineMs: number | undefined;
  readonly signal: CancelSignal | undefined;
}

/** One unary call on one channel. Errors: CallError. */
export function callUnary<Request, Response>(
  channel: Channel,
  method: Method<Request, Response>,
  request: Request,
  context: CallContext,
): Promise<Response> {
  return oneAnswer(channel, method, request, context, { isLast: true });
}

/** One request and one response on a two-way stream, as a lease is kept alive. Errors: CallError. */
export function callOnce<Request, Response>(
  channel: Channel,
  method: Method<Request, Response>,
  request: Request,
  context: CallContext,
): Promise<Response> {
  return oneAnswer(channel, method, request, context, { isLast: false });
}

function oneAnswer<Request, Response>(
  channel: Channel,
  method: Method<Request, Response>,
  request: Request,
  { metadata, deadlineMs, signal }: CallContext,
  { isLast }: { readonly isLast: boolean },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let answer: { readonly response: Response } | undefined;
    const onAbort = (): void => stream.cancel();
    const stream = new GrpcStream(
      channel,
      { path: method.path, metadata, deadlineMs },
      {
        onMessage: (message) => {
          if (answer !== undefined) return;
          try {
            answer = { response: method.decodeResponse(message) };
          } catch (error) {
            reject(new StoreError('INTERNAL', `a response cannot be read: ${String(error)}`));
            stream.cancel();
            return;
          }
          if (isLast) return;
          // The one answer is here: what the server says at the end is of no interest.
          resolve(answer.response);
          stream.end();
        },
        onEnd: (end) => {
          signal?.removeEventListener('abort', onAbort);
          if (end.code !== GrpcCode.OK) reject(new CallError(end));
          else if (answer === undefined) reject(new CallError({ ...end, code: GrpcCode.UNKNOWN, text: NO_RESPONSE }));
          else resolve(answer.response);
        },
      },
    );
    if (signal?.aborted) stream.cancel();
    else signal?.addEventListener('abort', onAbort, { once: true });
    stream.send(method.encodeRequest(request), isLast);
    stream.start();
  });
}

const NO_RESPONSE = 'the call ended without a response';

/** The responses of a call that answers with a stream, as fast as they are taken; leaving the loop cancels it. Errors: CallError. */
export async function* responsesOf<Request, Response>(
  channel: Channel,
  method: Method<Request, Response>,
  request: Request,
  { metadata, deadlineMs, signal }: CallContext,
): AsyncGenerator<Response, void> {
  const messages: Uint8Array[] = [];
  let end: CallEnd | undefined;
  let wake: (() => void) | undefined;
  const stream = new GrpcStream(
    channel,
    { path: method.path, metadata, deadlineMs },
    {
      onMessage: (message) => {
        messages.push(message);
        wake?.();
      },
      onEnd: (how) => {
        end = how;
        wake?.();
      },
    },
  );
  const onAbort = (): void => stream.cancel();
  if (signal?.aborted) stream.cancel();
  else signal?.addEventListener('abort', onAbort, { once: true });
  try {
    stream.send(method.encodeRequest(request), true);
    stream.start();
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) {
        stream.taken(message.length);
        yield method.decodeResponse(message);
      } else if (end !== undefined) {
        if (end.code !== GrpcCode.OK) throw new CallError(end);
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.cancel(); // nothing happens when it has ended
  }
}

/** The absolute end, in milliseconds, of a call that may take `timeoutMs` from now. */
export function deadlineOf(options: CallOptions | undefined, defaultTimeoutMs: number): number {
  return Date.now() + (options?.timeoutMs ?? defaultTimeoutMs);
}
