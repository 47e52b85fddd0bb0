import { EMPTY_BYTES } from '../../base/bytes.ts';
import { Cancellation, type CancelSignal } from '../../base/cancel.ts';
import { StoreError } from '../../base/store-error.ts';
import { GrpcCode, type GrpcStatus, statusOf } from '../../client/status.ts';
import { failedCallStatus } from '../grpc-transport.ts';
import type { Logger } from '../logger.ts';
import type { MethodMetrics } from '../method-counts.ts';
import { type Binding, type CallContext, messageTooLarge, type ResponseStream } from '../service.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import { isKnownEncoding, plainMessage } from './message-encoding.ts';
import type { RequestHead } from './request-head.ts';
import { type ReceivedMessage, RequestQueue } from './request-queue.ts';
import type { Sender } from './sender.ts';
import type { Stream, StreamUser } from './stream.ts';

/** A method and its counters. */
export interface Route {
  readonly binding: Binding;
  readonly metrics: MethodMetrics;
}

/** What a call needs of its connection. */
export interface CallHost {
  /** The common name in the client's verified certificate. */
  readonly certificateName: string | undefined;
  readonly sender: Sender;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  /** Lets a unary call run, at once or when others have ended: calls `run`. */
  admit(call: Call): void;
  /** A call that was admitted will not run. */
  dismiss(call: Call): void;
  /** A service begins to work on a call, and is done with it; `answerBytes`: the size of a unary call's answer. */
  onRunning(call: Call): void;
  onSettled(call: Call, answerBytes: number): void;
  /** The bytes of a message wait to be taken, and are taken. */
  hold(stream: Stream, sizeBytes: number): void;
  release(stream: Stream, sizeBytes: number): void;
}

/** No call is answered within less: who gives less time has none left, as with grpc-go. */
const LEAST_TIMEOUT_MS = 0.05;
const OK: GrpcStatus = { code: GrpcCode.OK, text: '' };

/** One gRPC call: what its service sees of it, and what becomes of it on its stream. It is itself the signal that nobody waits for it any more. */
export class Call extends Cancellation implements CallContext, StreamUser, Timed, ResponseStream<Uint8Array> {
  readonly timeoutMs?: number;
  readonly isUnary: boolean;
  readonly #host: CallHost;
  readonly #stream: Stream;
  readonly #route: Route;
  readonly #head: RequestHead;
  /** The one request of a call that does not stream them, from when it came until its service has it. */
  #request: ReceivedMessage | undefined;
  #hasRequest = false;
  readonly #requests: RequestQueue | undefined;
  #deadlineSlot: number | undefined;
  #isStarted = false;
  #startedMs = 0;
  /** Its end was sent, or nobody waits for it. */
  #isOver = false;
  #onRoom: (() => void) | undefined;

  constructor(host: CallHost, stream: Stream, { route, head }: { readonly route: Route; readonly head: RequestHead }) {
    super();
    this.#host = host;
    this.#stream = stream;
    this.#route = route;
    this.#head = head;
    this.isUnary = route.binding.type === 'unary';
    const { maxMessageBytes } = route.binding;
    if (maxMessageBytes !== undefined) stream.reader.maxMessageBytes = maxMessageBytes;
    if (head.timeoutMs !== undefined) this.timeoutMs = head.timeoutMs;
    if (route.binding.type === 'bidi') this.#requests = new RequestQueue((message) => this.#take(message));
  }

  get signal(): CancelSignal {
    return this;
  }

  get certificateName(): string | undefined {
    return this.#host.certificateName;
  }

  metadata(key: string): string | undefined {
    for (const field of this.#head.metadata) if (field.name === key) return field.value;
    return undefined;
  }

  /** Begins when the headers are here: a call that streams its requests runs from now on. */
  open(): void {
    const { encoding, timeoutMs } = this.#head;
    if (!isKnownEncoding(encoding)) {
      const text = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}`;
      this.#over();
      this.#host.sender.refuse(this.#stream, 200, { code: GrpcCode.UNIMPLEMENTED, text }, { acceptEncoding: true });
      return;
    }
    if (timeoutMs !== undefined) {
      if (timeoutMs < LEAST_TIMEOUT_MS) {
        this.onDeadline();
        return;
      }
      this.#deadlineSlot = this.#host.deadlines.add(this, timeoutMs);
    }
    if (this.#requests !== undefined) this.run();
  }

  onMessage(bytes: Uint8Array, flag: number): void {
    if (this.#isOver) return;
    if (this.#requests !== undefined) {
      this.#host.hold(this.#stream, bytes.length);
      this.#requests.push({ bytes, flag });
    } else if (!this.#hasRequest) {
      this.#hasRequest = true;
      this.#request = { bytes, flag };
      this.#host.hold(this.#stream, bytes.length);
      if (this.isUnary) this.#host.admit(this);
      else this.run();
    }
  }

  onTooLarge(sizeBytes: number): void {
    this.fail(messageTooLarge(sizeBytes, this.#stream.reader.maxMessageBytes).status);
  }

  onEnd(): void {
    if (this.#isOver) return;
    if (!this.#stream.reader.isAtBoundary) {
      // As grpc-go has it, which wraps what a stream fails with and not what a unary call does.
      this.fail({ code: this.isUnary ? GrpcCode.UNKNOWN : GrpcCode.INTERNAL, text: 'unexpected EOF' });
    } else if (this.#requests !== undefined) {
      this.#requests.end();
    } else if (!this.#hasRequest) {
      this.fail({ code: GrpcCode.UNKNOWN, text: 'EOF' });
    }
  }

  onGone(): void {
    if (this.#isOver) return;
    this.#over();
    if (this.#isStarted) this.#route.metrics.handled(GrpcCode.CANCELLED, this.#startedMs);
    this.#abandon();
  }

  onRoom(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = undefined;
    onRoom?.();
  }

  onDeadline(): void {
    this.#deadlineSlot = undefined;
    this.fail(statusOf(new StoreError('DEADLINE_EXCEEDED')));
  }

  /** Ends the call with a status that its service has no say in. */
  fail(status: GrpcStatus): void {
    if (this.#isOver) return;
    this.#end(status);
    this.#abandon();
  }

  /** Sends one response; the promise is that of `ResponseStream`. */
  write(response: Uint8Array, tail: Uint8Array = EMPTY_BYTES): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#route.metrics.sent(response.length + tail.length);
    if (this.#host.sender.message(this.#stream, response, tail)) return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** Hands the call to its service. */
  run(): void {
    const { binding, metrics } = this.#route;
    this.#isStarted = true;
    this.#startedMs = metrics.started();
    this.#host.onRunning(this);
    try {
      switch (binding.type) {
        case 'unary':
          this.#runUnary(binding.call);
          return;
        case 'server-stream':
          this.#runStream(async () => binding.call(await this.#takeRequest(), this, this));
          return;
        case 'bidi':
          this.#runStream(() => binding.call(this.#requests ?? NO_REQUESTS, this, this));
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #runUnary(serve: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>): void {
    const request = this.#takeRequest();
    const answer = request instanceof Promise ? request.then((bytes) => serve(bytes, this)) : serve(request, this);
    answer.then(
      (bytes) => this.#answered(bytes),
      (error: unknown) => this.#failed(error),
    );
  }

  #runStream(serve: () => Promise<void>): void {
    serve().then(
      () => {
        this.#host.onSettled(this, 0);
        if (!this.#isOver) this.#end(OK);
      },
      (error: unknown) => this.#failed(error),
    );
  }

  #takeRequest(): Uint8Array | Promise<Uint8Array> {
    const message = this.#request ?? NO_MESSAGE;
    this.#request = undefined;
    return this.#take(message);
  }

  #take(message: ReceivedMessage): Uint8Array | Promise<Uint8Array> {
    this.#host.release(this.#stream, message.bytes.length);
    this.#route.metrics.received(message.bytes.length);
    return plainMessage(message, this.#head.encoding, this.#stream.reader.maxMessageBytes);
  }

  #answered(bytes: Uint8Array): void {
    this.#host.onSettled(this, bytes.length);
    if (this.#isOver) return;
    this.#over();
    this.#route.metrics.sent(bytes.length);
    this.#route.metrics.handled(GrpcCode.OK, this.#startedMs);
    this.#host.sender.answer(this.#stream, bytes);
  }

  #failed(error: unknown): void {
    this.#host.onSettled(this, 0);
    if (this.#isOver) return;
    this.#end(failedCallStatus(this.#route.binding.path, error, this.aborted, this.#host.logger));
  }

  #end(status: GrpcStatus): void {
    this.#over();
    if (this.#isStarted) this.#route.metrics.handled(status.code, this.#startedMs);
    this.#host.sender.end(this.#stream, status);
  }

  #over(): void {
    this.#isOver = true;
    if (this.#deadlineSlot !== undefined) this.#host.deadlines.remove(this, this.#deadlineSlot);
  }

  /** Tells the service, if it has begun, that nobody waits any more. */
  #abandon(): void {
    if (!this.#isStarted) this.#host.dismiss(this);
    this.#request = undefined;
    this.#requests?.cut();
    this.abort();
    this.onRoom();
  }
}

const NO_MESSAGE: ReceivedMessage = { bytes: new Uint8Array(0), flag: 0 };
const NO_REQUESTS = new RequestQueue(({ bytes }) => bytes);

/** The status of a call to a path that no method has, in grpc-go's words. `services`: the full names of those that exist. */
export function unknownPathStatus(path: string, services: ReadonlySet<string>): GrpcStatus {
  const name = path.startsWith('/') ? path.slice(1) : path;
  const slash = name.lastIndexOf('/');
  if (slash < 0) return { code: GrpcCode.UNIMPLEMENTED, text: `malformed method name: ${JSON.stringify(path)}` };
  const service = name.slice(0, slash);
  const text = services.has(service)
    ? `unknown method ${name.slice(slash + 1)} for service ${service}`
    : `unknown service ${service}`;
  return { code: GrpcCode.UNIMPLEMENTED, text };
}
