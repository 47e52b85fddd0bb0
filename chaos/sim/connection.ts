import { concatBytes } from '../../base/bytes.ts';
import type { Connection } from '../../io/doors.ts';
import { SIM_NETWORK_LIMITS } from './limits.ts';

/** What one end of a connection asks of the network it runs over. */
export interface Wire {
  /** Carries bytes to the other end; `arrived` is called once they are there. */
  carry(chunk: Uint8Array, arrived: () => void): void;
  /** This end was closed here: the other one learns it later. */
  closed(): void;
}

/** One end of a simulated connection. Bytes arrive in the order in which they were written, or the connection ends. */
export class SimConnection implements Connection {
  readonly remote: string;
  readonly #wire: Wire;
  readonly #dataListeners: ((chunk: Uint8Array) => void)[] = [];
  readonly #drainListeners: (() => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #unread: Uint8Array[] = [];
  #underWayBytes = 0;
  #isFull = false;
  #reason: string | undefined;

  constructor(remote: string, wire: Wire) {
    this.remote = remote;
    this.#wire = wire;
  }

  get isClosed(): boolean {
    return this.#reason !== undefined;
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#reason !== undefined) return false;
    const chunk = concatBytes(parts);
    this.#underWayBytes += chunk.length;
    this.#wire.carry(chunk, () => this.#onArrived(chunk.length));
    this.#isFull = this.#underWayBytes > SIM_NETWORK_LIMITS.highWaterBytes;
    return !this.#isFull;
  }

  close(): void {
    if (this.#reason !== undefined) return;
    this.end('closed here');
    this.#wire.closed();
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#dataListeners.push(listener);
    const unread = this.#unread;
    this.#unread = [];
    for (const chunk of unread) listener(chunk);
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: (reason: string) => void): void {
    const reason = this.#reason;
    if (reason === undefined) this.#closeListeners.push(listener);
    else queueMicrotask(() => listener(reason));
  }

  /** Bytes have come in. */
  receive(chunk: Uint8Array): void {
    if (this.#reason !== undefined) return;
    if (this.#dataListeners.length === 0) this.#unread.push(chunk);
    for (const listener of this.#dataListeners) listener(chunk);
  }

  /** The connection is over for this end. */
  end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#unread = [];
    for (const listener of this.#closeListeners) listener(reason);
  }

  #onArrived(sizeBytes: number): void {
    this.#underWayBytes -= sizeBytes;
    if (!this.#isFull || this.#underWayBytes > SIM_NETWORK_LIMITS.highWaterBytes) return;
    this.#isFull = false;
    for (const listener of this.#drainListeners) listener();
  }
}
