import type { Clock, Connection, Network, Random } from '../../io/doors.ts';
import { decodePeerFrame, encodePeerFrame, type PeerFrame, type PeerHello } from '../../proto/gen/peer.ts';
import { PEER_LIMITS } from '../limits.ts';
import { FrameReader, framed } from './frames.ts';
import { sharedRevision } from './hello.ts';

/** What a link needs and whom it tells. */
export interface LinkOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** `host:port`, asked before every attempt; undefined while none is known. */
  readonly address: () => string | undefined;
  readonly hello: () => PeerHello;
  /** Why the other side's hello is not accepted. */
  readonly refusal: (hello: PeerHello) => string | undefined;
  readonly onFrame: (frame: PeerFrame['frame']) => void;
  readonly onOpen: (facts: { readonly roundTripMs: number }) => void;
  /** The connection, or the attempt to make one, failed; `wasOpen` when frames may have been lost. */
  readonly onDown: (reason: string, wasOpen: boolean) => void;
}

/**
 * The connection that this member keeps to another: it dials again and again, says hello, and sends frames in order while it is
 * open. What is sent while it is not, or does not fit into the queue, is dropped and the sender told.
 */
export class PeerLink {
  readonly #options: LinkOptions;
  #connection: Connection | undefined;
  #open = false;
  #openSinceMs: number | undefined;
  #revision = 0;
  #backoffMs: number = PEER_LIMITS.firstBackoffMs;
  #cancelTimer: () => void = () => undefined;
  #closed = false;
  /** For the time of the next attempt. */
  #isWaiting = false;
  #congested = false;
  #queue: (readonly Uint8Array[])[] = [];
  #queuedBytes = 0;
  #sentBytes = 0;
  #failedSends = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** Milliseconds of the monotonic clock since which the link is open; undefined while it is not. */
  get openSinceMs(): number | undefined {
    return this.#openSinceMs;
  }

  /** The revision of the protocol that both sides understand; 0 while the link is not open. */
  get revision(): number {
    return this.#revision;
  }

  /** Bytes of frames that were sent or queued, and how many frames were dropped. */
  get traffic(): { readonly sentBytes: number; readonly failedSends: number } {
    return { sentBytes: this.#sentBytes, failedSends: this.#failedSends };
  }

  /** Queues one frame, of the parts of its payload; false when it was dropped. */
  send(...payload: readonly Uint8Array[]): boolean {
    const sizeBytes = lengthOf(payload);
    const isSent = this.#send(payload, sizeBytes);
    if (isSent) this.#sentBytes += sizeBytes;
    else this.#failedSends++;
    return isSent;
  }

  #send(payload: readonly Uint8Array[], sizeBytes: number): boolean {
    if (!this.#open || this.#connection === undefined) return false;
    if (this.#queuedBytes + sizeBytes > PEER_LIMITS.maxQueuedBytes) return false;
    const parts = framed(this.#revision, ...payload);
    if (!this.#congested) {
      this.#congested = !this.#connection.write(parts);
    } else {
      this.#queue.push(parts);
      this.#queuedBytes += lengthOf(parts);
    }
    return true;
  }

  /** The other side has just shown that it is there: an attempt that waits for its time is made now. */
  hurry(): void {
    if (!this.#isWaiting) return;
    this.#cancelTimer();
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#connection?.close();
    this.#reset();
  }

  async #connect(): Promise<void> {
    const { network, address } = this.#options;
    const target = address();
    if (target === undefined) {
      this.#retry('no address is known', false);
      return;
    }
    try {
      const connection = await network.connect(target, { timeoutMs: PEER_LIMITS.connectTimeoutMs });
      if (this.#closed) connection.close();
      else this.#greet(connection);
    } catch (error) {
      this.#retry(error instanceof Error ? error.message : String(error), false);
    }
  }

  #greet(connection: Connection): void {
    const { clock, hello } = this.#options;
    const startMs = clock.nowMs();
    const reader = new FrameReader(PEER_LIMITS.maxFrameBytes);
    this.#connection = connection;
    connection.onClose((reason) => {
      if (this.#connection === connection) this.#retry(reason, this.#open);
    });
    connection.onDrain(() => this.#drain());
    connection.onData((chunk) => this.#receive(connection, reader, chunk, startMs));
    connection.write(framed(0, encodePeerFrame({ frame: { case: 'hello', hello: hello() } })));
    this.#cancelTimer = clock.after(PEER_LIMITS.helloTimeoutMs, () => this.#abandon(connection, 'no hello was heard'));
  }

  #receive(connection: Connection, reader: FrameReader, chunk: Uint8Array, startMs: number): void {
    if (this.#connection !== connection) return;
    try {
      for (const payload of reader.read(chunk)) this.#onFrame(connection, decodePeerFrame(payload).frame, startMs);
    } catch (error) {
      this.#abandon(connection, error instanceof Error ? error.message : String(error));
    }
  }

  #onFrame(connection: Connection, frame: PeerFrame['frame'], startMs: number): void {
    if (this.#connection !== connection) return;
    if (this.#open) {
      this.#options.onFrame(frame);
      return;
    }
    if (frame?.case !== 'hello') {
      this.#abandon(connection, 'the first frame was not a hello');
      return;
    }
    const refusal = this.#options.refusal(frame.hello);
    if (refusal !== undefined) {
      this.#abandon(connection, refusal);
      return;
    }
    this.#cancelTimer();
    this.#open = true;
    this.#revision = sharedRevision(this.#options.hello(), frame.hello);
    this.#openSinceMs = this.#options.clock.nowMs();
    this.#backoffMs = PEER_LIMITS.firstBackoffMs;
    this.#options.onOpen({ roundTripMs: this.#openSinceMs - startMs });
  }

  #drain(): void {
    this.#congested = false;
    while (!this.#congested) {
      const parts = this.#queue.shift();
      if (parts === undefined) return;
      this.#queuedBytes -= lengthOf(parts);
      this.#congested = this.#connection?.write(parts) === false;
    }
  }

  #abandon(connection: Connection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#retry(reason, this.#open);
    connection.close();
  }

  #retry(reason: string, wasOpen: boolean): void {
    if (this.#closed) return;
    this.#reset();
    this.#options.onDown(reason, wasOpen);
    const { clock, random } = this.#options;
    const jitter = 1 - random.uint32() / 2 ** 33;
    const delayMs = this.#backoffMs * jitter;
    this.#backoffMs = Math.min(this.#backoffMs * 2, PEER_LIMITS.lastBackoffMs);
    this.#isWaiting = true;
    this.#cancelTimer = clock.after(delayMs, () => this.#dial());
  }

  #dial(): void {
    this.#isWaiting = false;
    void this.#connect();
  }

  #reset(): void {
    this.#cancelTimer();
    this.#isWaiting = false;
    this.#connection = undefined;
    this.#open = false;
    this.#openSinceMs = undefined;
    this.#revision = 0;
    this.#congested = false;
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let sizeBytes = 0;
  for (const { length } of parts) sizeBytes += length;
  return sizeBytes;
}
