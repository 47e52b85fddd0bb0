import type { HeaderField } from './header-field.ts';
import type { ErrorCode } from './protocol.ts';
import type { OpenStream } from './stream-table.ts';

/** What a stream's frames mean to who uses it. */
export interface StreamUser {
  /** Headers of an answer, or trailers: the first `count` fields, which are the connection's and change with the next block. */
  onHeaders(fields: readonly HeaderField[], count: number): void;
  /** A piece of the body; a view that may be kept. `Session.consume` gives its bytes back. */
  onData(bytes: Buffer): void;
  /** The other side has ended its half. */
  onEnd(): void;
  /** The stream or its connection is gone before both halves were ended; nothing can be sent any more. */
  onGone(code: ErrorCode): void;
  /** There is room again after a write that filled the stream's queue. */
  onRoom(): void;
}

/** One stream's state of HTTP/2: windows, halves, and what waits to be sent. */
export class Stream implements OpenStream {
  readonly id: number;
  readonly openedAt: number;
  user: StreamUser | undefined;

  receiveWindow: number;
  /** Bytes that were received and consumed but not given back yet. */
  consumedBytes = 0;
  declaredBytes = -1;
  isRemoteEnded = false;
  /** The last frame of our half was sent, or is queued as the end of the queue. */
  isLocalEnding = false;
  isLocalEnded = false;
  isGone = false;

  /** How much we may still send: below zero when the other side shrank its window. */
  sendWindow: number;
  /** Parts of DATA payloads from `head` on, the first of them from `headFrom` on. */
  queue: Uint8Array[] = [];
  head = 0;
  headFrom = 0;
  queuedBytes = 0;
  /** Its user was asked to wait. */
  isWaitedFor = false;

  constructor(id: number, windows: { readonly send: number; readonly receive: number }, openedAt: number) {
    this.id = id;
    this.sendWindow = windows.send;
    this.receiveWindow = windows.receive;
    this.openedAt = openedAt;
  }
}
