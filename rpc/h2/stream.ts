import { MessageReader } from '../../client/message-reader.ts';
import type { GrpcStatus } from '../../client/status.ts';
import type { OpenStream } from '../../http2/stream-table.ts';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../service.ts';
import { H2_LIMITS } from './limits.ts';

/** What a stream's frames mean to the call on it. */
export interface StreamUser {
  /** A whole message came; `bytes` is a view that may be kept, `flag` says how it is encoded. */
  onMessage(bytes: Uint8Array, flag: number): void;
  /** A message came that is longer than allowed; none follows. */
  onTooLarge(sizeBytes: number): void;
  /** The client has ended its half. */
  onEnd(): void;
  /** The stream or its connection is gone; nothing can be sent any more. */
  onGone(): void;
  /** There is room again after a message that filled the stream's queue. */
  onRoom(): void;
}

/** One stream's state of HTTP/2: windows, halves, and what waits to be sent. */
export class Stream implements OpenStream {
  readonly id: number;
  readonly openedAt: number;
  /** Its bound is the method's, once that is known. */
  readonly reader = new MessageReader(DEFAULT_MAX_MESSAGE_BYTES);
  /** Set before the stream's first frame after its headers is looked at. */
  user: StreamUser | undefined;

  receiveWindow: number = H2_LIMITS.streamWindowBytes;
  /** What of that which came no call has taken. */
  heldBytes = 0;
  declaredBytes = -1;
  isRemoteEnded = false;

  /** How much we may still send: below zero when the client shrank its window. */
  sendWindow: number;
  areHeadersSent = false;
  /** Parts of DATA payloads in order, the first one from `queuedFrom` on. */
  readonly queue: Uint8Array[] = [];
  queuedFrom = 0;
  queuedBytes = 0;
  /** The answer of a unary call counts against the connection's bound on answers. */
  countsAsAnswer = false;
  /** How the stream ends once its queue is empty. */
  ending: GrpcStatus | undefined;
  isGone = false;

  constructor(id: number, sendWindow: number, openedAt: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.openedAt = openedAt;
  }
}
