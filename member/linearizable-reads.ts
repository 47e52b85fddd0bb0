import type { Index } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import type { AppliedIndex } from './applied-index.ts';
import { type Deadline, withDeadline } from './deadline.ts';
import { Expiry } from './expiry.ts';
import { MEMBER_LIMITS } from './limits.ts';

/** A read that waits for the round that confirms it. */
class Waiter {
  readonly deadline: Deadline;
  readonly resolve: (index: Index) => void;
  readonly reject: (error: StoreError) => void;
  /** Called when nobody waits for it any more. */
  readonly canceled = (): void => this.end(new StoreError('REQUEST_CANCELED'));
  isOver = false;

  constructor(deadline: Deadline, resolve: (index: Index) => void, reject: (error: StoreError) => void) {
    this.deadline = deadline;
    this.resolve = resolve;
    this.reject = reject;
  }

  get deadlineMs(): number {
    return this.deadline.atMs;
  }

  /** Answers once. */
  end(outcome: Index | StoreError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.deadline.signal?.removeEventListener('abort', this.canceled);
    if (outcome instanceof StoreError) this.reject(outcome);
    else this.resolve(outcome);
  }
}

export interface LinearizableReadsOptions {
  readonly clock: Clock;
  readonly applied: AppliedIndex;
  /** Hands a round to consensus; every context is used once. */
  readonly ask: (context: bigint) => void;
  /** Reads that may wait for the next round; one more fails. */
  readonly maxWaiting: number;
  /** Where contexts start: two lives of a member must not share any. */
  readonly firstContext: bigint;
}

/**
 * Reads that must see every write that was answered before they began. All that wait share one round (ReadIndex, Raft thesis
 * §6.4); those that come while it is under way wait for the next, since the round may be older than they are.
 */
export class LinearizableReads {
  readonly #options: LinearizableReadsOptions;
  #context: bigint;
  #waiting: Waiter[] = [];
  #round:
    | { readonly context: bigint; readonly waiters: readonly Waiter[]; readonly cancelTimer: () => void }
    | undefined;
  readonly #expiry: Expiry<Waiter>;
  #cancelRetry: () => void = () => undefined;
  #slow = 0;
  #failed = 0;

  constructor(options: LinearizableReadsOptions) {
    this.#options = options;
    this.#context = options.firstContext;
    this.#expiry = new Expiry({
      clock: options.clock,
      waits: () => [...(this.#round?.waiters ?? []), ...this.#waiting].filter(({ isOver }) => !isOver),
      expire: (waiter) => {
        this.#failed++;
        waiter.end(new StoreError(waiter.deadline.code));
      },
    });
  }

  /** Rounds that had to be asked again, and reads that gave up waiting for one. */
  get stats(): { readonly slow: number; readonly failed: number } {
    return { slow: this.#slow, failed: this.#failed };
  }

  /** Resolves when this member's state is at least as new as the cluster's was. Errors: TIMEOUT, TOO_MANY_REQUESTS, those of the deadline. */
  async barrier(deadline: Deadline): Promise<void> {
    const { clock, applied } = this.#options;
    const index = await this.#confirmedIndex(deadline);
    if (index > applied.index) {
      await withDeadline(clock, deadline, applied.reached(index), () => new StoreError('TIMEOUT_WAIT_APPLIED'));
    }
  }

  /** The commit index that a leader confirmed after the call: who gets it on the leader knows that it was leader then. */
  #confirmedIndex(deadline: Deadline): Promise<Index> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#options.maxWaiting) throw new StoreError('TOO_MANY_REQUESTS');
      const waiter = new Waiter(deadline, resolve, reject);
      this.#waiting.push(waiter);
      this.#expiry.began(waiter);
      if (deadline.signal?.aborted) waiter.canceled();
      else deadline.signal?.addEventListener('abort', waiter.canceled);
      if (this.#round === undefined) this.#start();
    });
  }

  answered(context: bigint, index: Index): void {
    const round = this.#round;
    if (round?.context !== context) return;
    round.cancelTimer();
    this.#round = undefined;
    for (const waiter of round.waiters) waiter.end(index);
    if (this.#waiting.length > 0) this.#start();
  }

  /** Nobody will answer this round: its readers wait for the next. */
  dropped(context: bigint): void {
    const round = this.#round;
    if (round?.context !== context) return;
    round.cancelTimer();
    this.#round = undefined;
    this.#waiting = [...round.waiters, ...this.#waiting];
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(MEMBER_LIMITS.proposeRetryMs, () => {
      if (this.#round === undefined) this.#start();
    });
  }

  stop(): void {
    this.#round?.cancelTimer();
    this.#cancelRetry();
    this.#expiry.stop();
    const waiters = [...(this.#round?.waiters ?? []), ...this.#waiting];
    this.#round = undefined;
    this.#waiting = [];
    for (const waiter of waiters) waiter.end(new StoreError('STOPPED'));
  }

  #start(): void {
    const { clock, ask } = this.#options;
    const waiters = this.#waiting.filter(({ isOver }) => !isOver);
    this.#waiting = [];
    if (waiters.length === 0) return;
    const context = ++this.#context;
    const cancelTimer = clock.after(MEMBER_LIMITS.readRetryMs, () => {
      this.#slow++;
      this.dropped(context);
    });
    this.#round = { context, waiters, cancelTimer };
    ask(context);
  }
}
