import { SlabPool } from './frame-writer.ts';
import { HTTP2_LIMITS } from './limits.ts';
import type { Session, SessionGroup } from './session.ts';

/** The sessions of one server or client: flushed at the end of a turn, looked after every second. */
export class Sessions implements SessionGroup {
  readonly slabs = new SlabPool();
  readonly #sessions = new Set<Session>();
  #dirty: Session[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }

  add(session: Session): void {
    if (session.isClosed) return;
    this.#sessions.add(session);
    this.#sweeper ??= setInterval(() => this.#sweep(), HTTP2_LIMITS.sweepMs).unref();
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  flushSoon(session: Session): void {
    // After the microtasks that this callback has set off: all that they bring goes out in the same write.
    if (this.#dirty.push(session) === 1) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const session of dirty) session.flush();
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const session of this.#sessions) session.sweep(nowMs);
  }
}
