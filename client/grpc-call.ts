import type { Client, Metadata, ServiceError } from '@grpc/grpc-js';
import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import type { Method } from '../proto/method.ts';
import type { CallOptions } from './kv-client.ts';
import { storeErrorOf } from './status.ts';

/** A failed call, and whether the server can have seen it. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly grpcCode: number;
  readonly storeError: StoreError;
  /** True when the request never left this process or was refused unprocessed: repeating a write is then safe. */
  readonly notSent: boolean;

  constructor(error: ServiceError) {
    super(error.details);
    this.grpcCode = error.code;
    this.storeError = storeErrorOf(error.code, error.details);
    this.notSent = NOT_SENT.test(error.details);
  }
}

/** What @grpc/grpc-js says when a call found no connection, or came back refused before any handler saw it. */
const NOT_SENT =
  /No connection established|Name resolution failed|Stream refused by server|Channel closed before call started/;

/** The wire's request as a Buffer without copying. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** One unary call on one channel. Errors: CallError. */
export function callUnary<Request, Response>(
  channel: Client,
  method: Method<Request, Response>,
  request: Request,
  options: { readonly metadata: Metadata; readonly deadline: Date; readonly signal: CancelSignal | undefined },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const onAbort = (): void => call.cancel();
    const call = channel.makeUnaryRequest<Request, Response>(
      method.path,
      (message) => asBuffer(method.encodeRequest(message)),
      method.decodeResponse,
      request,
      options.metadata,
      { deadline: options.deadline },
      (error, response) => {
        signal?.removeEventListener('abort', onAbort);
        if (error) reject(new CallError(error));
        else if (response === undefined) reject(new StoreError('INTERNAL', 'a call ended without response or error'));
        else resolve(response);
      },
    );
    if (signal?.aborted) call.cancel();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** One request and one response on a two-way stream, as a lease is kept alive. Errors: CallError. */
export function callOnce<Request, Response>(
  channel: Client,
  method: Method<Request, Response>,
  request: Request,
  options: { readonly metadata: Metadata; readonly deadline: Date; readonly signal: CancelSignal | undefined },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const call = channel.makeBidiStreamRequest<Request, Response>(
      method.path,
      (message) => asBuffer(method.encodeRequest(message)),
      method.decodeResponse,
      options.metadata,
      { deadline: options.deadline },
    );
    const onAbort = (): void => call.cancel();
    if (signal?.aborted) call.cancel();
    else signal?.addEventListener('abort', onAbort, { once: true });
    call.on('error', (error: ServiceError) => {
      signal?.removeEventListener('abort', onAbort);
      reject(new CallError(error));
    });
    call.on('end', () => {
      signal?.removeEventListener('abort', onAbort);
      reject(new StoreError('UNKNOWN', 'the stream ended without a response'));
    });
    call.once('data', (response: Response) => {
      resolve(response);
      call.end();
    });
    call.write(request);
  });
}

/** The responses of a call that answers with a stream, as fast as they are taken; leaving the loop cancels it. Errors: CallError. */
export async function* responsesOf<Request, Response>(
  channel: Client,
  method: Method<Request, Response>,
  request: Request,
  options: {
    readonly metadata: Metadata;
    readonly deadline: Date | undefined;
    readonly signal: CancelSignal | undefined;
  },
): AsyncGenerator<Response, void> {
  const { signal, deadline } = options;
  const call = channel.makeServerStreamRequest<Request, Response>(
    method.path,
    (message) => asBuffer(method.encodeRequest(message)),
    method.decodeResponse,
    request,
    options.metadata,
    deadline === undefined ? {} : { deadline },
  );
  const onAbort = (): void => call.cancel();
  if (signal?.aborted) call.cancel();
  else signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const response of call) yield response as Response;
  } catch (error) {
    throw isServiceError(error) ? new CallError(error) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    call.cancel(); // nothing happens when it has ended
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

/** The absolute end of a call that may take `timeoutMs` from now. */
export function deadlineOf(options: CallOptions | undefined, defaultTimeoutMs: number): Date {
  return new Date(Date.now() + (options?.timeoutMs ?? defaultTimeoutMs));
}
