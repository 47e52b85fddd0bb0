import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import { type CommandBody, type CommandOptions, sealCommand } from '../proto/command.ts';
import type { Applied } from '../storage/machine/machine.ts';
import { costOf } from '../storage/machine/quota.ts';
import type { Deadline } from './deadline.ts';
import { Expiry } from './expiry.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { NotSentError } from './peers/calls.ts';
import { Pending, PendingCommands, type ProposalData } from './pending.ts';

/** Where a leader put a proposal into its log. */
export interface Position {
  readonly index: Index;
  readonly term: Term;
}

export interface ProposalsOptions {
  readonly clock: Clock;
  readonly maxPending: number;
  /** Entries committed and not applied; above it proposals fail. */
  readonly maxApplyGap: number;
  /** An encoded command above this is refused. */
  readonly maxRequestBytes: number;
  /** What the commands of this member may fill; 0: no bound. */
  readonly quotaBytes: number;
  /** Two lives of a member, and two members, must not share any. */
  readonly firstId: bigint;
  readonly leader: () => { readonly id: MemberId; readonly electedMs: number };
  readonly isSelf: (member: MemberId) => boolean;
  readonly connectedSinceMs: (member: MemberId) => number | undefined;
  /** How many committed entries wait to be applied. */
  readonly applyGap: () => number;
  /** As the leader: appends, or tells that it was dropped. */
  readonly append: (proposal: ProposalData) => Position | undefined;
  /** Asks the leader to append these. Undefined for one: certainly dropped. Errors: NotSentError when it certainly received none. */
  readonly forward: (
    leader: MemberId,
    proposals: readonly ProposalData[],
    timeoutMs: number,
  ) => Promise<readonly (Position | undefined)[]>;
  /** Whether the leader understands a message of several proposals. */
  readonly takesMany: (leader: MemberId) => boolean;
  /** Calls back when the inputs that are at hand have been taken in. */
  readonly soon: (run: () => void) => void;
}

/** How a command goes into the log. */
export interface ProposeOptions extends CommandOptions {
  /** Makes the data of a conf entry, of which the command is the context. */
  readonly wrap?: (command: Uint8Array) => Uint8Array;
}

/**
 * Commands of this member's clients on their way through the log. A command is offered to the leader again only when it is
 * certain that it is in no log that can win: never sent, refused by the leader, or another entry was committed in its place.
 * So a command is applied at most once, and a change of leader costs most clients a wait instead of an error.
 */
export class Proposals {
  readonly #options: ProposalsOptions;
  readonly #pending: PendingCommands;
  readonly #expiry: Expiry<Pending>;
  #cancelRetry: (() => void) | undefined;
  /** For another member that leads: they leave together, soon. */
  #outgoing: Pending[] = [];
  #failedCount = 0;

  constructor(options: ProposalsOptions) {
    this.#options = options;
    this.#pending = new PendingCommands(options.firstId);
    this.#expiry = new Expiry({
      clock: options.clock,
      waits: () => this.#pending.values(),
      expire: (pending) => this.#fail(pending, this.#late(pending)),
    });
  }

  get stats(): { readonly pending: number; readonly failed: number } {
    return { pending: this.#pending.size, failed: this.#failedCount };
  }

  /** Resolves with what the command came to. Errors: REQUEST_TOO_LARGE, TOO_MANY_REQUESTS, TIMEOUT*, STOPPED, those of the deadline. */
  propose(body: CommandBody, deadline: Deadline, options: ProposeOptions = NO_OPTIONS): Promise<Applied> {
    return new Promise((resolve, reject) => {
      const id = this.#pending.nextId();
      const proposal = this.#seal(id, body, options);
      const startMs = this.#options.clock.nowMs();
      const pending = new Pending({ id, proposal, startMs, deadline }, { resolve, reject }, this.#canceled);
      this.#pending.add(pending);
      this.#expiry.began(pending);
      if (deadline.signal?.aborted) pending.canceled();
      else deadline.signal?.addEventListener('abort', pending.canceled, ONCE);
      this.#offer(pending);
    });
  }

  /** An entry was applied: answers who proposed it, and offers again what was lost to it. */
  applied(applied: Applied): void {
    const answered = this.#pending.get(applied.commandId);
    if (answered !== undefined) {
      this.#over(answered);
      answered.resolve(applied);
    }
    this.#pending.takePlaced(applied.index, this.#overtaken);
  }

  /** Entries up to `index` came with a snapshot: what was placed there is not known any more, and waits for its deadline. */
  skipped(index: Index): void {
    this.#pending.forgetPlaced(index);
  }

  /** There is a leader, or another one. */
  leaderChanged(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    for (const pending of this.#pending.values()) if (pending.state === 'waiting') this.#offer(pending);
  }

  failAll(error: StoreError): void {
    this.#cancelRetry?.();
    for (const pending of [...this.#pending.values()]) this.#fail(pending, error);
    this.#expiry.stop();
    this.#pending.clear();
  }

  readonly #canceled = (pending: Pending): void => this.#fail(pending, new StoreError('REQUEST_CANCELED'));

  /** Something was applied at its index: if somebody still waits for it, that was another entry. */
  readonly #overtaken = (placed: Pending): void => {
    if (this.#pending.has(placed)) this.#retry(placed);
  };

  /** Errors: REQUEST_TOO_LARGE, TOO_MANY_REQUESTS. */
  #seal(id: bigint, body: CommandBody, { identity, wrap }: ProposeOptions): ProposalData {
    const { maxPending, applyGap, maxApplyGap, maxRequestBytes, quotaBytes } = this.#options;
    const command = sealCommand(id, body, { identity, quotaBytes: costOf(body) > 0 ? quotaBytes : 0 });
    if (command.length > maxRequestBytes) throw new StoreError('REQUEST_TOO_LARGE');
    if (this.#pending.size >= maxPending || applyGap() > maxApplyGap) throw new StoreError('TOO_MANY_REQUESTS');
    return wrap === undefined ? { type: 'normal', data: command } : { type: 'conf', data: wrap(command) };
  }

  /** Nobody waits for it any more; what was sent of it goes on. */
  #over(pending: Pending): void {
    this.#pending.delete(pending);
    pending.deadline.signal?.removeEventListener('abort', pending.canceled);
  }

  #fail(pending: Pending, error: StoreError): void {
    this.#over(pending);
    this.#failedCount++;
    pending.reject(error);
  }

  #offer(pending: Pending): void {
    const { leader, isSelf, append } = this.#options;
    const to = leader().id;
    if (to === NO_MEMBER) this.#retry(pending);
    else if (isSelf(to)) this.#place(pending, append(pending.proposal));
    else this.#forwardSoon(pending);
  }

  /** Clients ask by the dozen: what came in one turn costs one message to the leader, and one from it. */
  #forwardSoon(pending: Pending): void {
    pending.state = 'asking';
    this.#outgoing.push(pending);
    if (this.#outgoing.length === 1) this.#options.soon(() => this.#forwardAll());
  }

  #forwardAll(): void {
    const { leader, isSelf, takesMany } = this.#options;
    const outgoing = this.#outgoing.filter((pending) => this.#pending.has(pending));
    this.#outgoing = [];
    const to = leader().id;
    // Another may lead than when they came.
    if (to === NO_MEMBER || isSelf(to)) for (const pending of outgoing) this.#offer(pending);
    else for (const batch of batchesOf(outgoing, takesMany(to))) this.#forward(batch, to);
  }

  #forward(batch: readonly Pending[], to: MemberId): void {
    const { clock, forward } = this.#options;
    let deadlineMs = 0;
    for (const pending of batch) deadlineMs = Math.max(deadlineMs, pending.deadlineMs);
    const proposals = batch.map(({ proposal }) => proposal);
    forward(to, proposals, deadlineMs - clock.nowMs()).then(
      (positions) => {
        for (const [i, pending] of batch.entries()) this.#place(pending, positions[i]);
      },
      (error: unknown) => {
        // Otherwise nobody knows whether the leader has them: only their outcome, or the deadline, can tell.
        if (error instanceof NotSentError) for (const pending of batch) this.#retry(pending);
      },
    );
  }

  #place(pending: Pending, position: Position | undefined): void {
    if (position === undefined) {
      this.#retry(pending);
      return;
    }
    if (!this.#pending.has(pending)) return;
    pending.state = 'placed';
    this.#pending.place(pending, position.index);
  }

  #retry(pending: Pending): void {
    if (!this.#pending.has(pending)) return;
    pending.state = 'waiting';
    this.#cancelRetry ??= this.#options.clock.after(MEMBER_LIMITS.proposeRetryMs, () => {
      this.#cancelRetry = undefined;
      this.leaderChanged();
    });
  }

  /** Why nobody waits any longer. Source: etcd server/etcdserver/v3_server.go, parseProposeCtxErr. */
  #late({ startMs, deadline }: Pending): StoreError {
    if (deadline.code !== 'TIMEOUT') return new StoreError(deadline.code);
    const { leader, isSelf, connectedSinceMs } = this.#options;
    const { id, electedMs } = leader();
    if (id === NO_MEMBER) return new StoreError('TIMEOUT');
    if (electedMs > startMs) return new StoreError('TIMEOUT_LEADER_FAILURE');
    if (!isSelf(id) && (connectedSinceMs(id) ?? Number.POSITIVE_INFINITY) > startMs)
      return new StoreError('TIMEOUT_CONNECTION_LOST');
    return new StoreError('TIMEOUT');
  }
}

const NO_OPTIONS: ProposeOptions = {};
const ONCE = { once: true } as const;

/** Cuts what goes to the leader into messages that stay far below the greatest frame; one proposal alone may be larger. */
function batchesOf(outgoing: readonly Pending[], takesMany: boolean): readonly (readonly Pending[])[] {
  if (!takesMany) return outgoing.map((pending) => [pending]);
  const batches: Pending[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const pending of outgoing) {
    const { length } = pending.proposal.data;
    if (sizeBytes + length > MEMBER_LIMITS.forwardBytes) {
      batches.push([]);
      sizeBytes = 0;
    }
    batches.at(-1)?.push(pending);
    sizeBytes += length;
  }
  return batches;
}
