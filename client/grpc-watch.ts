import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { StoreError } from '../base/store-error.ts';
import type { WatchCreateRequest, WatchRequest, WatchResponse } from '../proto/gen/etcd.ts';
import type { WatchStream } from './kv-client.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { storeErrorOf } from './status.ts';

type WatchCall = ClientDuplexStream<WatchRequest, WatchResponse>;

/**
 * One Watch call of the etcd API. It does not reconnect: when the connection breaks `next` throws, and whoever watches
 * resumes from the revision after its last one on a new stream. Responses are pulled, so that the HTTP/2 window holds
 * the server back when the consumer is slow.
 */
export class GrpcWatchStream implements WatchStream {
  #call: WatchCall | undefined;
  /** Requests made before the call was open. */
  #early: WatchRequest[] = [];
  #error: StoreError | undefined;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;
  readonly #onClose: () => void;

  /** `onClose` is called when the stream is over for whatever reason. */
  constructor(open: Promise<WatchCall>, onClose: () => void) {
    this.#onClose = onClose;
    open.then(
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
    this.#call?.cancel();
    this.#onClose();
    this.#wakeUp();
  }

  #opened(call: WatchCall): void {
    this.#call = call;
    call.on('readable', () => this.#wakeUp());
    call.on('error', (error: ServiceError) => this.#fail(storeErrorOf(error.code, error.details)));
    call.on('end', () => {
      this.#ended = true;
      this.#onClose();
      this.#wakeUp();
    });
    if (this.#closed) call.cancel();
    else for (const request of this.#early) call.write(request);
    this.#early = [];
  }

  #send(request: WatchRequest): void {
    if (this.#closed || this.#error !== undefined) return;
    const waiting = this.#call === undefined ? this.#early.length : this.#call.writableLength;
    if (waiting >= CLIENT_LIMITS.maxPendingWatchRequests) {
      this.#fail(new StoreError('TOO_MANY_REQUESTS', 'too many requests wait on one watch stream'));
      this.#call?.cancel();
    } else if (this.#call === undefined) this.#early.push(request);
    else this.#call.write(request);
  }

  #take(): WatchResponse[] {
    const batch: WatchResponse[] = [];
    while (batch.length < CLIENT_LIMITS.maxWatchBatch) {
      const response: WatchResponse | null = this.#call?.read() ?? null;
      if (response === null) break;
      batch.push(response);
    }
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
