import { ApiError } from '../errors.ts';
import { FILTER_LIMITS } from './limits.ts';

/** Bounds how many requests are under way. Long-running ones (watches) are not counted. Source: filters/maxinflight.go. */
export class InFlight {
  readonly #maxReads: number;
  readonly #maxWrites: number;
  #reads = 0;
  #writes = 0;

  /** 0 = no limit. */
  constructor(options: { readonly maxReads?: number; readonly maxWrites?: number } = {}) {
    this.#maxReads = options.maxReads ?? FILTER_LIMITS.maxReadsInFlight;
    this.#maxWrites = options.maxWrites ?? FILTER_LIMITS.maxWritesInFlight;
  }

  get reads(): number {
    return this.#reads;
  }

  get writes(): number {
    return this.#writes;
  }

  /** Takes a place; what it returns gives it back. Errors: ApiError 429. */
  enter(verb: string): () => void {
    if (verb === 'get' || verb === 'list') {
      if (this.#maxReads > 0 && this.#reads >= this.#maxReads) throw tooMany();
      this.#reads++;
      return once(() => this.#reads--);
    }
    if (this.#maxWrites > 0 && this.#writes >= this.#maxWrites) throw tooMany();
    this.#writes++;
    return once(() => this.#writes--);
  }
}

const tooMany = (): ApiError =>
  new ApiError(429, 'TooManyRequests', 'too many requests, please try again later', {
    retryAfterSeconds: FILTER_LIMITS.retryAfterSeconds,
  });

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}
