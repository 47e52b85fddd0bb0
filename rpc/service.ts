import { EMPTY_BYTES } from '../base/bytes.ts';
import type { CancelSignal } from '../base/cancel.ts';
import type { CallOptions } from '../client/kv-client.ts';
import { GrpcCode } from '../client/status.ts';
import type { Method } from '../proto/method.ts';
import { WireError } from '../proto/wire.ts';
import { RpcError } from './errors.ts';
import { RPC_LIMITS } from './limits.ts';

/** What a service sees of one call, whatever transport brought it. `timeoutMs` is there when the caller set a deadline. */
export interface CallContext extends CallOptions {
  /** Fires when nobody waits for the call any more: cancelled, past its deadline, or its connection gone. */
  readonly signal: CancelSignal;
  /** The common name in the certificate that the client has shown and that was verified. */
  readonly certificateName?: string | undefined;
  /** The first value of an ASCII metadata key, lower case. */
  metadata(key: string): string | undefined;
}

/** Where a streaming method puts its responses. */
export interface ResponseStream<Response> {
  /**
   * Sends one response. Nothing more must be sent before the promise resolves; without one the transport wants more at once. `tail`: the
   * bytes that the response ends in, when many share them.
   */
  write(response: Response, tail?: Uint8Array): Promise<void> | undefined;
}

/**
 * One method as transports serve it: bytes in, bytes out, without gRPC's framing. Failures are thrown; `wireStatusOf` says
 * what they look like. A stream that returns has ended well.
 */
export type Binding = Served & {
  /** A request beyond this is refused with RESOURCE_EXHAUSTED; DEFAULT_MAX_MESSAGE_BYTES unless given. */
  readonly maxMessageBytes?: number;
};

/** What etcd takes at its default --max-request-bytes. */
export const DEFAULT_MAX_MESSAGE_BYTES = RPC_LIMITS.maxRequestBytes + RPC_LIMITS.grpcOverheadBytes;

/** The refusal of a message that is longer than allowed, in grpc-go's words. */
export function messageTooLarge(sizeBytes: number, maxBytes: number): RpcError {
  return new RpcError(
    GrpcCode.RESOURCE_EXHAUSTED,
    `grpc: received message larger than max (${sizeBytes} vs. ${maxBytes})`,
  );
}

type Served =
  | {
      readonly type: 'unary';
      readonly path: string;
      readonly call: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>;
    }
  | {
      readonly type: 'server-stream';
      readonly path: string;
      readonly call: (
        request: Uint8Array,
        responses: ResponseStream<Uint8Array>,
        context: CallContext,
      ) => Promise<void>;
    }
  | {
      readonly type: 'bidi';
      readonly path: string;
      readonly call: (
        requests: AsyncIterable<Uint8Array>,
        responses: ResponseStream<Uint8Array>,
        context: CallContext,
      ) => Promise<void>;
    };

/** Binds a method of one request and one response. */
export function unary<Request, Response>(
  method: Method<Request, Response>,
  serve: (request: Request, context: CallContext, sizeBytes: number) => Promise<Response>,
): Binding {
  return {
    type: 'unary',
    path: method.path,
    call: (bytes, context) => {
      try {
        return serve(method.decodeRequest(bytes), context, bytes.length).then(method.encodeResponse);
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}

/** Binds a method that answers one request with a stream. */
export function serverStream<Request, Response>(
  method: Method<Request, Response>,
  serve: (request: Request, responses: ResponseStream<Response>, context: CallContext) => Promise<void>,
): Binding {
  return {
    type: 'server-stream',
    path: method.path,
    call: async (bytes, responses, context) =>
      serve(decodeStreamed(method, bytes), encoding(method, responses), context),
  };
}

/** Binds a method with a stream each way. */
export function bidi<Request, Response>(
  method: Method<Request, Response>,
  serve: (requests: AsyncIterable<Request>, responses: ResponseStream<Response>, context: CallContext) => Promise<void>,
): Binding {
  return {
    type: 'bidi',
    path: method.path,
    call: (requests, responses, context) => serve(decoding(method, requests), encoding(method, responses), context),
  };
}

/** Binds a method to a refusal. */
export function refused(
  method: Pick<Method<unknown, unknown>, 'path' | 'requestStream' | 'responseStream'>,
  error: () => RpcError,
): Binding {
  const { path } = method;
  if (method.requestStream) {
    return { type: 'bidi', path, call: () => Promise.reject(error()) };
  }
  if (method.responseStream) return { type: 'server-stream', path, call: () => Promise.reject(error()) };
  return { type: 'unary', path, call: () => Promise.reject(error()).then(() => EMPTY_BYTES) };
}

/** The requests of a stream. Errors: what is malformed, in grpc-go's words. */
export function decoding<Request, Response>(
  method: Method<Request, Response>,
  requests: AsyncIterable<Uint8Array>,
): AsyncIterable<Request> {
  return {
    [Symbol.asyncIterator]: () => {
      const messages = requests[Symbol.asyncIterator]();
      return {
        // Not a generator, which would cost three promises more for each request.
        next: async () => {
          const { done, value } = await messages.next();
          return done ? { done, value: undefined } : { done: false, value: decodeStreamed(method, value) };
        },
        return: async () => {
          await messages.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** grpc-go has other words for what is malformed on a stream. */
function decodeStreamed<Request, Response>(method: Method<Request, Response>, bytes: Uint8Array): Request {
  try {
    return method.decodeRequest(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new RpcError(GrpcCode.INTERNAL, `grpc: failed to unmarshal the received message: ${error.message}`);
  }
}

function encoding<Request, Response>(
  method: Method<Request, Response>,
  responses: ResponseStream<Uint8Array>,
): ResponseStream<Response> {
  return { write: (response) => responses.write(method.encodeResponse(response)) };
}
