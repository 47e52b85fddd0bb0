import { StoreError, type StoreErrorCode } from '../../base/store-error.ts';
import type { Clock } from '../../io/doors.ts';
import type { PeerAnswer, PeerCall, PeerCallError } from '../../proto/gen/peer.ts';
import { Expiry } from '../expiry.ts';

/** What is asked, and what is answered, without the number that brings them together. */
export type PeerQuestion = Exclude<PeerCall['call'], undefined>;
export type PeerResult = Exclude<PeerAnswer['result'], undefined>;

interface Waiting {
  readonly id: number;
  readonly deadlineMs: number;
  readonly resolve: (result: PeerResult) => void;
  readonly reject: (error: StoreError) => void;
}

/** Calls that wait for their answer on one connection. */
export class PeerCalls {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #expiry: Expiry<Waiting>;
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#expiry = new Expiry({
      clock,
      waits: () => this.#waiting.values(),
      expire: ({ id, reject }) => {
        this.#waiting.delete(id);
        reject(new StoreError('TIMEOUT'));
      },
    });
  }

  /**
   * Sends through `send` and waits. Errors: what the other side answered; TIMEOUT after `timeoutMs`; TIMEOUT_CONNECTION_LOST when
   * the connection went down, with `wasSent` telling whether the call may have been received.
   */
  start(call: PeerQuestion, timeoutMs: number, send: (call: PeerCall) => boolean): Promise<PeerResult> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (!send({ id, call })) {
        reject(new NotSentError());
        return;
      }
      const waiting: Waiting = { id, deadlineMs: this.#clock.nowMs() + timeoutMs, resolve, reject };
      this.#waiting.set(id, waiting);
      this.#expiry.began(waiting);
    });
  }

  /** An answer that nobody waits for any more is dropped. */
  answer({ id, result }: PeerAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (result === undefined) waiting.reject(new StoreError('UNIMPLEMENTED'));
    else if (result.case === 'error') waiting.reject(errorFromWire(result.error));
    else waiting.resolve(result);
  }

  /** The connection went down: nobody knows which of these were received. */
  failAll(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#expiry.stop();
    for (const { reject } of waiting) reject(new StoreError('TIMEOUT_CONNECTION_LOST'));
  }
}

/** The call never left this member: it can be tried again without harm. */
export class NotSentError extends StoreError {
  constructor() {
    super('TIMEOUT_CONNECTION_LOST', 'there is no connection to the other member');
  }
}

/** An error on its way to another member. */
export function errorToWire(error: unknown): PeerCallError {
  if (error instanceof StoreError)
    return { code: error.code, text: error.message, compactRevision: error.compactRevision ?? 0 };
  return { code: 'INTERNAL', text: error instanceof Error ? error.message : String(error), compactRevision: 0 };
}

function errorFromWire({ code, text, compactRevision }: PeerCallError): StoreError {
  const known = Object.hasOwn(KNOWN, code) ? (code as keyof typeof KNOWN) : 'UNKNOWN';
  return new StoreError(known, text, compactRevision === 0 ? {} : { compactRevision });
}

/** The codes that the calls between members can end with. */
const KNOWN = {
  NOT_LEADER: true,
  NO_LEADER: true,
  LEADER_CHANGED: true,
  LEASE_NOT_FOUND: true,
  COMPACTED: true,
  FUTURE_REVISION: true,
  MEMBER_NOT_FOUND: true,
  NOT_LEARNER: true,
  LEARNER_NOT_READY: true,
  NOT_ENOUGH_STARTED_MEMBERS: true,
  TIMEOUT: true,
  TIMEOUT_LEADER_FAILURE: true,
  TIMEOUT_CONNECTION_LOST: true,
  TIMEOUT_WAIT_APPLIED: true,
  TOO_MANY_REQUESTS: true,
  STOPPED: true,
  UNIMPLEMENTED: true,
  INTERNAL: true,
  UNKNOWN: true,
} satisfies Partial<Record<StoreErrorCode, true>>;
