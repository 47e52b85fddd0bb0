import type { CancelSignal } from '../base/cancel.ts';
import { StoreError } from '../base/store-error.ts';
import type { CallOptions } from '../client/kv-client.ts';
import type { Clock } from '../io/doors.ts';

/** When a call gives up, and why. */
export interface Deadline {
  readonly atMs: number;
  readonly signal: CancelSignal | undefined;
  /** What a caller is told whose own time is up (as opposed to the server's). */
  readonly code: 'DEADLINE_EXCEEDED' | 'TIMEOUT';
}

/** The earlier of the caller's deadline and the server's. */
export function deadlineOf(clock: Clock, options: CallOptions | undefined, serverTimeoutMs: number): Deadline {
  const timeoutMs = options?.timeoutMs ?? Number.POSITIVE_INFINITY;
  const isCallers = timeoutMs < serverTimeoutMs;
  return {
    atMs: clock.nowMs() + Math.min(timeoutMs, serverTimeoutMs),
    signal: options?.signal,
    code: isCallers ? 'DEADLINE_EXCEEDED' : 'TIMEOUT',
  };
}

/**
 * Waits for `work`, but not longer than the deadline. Errors: those of `work`, REQUEST_CANCELED when the signal fires, and at the
 * deadline what `late` makes (by default the deadline's own code). `work` itself goes on.
 */
export function withDeadline<T>(
  clock: Clock,
  deadline: Deadline,
  work: Promise<T>,
  late?: () => StoreError,
): Promise<T> {
  const { signal } = deadline;
  return new Promise((resolve, reject) => {
    const canceled = (): void => finish(() => reject(new StoreError('REQUEST_CANCELED')));
    const expired = (): void =>
      finish(() => reject(deadline.code === 'TIMEOUT' && late ? late() : new StoreError(deadline.code)));
    const cancelTimer = clock.after(Math.max(0, deadline.atMs - clock.nowMs()), expired);
    const finish = (settle: () => void): void => {
      cancelTimer();
      signal?.removeEventListener('abort', canceled);
      settle();
    };
    if (signal?.aborted) canceled();
    else signal?.addEventListener('abort', canceled, { once: true });
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}

/** Resolves after `delayMs`; never early. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}
