import type { Socket } from 'node:net';
import { CLUSTER_LIMITS } from '../limits.ts';

/** What happens to bytes on their way: `isCut`: nothing comes through for now; `delayMs`: of this piece, drawn anew for each. */
export interface Way {
  isCut(): boolean;
  delayMs(): number;
}

/**
 * Carries bytes from one socket to another in order, as TCP does over a bad network: what cannot come through waits, here and then in
 * the kernel's buffers, and so does the news that the sender is gone.
 */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #way: Way;
  readonly #waiting: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  #waitingBytes = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(from: Socket, to: Socket, way: Way) {
    this.#from = from;
    this.#to = to;
    this.#way = way;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('close', () => {
      this.#isOver = true;
      this.pump();
    });
    to.on('drain', () => this.pump());
  }

  /** Passes on what may pass now; to be called when the network changed. */
  pump(): void {
    clearTimeout(this.#timer);
    if (this.#way.isCut()) return;
    const nowMs = performance.now();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.dueMs > nowMs) {
        this.#timer = setTimeout(() => this.pump(), next.dueMs - nowMs);
        return;
      }
      if (this.#to.writableNeedDrain) return;
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes.length;
      if (!this.#to.destroyed) this.#to.write(next.bytes);
    }
    if (this.#isOver) this.#to.destroy();
    else if (this.#from.isPaused()) this.#from.resume();
  }

  #take(bytes: Buffer): void {
    // A later piece never overtakes an earlier one.
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + this.#way.delayMs());
    this.#waiting.push({ bytes, dueMs: this.#lastDueMs });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > CLUSTER_LIMITS.maxHeldBytes) this.#from.pause();
    this.pump();
  }
}
