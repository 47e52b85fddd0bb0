import type { Readable, Writable } from 'node:stream';
import type { PeerCertificate } from 'node:tls';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { concatBytes } from '../base/bytes.ts';
import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import { GrpcCode, type GrpcStatus } from '../client/status.ts';
import { commonNameIn } from './certificate-name.ts';
import { failedCallStatus, type GrpcTransport, type GrpcTransportOptions } from './grpc-transport.ts';
import { RPC_LIMITS } from './limits.ts';
import type { Logger } from './logger.ts';
import type { MethodMetrics } from './method-counts.ts';
import type { Binding, CallContext, ResponseStream } from './service.ts';

/** What the three kinds of calls have in common. */
interface Call {
  readonly cancelled: boolean;
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate };
  on(event: 'cancelled', listener: () => void): unknown;
}

/** gRPC by @grpc/grpc-js: framing, flow control, deadlines. Messages pass through as bytes. */
export function grpcJsTransport(bindings: readonly Binding[], options: GrpcTransportOptions): GrpcTransport {
  const { metrics, logger, connections } = options;
  const isPinged = connections.keepaliveTimeMs > 0;
  const server = new Server({
    'grpc.max_receive_message_length': RPC_LIMITS.maxCollectedBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': connections.maxStreams,
    ...(isPinged ? { 'grpc.keepalive_time_ms': connections.keepaliveTimeMs } : {}),
    'grpc.keepalive_timeout_ms': connections.keepaliveTimeoutMs,
    'grpc.enable_channelz': 0,
  });
  for (const binding of bindings) register(server, binding, metrics.of(binding), logger);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    close: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
      }),
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

function register(server: Server, binding: Binding, metrics: MethodMetrics, logger: Logger): void {
  const failed = (error: unknown, signal: CancelSignal, startedMs: number): GrpcStatus => {
    const status = failedCallStatus(binding.path, error, signal.aborted, logger);
    metrics.handled(status.code, startedMs);
    return status;
  };
  switch (binding.type) {
    case 'unary': {
      const handle = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
        const context = contextOf(call);
        const startedMs = metrics.started();
        metrics.received(call.request.length);
        binding.call(call.request, context).then(
          (bytes) => {
            metrics.sent(bytes.length);
            metrics.handled(GrpcCode.OK, startedMs);
            answer(null, asBuffer(bytes));
          },
          (error: unknown) => {
            const { code, text } = failed(error, context.signal, startedMs);
            answer({ code, details: text });
          },
        );
      };
      server.register(binding.path, handle, asIs, asIs, 'unary');
      return;
    }
    case 'server-stream': {
      const handle = (call: ServerWritableStream<Buffer, Buffer>): void => {
        const context = contextOf(call);
        const startedMs = metrics.started();
        metrics.received(call.request.length);
        const running = binding.call(call.request, responsesTo(call, context.signal, metrics), context);
        finish(running, call, {
          ended: () => metrics.handled(GrpcCode.OK, startedMs),
          failed: (error) => failed(error, context.signal, startedMs),
        });
      };
      server.register(binding.path, handle, asIs, asIs, 'serverStream');
      return;
    }
    case 'bidi': {
      const handle = (call: ServerDuplexStream<Buffer, Buffer>): void => {
        const context = contextOf(call);
        const startedMs = metrics.started();
        const requests = requestsFrom(call, context.signal, metrics);
        const running = binding.call(requests, responsesTo(call, context.signal, metrics), context);
        finish(running, call, {
          ended: () => metrics.handled(GrpcCode.OK, startedMs),
          failed: (error) => failed(error, context.signal, startedMs),
        });
      };
      server.register(binding.path, handle, asIs, asIs, 'bidi');
      return;
    }
  }
}

function finish(
  running: Promise<void>,
  call: Writable,
  { ended, failed }: { readonly ended: () => void; readonly failed: (error: unknown) => GrpcStatus },
): void {
  running.then(
    () => {
      ended();
      call.end();
    },
    (error: unknown) => {
      const { code, text } = failed(error);
      // grpc-js makes the status out of an `error` event's code and details.
      call.emit('error', Object.assign(new StoreError('UNKNOWN', text), { code, details: text }));
    },
  );
}

function contextOf(call: Call): CallContext {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort());
  if (call.cancelled) abort.abort();
  const deadline = call.getDeadline();
  const deadlineMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return {
    signal: abort.signal,
    ...(deadlineMs === Number.POSITIVE_INFINITY ? {} : { timeoutMs: Math.max(0, deadlineMs - Date.now()) }),
    get certificateName() {
      return commonNameIn(call.getAuthContext().sslPeerCertificate);
    },
    metadata: (key) => {
      const value = call.metadata.get(key)[0];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

function responsesTo(call: Writable, signal: CancelSignal, metrics: MethodMetrics): ResponseStream<Uint8Array> {
  return {
    write: (response, tail) => {
      if (signal.aborted || call.writableEnded) return undefined;
      const bytes = tail === undefined ? response : concatBytes([response, tail]);
      metrics.sent(bytes.length);
      return call.write(asBuffer(bytes)) ? undefined : untilDrained(call, signal);
    },
  };
}

/** A cancelled call never drains. */
function untilDrained(call: Writable, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

/** The client's messages until it closes its half; ends early when the call is cancelled. */
async function* requestsFrom(call: Readable, signal: CancelSignal, metrics: MethodMetrics): AsyncGenerator<Uint8Array> {
  let wake: (() => void) | undefined;
  let ended = false;
  const onReadable = (): void => wake?.();
  const onEnd = (): void => {
    ended = true;
    wake?.();
  };
  call.on('readable', onReadable);
  call.on('end', onEnd);
  signal.addEventListener('abort', onEnd, { once: true });
  while (!ended) {
    const message: Buffer | null = call.read();
    if (message !== null) {
      metrics.received(message.length);
      yield message;
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
