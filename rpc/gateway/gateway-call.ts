import type { IncomingMessage, ServerResponse } from 'node:http';
import { concatBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { GrpcCode, type GrpcStatus, statusOf } from '../../client/status.ts';
import type { JsonMethod } from '../../proto/json-fields.ts';
import { RpcError } from '../errors.ts';
import { failedCallStatus } from '../grpc-transport.ts';
import type { Logger } from '../logger.ts';
import type { MethodMetrics } from '../method-counts.ts';
import type { Binding, ResponseStream } from '../service.ts';
import { answerError, answerJson, LineStream } from './answers.ts';
import { JsonSyntaxError } from './json-scanner.ts';
import { JsonValueError, messageFromJson } from './json-to-wire.ts';
import { jsonValues } from './json-values.ts';
import { GATEWAY_LIMITS } from './limits.ts';
import type { OpenCall } from './open-call.ts';
import { jsonFromMessage } from './wire-to-json.ts';

/** A method and who serves it. */
export interface Route {
  readonly method: JsonMethod;
  readonly binding: Binding;
  readonly metrics: MethodMetrics;
}

/** One call: JSON in, the binding's bytes, JSON out. */
export class GatewayCall {
  readonly #route: Route;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #call: OpenCall;
  readonly #lines: LineStream;

  constructor(route: Route, request: IncomingMessage, response: ServerResponse, call: OpenCall) {
    this.#route = route;
    this.#request = request;
    this.#response = response;
    this.#call = call;
    this.#lines = new LineStream(response, call.context.signal);
  }

  async serve(logger: Logger): Promise<void> {
    const { metrics } = this.#route;
    const startedMs = metrics.started();
    try {
      await this.#run();
      metrics.handled(GrpcCode.OK, startedMs);
    } catch (error) {
      const status = this.#statusOf(error, logger);
      metrics.handled(status.code, startedMs);
      this.#neverReuseUnreadConnection();
      if (this.#isStreaming) this.#lines.fail(status);
      else answerError(this.#response, status);
    } finally {
      this.#call.close();
    }
  }

  #statusOf(error: unknown, logger: Logger): GrpcStatus {
    if (this.#call.isExpired()) return statusOf(new StoreError('DEADLINE_EXCEEDED'));
    return failedCallStatus(this.#route.binding.path, error, this.#call.isAbandoned(), logger);
  }

  /** Whether what goes wrong is told in the form of streams: once a method that streams has its request. */
  #isStreaming = false;

  async #run(): Promise<void> {
    const { binding } = this.#route;
    const { context } = this.#call;
    switch (binding.type) {
      case 'unary': {
        const bytes = await binding.call(await this.#oneRequest(), context);
        this.#route.metrics.sent(bytes.length);
        answerJson(this.#response, jsonFromMessage(this.#route.method.response, bytes));
        return;
      }
      case 'server-stream': {
        const request = await this.#oneRequest();
        this.#isStreaming = true;
        await binding.call(request, this.#responses(), context);
        break;
      }
      case 'bidi':
        this.#isStreaming = true;
        this.#request.socket.setTimeout(0);
        await binding.call(this.#requests(), this.#responses(), context);
    }
    if (this.#call.isExpired()) throw new StoreError('DEADLINE_EXCEEDED');
    this.#lines.end();
  }

  /** The first value of the body; an empty body is an empty message. */
  async #oneRequest(): Promise<Uint8Array> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#request.destroy();
    }, GATEWAY_LIMITS.bodyTimeoutMs);
    try {
      const { done, value } = await jsonValues(this.#body()).next();
      const bytes = done ? EMPTY_BYTES : messageFromJson(this.#route.method.request, value);
      this.#route.metrics.received(bytes.length);
      // From here on, silence is the answer that takes its time.
      this.#request.socket.setTimeout(0);
      return bytes;
    } catch (error) {
      if (late) throw new StoreError('DEADLINE_EXCEEDED');
      throw refusalOf(error, '');
    } finally {
      clearTimeout(timer);
    }
  }

  /** The values of the body. One that is no request ends them, or the call when it is the first: etcd then never answers. */
  async *#requests(): AsyncGenerator<Uint8Array> {
    let isFirst = true;
    try {
      for await (const value of jsonValues(this.#body())) {
        const bytes = messageFromJson(this.#route.method.request, value);
        this.#route.metrics.received(bytes.length);
        yield bytes;
        isFirst = false;
      }
    } catch (error) {
      if (isFirst && !this.#call.isAbandoned()) throw refusalOf(error, 'Failed to decode request: ');
    }
  }

  #responses(): ResponseStream<Uint8Array> {
    const { method, metrics } = this.#route;
    return {
      write: (response, tail) => {
        const bytes = tail === undefined ? response : concatBytes([response, tail]);
        metrics.sent(bytes.length);
        return this.#lines.message(jsonFromMessage(method.response, bytes));
      },
    };
  }

  /** The body, whose end of being looked at is not the end of the connection. */
  #body(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#request.iterator({ destroyOnReturn: false }) };
  }

  /** What was not read would be read and thrown away before the connection's next request. */
  #neverReuseUnreadConnection(): void {
    if (!this.#request.complete && !this.#response.headersSent) this.#response.setHeader('Connection', 'close');
  }
}

function refusalOf(error: unknown, prefix: string): unknown {
  if (!(error instanceof JsonSyntaxError || error instanceof JsonValueError)) return error;
  return new RpcError(GrpcCode.INVALID_ARGUMENT, prefix + error.message);
}
