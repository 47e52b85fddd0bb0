import type { Socket } from 'node:net';
import type { Connection } from '../doors.ts';
import { formatAddress } from './address.ts';

/** Bounds of one connection, see io/limits.ts. */
export interface ConnectionBounds {
  readonly highWaterBytes: number;
  readonly maxQueuedBytes: number;
  readonly writeStallMs: number;
  readonly keepAliveMs: number;
}

/** What is written in one turn is put together up to this size. */
const MAX_JOINED_BYTES = 64 * 1024;

/**
 * A connected TCP or TLS socket. Nothing is read before the first data listener; a close listener that comes late is
 * told all the same. Closing is abrupt: members agree on what arrived by their own protocol, never by a graceful end.
 */
export class NodeConnection implements Connection {
  readonly remote: string;
  readonly #socket: Socket;
  readonly #bounds: ConnectionBounds;
  readonly #drainListeners: (() => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #full = false;
  /** Written, and not yet given to the socket. */
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #reason: string | undefined;
  #closed = false;

  constructor(socket: Socket, bounds: ConnectionBounds) {
    this.remote = formatAddress(socket.remoteAddress ?? '?', socket.remotePort ?? 0);
    this.#socket = socket;
    this.#bounds = bounds;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, bounds.keepAliveMs);
    socket.setTimeout(bounds.writeStallMs, () => this.#onSilence());
    socket.on('error', (error) => this.#end(error.message));
    socket.on('end', () => this.#end('the other side closed the connection'));
    socket.on('close', () => this.#onClosed());
    if (socket.destroyed) queueMicrotask(() => this.#onClosed());
  }

  write(parts: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (this.#reason !== undefined || socket.destroyed) return false;
    if (this.#gathered.length === 0) queueMicrotask(this.#flushSoon);
    for (const part of parts) {
      this.#gathered.push(part);
      this.#gatheredBytes += part.length;
    }
    const waitingBytes = socket.writableLength + this.#gatheredBytes;
    if (waitingBytes > this.#bounds.maxQueuedBytes) this.#end('too many bytes wait for the other side');
    this.#full = waitingBytes > this.#bounds.highWaterBytes;
    return !this.#full;
  }

  /** What was written before goes to the system first: a last word, such as why the other side is refused, is often all there is. */
  close(): void {
    this.#flush();
    this.#end('closed here');
  }

  /**
   * What is written until the present microtasks are done leaves with one call of the system. Frames are small and many: to put them together
   * costs less than to hand each to the stream.
   */
  #flush(): void {
    const parts = this.#gathered;
    if (parts.length === 0) return;
    const joined = this.#gatheredBytes <= MAX_JOINED_BYTES ? Buffer.concat(parts, this.#gatheredBytes) : undefined;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (joined !== undefined) {
      socket.write(joined, this.#afterWrite);
      return;
    }
    const last = parts.length - 1;
    socket.cork();
    for (const [i, part] of parts.entries()) socket.write(part, i === last ? this.#afterWrite : undefined);
    socket.uncork();
  }

  readonly #flushSoon = (): void => this.#flush();

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#socket.on('data', listener);
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#closed) queueMicrotask(() => listener(this.#reason ?? 'closed'));
    else this.#closeListeners.push(listener);
  }

  /** Node's own 'drain' speaks of the stream's mark, not of ours. */
  readonly #afterWrite = (): void => {
    if (!this.#full || this.#reason !== undefined || this.#socket.writableLength > this.#bounds.highWaterBytes) return;
    this.#full = false;
    for (const listener of this.#drainListeners) listener();
  };

  /** Silence is fine as long as nothing waits to be sent. */
  #onSilence(): void {
    if (this.#socket.writableLength > 0) this.#end(`no byte left within ${this.#bounds.writeStallMs} ms`);
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const reason = (this.#reason ??= 'the connection was closed');
    for (const listener of this.#closeListeners) listener(reason);
  }
}
