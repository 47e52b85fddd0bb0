import { H2_LIMITS } from './limits.ts';

/** What waits to run. */
export interface Runnable {
  run(): void;
}

/**
 * How many unary calls of one connection run at once: as many as their answers may take memory, judged by the answers before
 * them. The others wait in order.
 */
export class Admission<Call extends Runnable> {
  readonly #queuedAnswerBytes: () => number;
  readonly #waiting = new Set<Call>();
  #running = 0;
  #expectedAnswerBytes = 0;

  /** `queuedAnswerBytes`: of answers that are made and not yet sent. */
  constructor(queuedAnswerBytes: () => number) {
    this.#queuedAnswerBytes = queuedAnswerBytes;
  }

  admit(call: Call): void {
    if (this.#waiting.size === 0 && this.#hasRoom()) {
      this.#running++;
      call.run();
    } else {
      this.#waiting.add(call);
    }
  }

  /** The call does not want to run any more. */
  dismiss(call: Call): void {
    this.#waiting.delete(call);
  }

  settled(answerBytes: number): void {
    this.#running--;
    this.#expectedAnswerBytes += (answerBytes - this.#expectedAnswerBytes) / 16;
    this.next();
  }

  /** Lets those run that there is room for. */
  next(): void {
    for (const call of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#waiting.delete(call);
      this.#running++;
      call.run();
    }
  }

  clear(): void {
    this.#waiting.clear();
  }

  #hasRoom(): boolean {
    if (this.#running >= H2_LIMITS.maxRunningCalls) return false;
    const queuedBytes = this.#queuedAnswerBytes();
    if (queuedBytes >= H2_LIMITS.maxAnswerBytes) return false;
    const expectedBytes = queuedBytes + this.#running * this.#expectedAnswerBytes;
    return this.#running < H2_LIMITS.minRunningCalls || expectedBytes < H2_LIMITS.maxAnswerBytes;
  }
}
