import type { Logger } from './logger.ts';

/**
 * Lines about health checks: one when the answer changes, however often it is asked. Before a check has succeeded for the first time the
 * member is only starting, and whoever waits for it asks often.
 */
export class HealthLog {
  readonly #logger: Logger;
  readonly #last = new Map<string, string | undefined>();
  readonly #wasWell = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `reason` undefined: all is well. */
  answered(check: string, reason: string | undefined): void {
    const isNew = !this.#last.has(check);
    if (!isNew && this.#last.get(check) === reason) return;
    this.#last.set(check, reason);
    if (reason === undefined) {
      if (!isNew) this.#logger.info({ check }, 'healthy');
      this.#wasWell.add(check);
    } else if (this.#wasWell.has(check)) this.#logger.warn({ check, reason }, 'unhealthy');
    else this.#logger.info({ check, reason }, 'not healthy yet');
  }
}
