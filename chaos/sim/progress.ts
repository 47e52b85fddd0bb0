import type { Request } from './command-line.ts';
import type { Swept } from './sweep.ts';

/** Real milliseconds between two lines of progress. */
const TELL_EVERY_MS = 5000;

/** Counts what a sweep has done, and says so now and then. */
export class Progress {
  readonly #request: Request;
  readonly #write: (line: string) => void;
  readonly #startMs = performance.now();
  #toldMs = this.#startMs;
  #seeds = 0;
  #failed = 0;
  #operations = 0;
  #simulatedMs = 0;
  /** Of seeds that are under way. */
  #passedMs = 0;

  constructor(request: Request, write: (line: string) => void) {
    this.#request = request;
    this.#write = write;
  }

  get failed(): number {
    return this.#failed;
  }

  passed(simulatedMs: number): void {
    this.#passedMs += simulatedMs;
    this.#tell();
  }

  done({ report }: Swept): void {
    this.#seeds++;
    this.#operations += report.operations;
    this.#simulatedMs += report.simulatedMs;
    this.#passedMs = Math.max(0, this.#passedMs - report.simulatedMs);
    if (report.findings.length > 0) this.#failed++;
    this.#tell();
  }

  /** All of it in one line. */
  summary(): string {
    const tookMs = performance.now() - this.#startMs;
    const simulatedMs = this.#simulatedMs + this.#passedMs;
    const hours = (simulatedMs / 3_600_000).toFixed(1);
    const speed = Math.round(simulatedMs / tookMs);
    return `${this.#seeds} seeds, ${this.#failed} failed, ${this.#operations} operations, ${hours} simulated hours in ${durationOf(tookMs)} (${speed} times real time)`;
  }

  #tell(): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    this.#write(`… ${this.summary()}${this.#remaining(nowMs - this.#startMs)}\n`);
  }

  #remaining(tookMs: number): string {
    const { first, last, limitMs, plan } = this.#request;
    const total = last - first + 1;
    const begun = plan.hours === undefined ? 0 : this.#passedMs / (plan.hours * 3_600_000);
    const part = Math.max((this.#seeds + begun) / total, tookMs / limitMs);
    if (part <= 0.001) return '';
    return `; ${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %, about ${durationOf((tookMs / part) * (1 - part))} to go`;
  }
}

function durationOf(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
