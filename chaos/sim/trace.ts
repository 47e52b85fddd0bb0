import { createHash } from 'node:crypto';

/** What a line means in a picture of the run; one without is only text. */
export type TraceMark =
  /** A process runs from here, or not any more. */
  | { readonly type: 'up' | 'down' | 'pause' | 'resume'; readonly member: string }
  | { readonly type: 'leader'; readonly member: string; readonly term: number }
  /** It does not lead (any more). */
  | { readonly type: 'follower'; readonly member: string }
  | { readonly type: 'fault' }
  /** A call ended that began at `startMs`. */
  | { readonly type: 'call'; readonly client: number; readonly startMs: number; readonly isKnown: boolean }
  | { readonly type: 'violation' };

/** One line of a run's story. Milliseconds of virtual time. */
export interface TraceLine {
  readonly atMs: number;
  readonly text: string;
  readonly mark: TraceMark | undefined;
}

/** What happened in a run: as a hash (two runs of one seed must have the same), line by line, or not at all, which is fastest. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #tell: ((line: TraceLine) => void) | undefined;
  readonly #isOn: boolean;
  #lines = 0;

  /** `tell` gets every line, for someone who reads along. */
  constructor(options: { readonly hashed?: boolean; readonly tell?: (line: TraceLine) => void } = {}) {
    this.#tell = options.tell;
    this.#isOn = options.hashed === true || options.tell !== undefined;
  }

  get lines(): number {
    return this.#lines;
  }

  /** `text` is only called when somebody listens. */
  add(atMs: number, text: () => string, mark?: TraceMark): void {
    if (!this.#isOn) return;
    this.#lines++;
    const line = { atMs, text: text(), mark };
    this.#hash.update(`${line.atMs} ${line.text}\n`);
    this.#tell?.(line);
  }

  /** The hash so far, hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
