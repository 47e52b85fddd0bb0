import type { DiskError } from '../io/doors.ts';

/** Brings what the backend finds damaged to the member; until there is one, what was reported is kept. */
export class DamageReports {
  #first: DiskError | undefined;
  #listener: ((error: DiskError) => void) | undefined;

  report(error: DiskError): void {
    this.#first ??= error;
    this.#listener?.(error);
  }

  /** From now on told to `listener`; also what came before. */
  listen(listener: (error: DiskError) => void): void {
    this.#listener = listener;
    if (this.#first !== undefined) listener(this.#first);
  }

  /** What was damaged is not in use any more. */
  forget(): void {
    this.#first = undefined;
  }
}
