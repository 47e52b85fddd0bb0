import { createHash } from 'node:crypto';

/** Everything that happened in a run, as one hash: two runs of one seed must have the same. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #tell: ((line: string) => void) | undefined;
  #lines = 0;

  /** `tell` gets every line, for someone who reads along. */
  constructor(tell?: (line: string) => void) {
    this.#tell = tell;
  }

  get lines(): number {
    return this.#lines;
  }

  add(line: string): void {
    this.#lines++;
    this.#hash.update(line);
    this.#hash.update('\n');
    this.#tell?.(line);
  }

  /** The hash so far, hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
