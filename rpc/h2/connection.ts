import type { Duplex } from 'node:stream';
import { ConnectionLife, type Living } from '../../http2/connection-life.ts';
import { ErrorCode, FrameType, Setting } from '../../http2/protocol.ts';
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

/** One client's connection, from its first byte to its end: what its two halves, its streams and its calls have in common. */
export class Connection implements ReceiverOwner, SenderEvents, Living {
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

  readonly #life: ConnectionLife;
  /** Calls that a service works on, those that nobody waits for included. */
  #running = 0;

  constructor(socket: Duplex, shared: Shared) {
    this.certificateName = certificateNameOf(socket);
    this.#socket = socket;
    this.#shared = shared;
    this.deadlines = shared.deadlines;
    this.logger = shared.logger;
    this.#options = shared.connections;
    const { keepaliveTimeMs: timeMs, keepaliveTimeoutMs: timeoutMs } = shared.connections;
    const keepalive = { timeMs, timeoutMs, onlyInUse: false };
    this.#life = new ConnectionLife(socket, this, { keepalive, goodbye: 'graceful_stop' });
    this.sender = new Sender(socket, shared.slabs, this);
    this.#admission = new Admission(() => this.sender.queuedAnswerBytes);
    this.sender.control(FrameType.SETTINGS << 8, 0, ourSettings(this.#options.maxStreams));
    this.#streams = new Streams(this.sender);
    this.#receiver = new Receiver(this, this.#streams, shared);
    socket.on('drain', () => this.sender.pump());
    this.#life.begin((chunk) => this.#receiver.push(chunk));
  }

  get isClosed(): boolean {
    return this.#life.isClosed;
  }

  flush(): void {
    this.sender.flush();
    if (this.sender.isOverrun) this.destroy();
  }

  /** Lets calls finish and takes no new ones. */
  drain(): void {
    this.#life.drain();
  }

  destroy(): void {
    this.#life.destroy();
  }

  /** Looks after the connection, every `sweepMs`. */
  sweep(nowMs: number): void {
    this.#receiver.sweep();
    this.#life.sweep(nowMs);
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
    return this.#life.takesStream(streamId);
  }

  onPingAnswered(payload: Buffer): void {
    this.#life.onPingAnswered(payload);
  }

  drop(stream: Stream): void {
    this.sender.drop(stream);
    this.#forget(stream);
    stream.user?.onGone();
  }

  // What its life asks for and tells.

  get streamCount(): number {
    return this.#streams.size;
  }

  get lastStreamId(): number {
    return this.#streams.lastId;
  }

  get isUnfinished(): boolean {
    return this.#receiver.isUnfinished;
  }

  control(typeAndFlags: number, streamId: number, payload: Uint8Array): void {
    this.sender.control(typeAndFlags, streamId, payload);
  }

  endSocket(): void {
    this.sender.flush();
    this.#socket.end();
  }

  dropAll(): void {
    this.#admission.clear();
    for (const stream of [...this.#streams.values()]) this.drop(stream);
  }

  onClosed(): void {
    this.#shared.onClosed(this);
  }

  onDefect(error: unknown): void {
    this.logger.error({ error }, 'a connection failed on a defect of the server');
  }

  #forget(stream: Stream): void {
    this.#streams.remove(stream);
    this.#life.onStreamGone();
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
