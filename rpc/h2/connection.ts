import type { Duplex } from 'node:stream';
import { ConnectionError, ErrorCode, FrameType, MAX_STREAM_ID, putUint32, Setting } from '../../http2/protocol.ts';
import { settingsPayload } from '../../http2/settings.ts';
import { certificateNameOf } from '../certificate-name.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import type { Logger } from '../logger.ts';
import { Admission } from './admission.ts';
import type { Call } from './call.ts';
import type { Deadlines } from './deadlines.ts';
import { H2_LIMITS } from './limits.ts';
import type { Slabs } from './outbox.ts';
import { Receiver, type ReceiverOwner, type Routes } from './receiver.ts';
import { Sender, type SenderEvents } from './sender.ts';
import type { Stream } from './stream.ts';
import { Streams } from './streams.ts';

/** What all connections of a transport share. */
export interface Shared extends Routes {
  readonly slabs: Slabs;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  /** Has `flush` called at the end of this turn of the event loop. */
  flushSoon(connection: Connection): void;
  onClosed(connection: Connection): void;
}

const KEEPALIVE_PING = Buffer.from('keelping', 'latin1');
const DRAIN_PING = Buffer.from('keeldrai', 'latin1');

/** open: all is well. draining: no new calls. closing: GOAWAY was the last word, the socket ends. closed: the socket is gone. */
type State = 'open' | 'draining' | 'closing' | 'closed';

/** One client's connection, from its first byte to its end: what its two halves, its streams and its calls have in common. */
export class Connection implements ReceiverOwner, SenderEvents {
  readonly certificateName: string | undefined;
  readonly sender: Sender;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  readonly #socket: Duplex;
  readonly #shared: Shared;
  readonly #options: ConnectionOptions;
  readonly #streams: Streams;
  readonly #receiver: Receiver;
  readonly #admission: Admission<Call>;

  #state: State = 'open';
  /** Streams above this are not served, once GOAWAY has said so. */
  #lastServedId = MAX_STREAM_ID;
  /** Calls that a service works on, those that nobody waits for included. */
  #running = 0;
  /** When something was last read, when an unanswered ping was sent, and since when something is unfinished or closing. */
  #readAtMs = 0;
  #pingedAtMs: number | undefined;
  #sinceMs: number;

  constructor(socket: Duplex, shared: Shared, nowMs: number) {
    this.certificateName = certificateNameOf(socket);
    this.#socket = socket;
    this.#shared = shared;
    this.deadlines = shared.deadlines;
    this.logger = shared.logger;
    this.#options = shared.connections;
    this.#sinceMs = nowMs;
    this.#readAtMs = nowMs;
    this.sender = new Sender(socket, shared.slabs, this);
    this.#admission = new Admission(() => this.sender.queuedAnswerBytes);
    this.sender.control(FrameType.SETTINGS << 8, 0, ourSettings(this.#options.maxStreams));
    this.#streams = new Streams(this.sender);
    this.#receiver = new Receiver(this, this.#streams, shared);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.sender.pump());
    socket.on('error', () => undefined); // 'close' follows.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#onSocketClosed());
    socket.resume();
    if (socket.destroyed) this.#onSocketClosed();
  }

  get isClosed(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  flush(): void {
    this.sender.flush();
    if (this.sender.isOverrun) this.destroy();
  }

  /** Lets calls finish and takes no new ones: GOAWAY twice, with a round trip between them (RFC 9113 §6.8). */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#goAway(MAX_STREAM_ID, ErrorCode.NO_ERROR, 'graceful_stop');
    this.sender.control(FrameType.PING << 8, 0, DRAIN_PING);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onSocketClosed();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    this.#receiver.tick();
    if (this.isClosed) {
      if (nowMs - this.#sinceMs > H2_LIMITS.closeGraceMs) this.destroy();
    } else if (this.#receiver.isUnfinished) {
      if (nowMs - this.#sinceMs > H2_LIMITS.unfinishedTimeoutMs) this.destroy();
    } else {
      this.#sinceMs = nowMs;
      this.#keepAlive(nowMs);
    }
  }

  // What calls ask for.

  admit(call: Call): void {
    this.#admission.admit(call);
  }

  dismiss(call: Call): void {
    this.#admission.dismiss(call);
  }

  onRunning(_call: Call): void {
    this.#running++;
  }

  onSettled(call: Call, answerBytes: number): void {
    this.#running--;
    if (call.isUnary) this.#admission.settled(answerBytes);
  }

  hold(stream: Stream, sizeBytes: number): void {
    this.#streams.hold(stream, sizeBytes);
  }

  release(stream: Stream, sizeBytes: number): void {
    this.#streams.release(stream, sizeBytes);
  }

  // What the sender tells.

  onDirty(): void {
    this.#shared.flushSoon(this);
  }

  onFinished(stream: Stream): void {
    if (stream.isRemoteEnded) this.#receiver.onGoodEnd();
    else this.#streams.reset(stream.id, ErrorCode.NO_ERROR);
    this.#forget(stream);
  }

  onAnswerRoom(): void {
    this.#admission.next();
  }

  // What the receiver asks for.

  get isCrowded(): boolean {
    return Math.max(this.#streams.size, this.#running) >= this.#options.maxStreams;
  }

  takesStream(streamId: number): boolean {
    return streamId <= this.#lastServedId;
  }

  onPingAnswered(payload: Buffer): void {
    if (this.#state === 'draining' && payload.equals(DRAIN_PING)) this.#stopServing();
  }

  drop(stream: Stream): void {
    this.sender.drop(stream);
    this.#forget(stream);
    stream.user?.onGone();
  }

  // What the socket tells.

  #onData(chunk: Buffer): void {
    if (this.isClosed) return;
    this.#readAtMs = Date.now();
    this.#pingedAtMs = undefined;
    try {
      this.#receiver.push(chunk);
    } catch (error) {
      this.#onConnectionError(error);
    }
  }

  // Ends.

  #forget(stream: Stream): void {
    this.#streams.remove(stream);
    if (this.#lastServedId !== MAX_STREAM_ID) this.#closeWhenDone();
  }

  /** The client knows that we drain: what it opened until now is all there is. */
  #stopServing(): void {
    this.#lastServedId = this.#streams.lastId;
    this.#goAway(this.#streams.lastId, ErrorCode.NO_ERROR, 'graceful_stop');
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#state === 'draining' && this.#streams.size === 0) this.#close();
  }

  #onConnectionError(error: unknown): void {
    if (error instanceof ConnectionError) {
      this.#goAway(this.#streams.lastId, error.code, error.message);
    } else {
      this.logger.error({ error }, 'a connection failed on a defect of the server');
      this.#goAway(this.#streams.lastId, ErrorCode.INTERNAL_ERROR, '');
    }
    this.#close();
    this.#dropAll();
  }

  /** Sends what there is to send and ends the socket. Until the client closes too, what it sends is read and passed over. */
  #close(): void {
    this.#state = 'closing';
    this.#sinceMs = Date.now();
    this.sender.flush();
    this.#socket.end();
  }

  #onSocketClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dropAll();
    this.#shared.onClosed(this);
  }

  #dropAll(): void {
    this.#admission.clear();
    for (const stream of [...this.#streams.values()]) this.drop(stream);
  }

  #goAway(lastStreamId: number, code: ErrorCode, text: string): void {
    const payload = Buffer.allocUnsafe(8 + Buffer.byteLength(text));
    putUint32(payload, putUint32(payload, 0, lastStreamId), code);
    payload.write(text, 8);
    this.sender.control(FrameType.GOAWAY << 8, 0, payload);
  }

  #keepAlive(nowMs: number): void {
    if (this.#pingedAtMs !== undefined) {
      if (nowMs - this.#pingedAtMs > this.#options.keepaliveTimeoutMs) this.destroy();
    } else if (this.#options.keepaliveTimeMs > 0 && nowMs - this.#readAtMs > this.#options.keepaliveTimeMs) {
      this.#pingedAtMs = nowMs;
      this.sender.control(FrameType.PING << 8, 0, KEEPALIVE_PING);
    }
  }
}

/** What we tell every client. */
function ourSettings(maxStreams: number): Uint8Array {
  return settingsPayload([
    [Setting.MAX_CONCURRENT_STREAMS, maxStreams],
    [Setting.INITIAL_WINDOW_SIZE, H2_LIMITS.streamWindowBytes],
    [Setting.MAX_HEADER_LIST_SIZE, H2_LIMITS.maxHeaderListBytes],
  ]);
}
