import { StoreError } from '../base/store-error.ts';
import {
  decodeWatchResponse,
  encodeWatchRequest,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from '../proto/gen/etcd.ts';
import type { CallEnd, CallEvents, GrpcStream } from './grpc-stream.ts';
import type { WatchStream } from './kv-client.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { GrpcCode, storeErrorOf } from './status.ts';

/**
 * One Watch call of the etcd API. It does not reconnect: when the connection breaks `next` throws, and whoever watches
 * resumes from the revision after its last one on a new stream. Responses are pulled, so that the HTTP/2 window holds
 * the server back when the consumer is slow.
 */
export class GrpcWatchStream implements WatchStream {
  #call: GrpcStream | undefined;
  /** Requests made before the call was open. */
  #early: WatchRequest[] = [];
  /** Responses that nobody has pulled, still encoded, from `#head` on. */
  #messages: Uint8Array[] = [];
  #head = 0;
  #error: StoreError | undefined;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;
  readonly #onClose: () => void;

  /** `open` makes the call that tells what comes to the events given; `onClose` is called when the stream is over for whatever reason. */
  constructor(open: (events: CallEvents) => Promise<GrpcStream>, onClose: () => void) {
    this.#onClose = onClose;
    const events: CallEvents = {
      onMessage: (message) => {
        this.#messages.push(message);
        this.#wakeUp();
      },
      onEnd: (end) => this.#onEnd(end),
    };
    open(events).then(
      (call) => this.#opened(call),
      (error: unknown) => this.#fail(error instanceof StoreError ? error : new StoreError('UNKNOWN', String(error))),
    );
  }

  create(request: WatchCreateRequest): void {
    this.#send({ requestUnion: { case: 'createRequest', createRequest: request } });
  }

  cancel(watchId: number): void {
    this.#send({ requestUnion: { case: 'cancelRequest', cancelRequest: { watchId } } });
  }

  requestProgress(): void {
    this.#send({ requestUnion: { case: 'progressRequest', progressRequest: {} } });
  }

  async next(): Promise<readonly WatchResponse[] | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      const batch = this.#take();
      if (batch.length !== 0) return batch;
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#early = [];
    this.#messages = [];
    this.#head = 0;
    this.#call?.cancel();
    this.#onClose();
    this.#wakeUp();
  }

  #opened(call: GrpcStream): void {
    this.#call = call;
    if (this.#closed) {
      call.cancel();
      return;
    }
    for (const request of this.#early) call.send(encodeWatchRequest(request));
    this.#early = [];
    call.start();
  }

  #onEnd({ code, text }: CallEnd): void {
    if (this.#closed) return;
    if (code === GrpcCode.OK) {
      this.#ended = true;
      this.#onClose();
      this.#wakeUp();
    } else this.#fail(storeErrorOf(code, text));
  }

  #send(request: WatchRequest): void {
    if (this.#closed || this.#error !== undefined) return;
    const isFull =
      this.#call === undefined
        ? this.#early.length >= CLIENT_LIMITS.maxPendingWatchRequests
        : this.#call.queuedBytes >= CLIENT_LIMITS.maxPendingWatchBytes;
    if (isFull) {
      this.#fail(new StoreError('TOO_MANY_REQUESTS', 'too many requests wait on one watch stream'));
      this.#call?.cancel();
    } else if (this.#call === undefined) this.#early.push(request);
    else this.#call.send(encodeWatchRequest(request));
  }

  #take(): WatchResponse[] {
    const batch: WatchResponse[] = [];
    let sizeBytes = 0;
    while (batch.length < CLIENT_LIMITS.maxWatchBatch && this.#head < this.#messages.length) {
      const message = this.#messages[this.#head++] as Uint8Array;
      sizeBytes += message.length;
      batch.push(decodeWatchResponse(message));
    }
    if (this.#head === this.#messages.length) {
      this.#messages = [];
      this.#head = 0;
    }
    if (sizeBytes > 0) this.#call?.taken(sizeBytes);
    return batch;
  }

  #fail(error: StoreError): void {
    this.#error ??= error;
    this.#onClose();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
