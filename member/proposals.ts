import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import { type CommandBody, type CommandOptions, sealCommand } from '../proto/command.ts';
import type { Entry } from '../raft/types.ts';
import type { Applied } from '../storage/machine/machine.ts';
import { costOf } from '../storage/machine/quota.ts';
import { type Deadline, withDeadline } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { NotSentError } from './peers/calls.ts';

/** Where a leader put a proposal into its log. */
export interface Position {
  readonly index: Index;
  readonly term: Term;
}

/** A proposal as it goes to the leader. */
export interface ProposalData {
  readonly type: Entry['type'];
  readonly data: Uint8Array;
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
  /** Asks the leader to append. Undefined: certainly dropped. Errors: NotSentError when it certainly was not received. */
  readonly forward: (leader: MemberId, proposal: ProposalData, timeoutMs: number) => Promise<Position | undefined>;
}

/** How a command goes into the log. */
export interface ProposeOptions extends CommandOptions {
  /** Makes the data of a conf entry, of which the command is the context. */
  readonly wrap?: (command: Uint8Array) => Uint8Array;
}

interface Pending {
  readonly id: bigint;
  readonly proposal: ProposalData;
  readonly startMs: number;
  readonly deadlineMs: number;
  /** `waiting`: no leader has it; `asking`: nobody knows yet; `placed`: a leader appended it. */
  state: 'waiting' | 'asking' | 'placed';
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commands of this member's clients on their way through the log. A command is offered to the leader again only when it is
 * certain that it is in no log that can win: never sent, refused by the leader, or another entry was committed in its place.
 * So a command is applied at most once, and a change of leader costs most clients a wait instead of an error.
 */
export class Proposals {
  readonly #options: ProposalsOptions;
  readonly #pending = new Map<bigint, Pending>();
  readonly #byIndex = new Map<Index, Pending[]>();
  #lastId: bigint;
  #cancelRetry: (() => void) | undefined;
  #failedCount = 0;

  constructor(options: ProposalsOptions) {
    this.#options = options;
    this.#lastId = options.firstId;
  }

  get stats(): { readonly pending: number; readonly failed: number } {
    return { pending: this.#pending.size, failed: this.#failedCount };
  }

  /** Resolves with what the command came to. Errors: REQUEST_TOO_LARGE, TOO_MANY_REQUESTS, TIMEOUT*, STOPPED, those of the deadline. */
  async propose(body: CommandBody, deadline: Deadline, options: ProposeOptions = {}): Promise<Applied> {
    const { wrap, ...sealed } = options;
    const { clock, maxPending, applyGap, maxApplyGap, maxRequestBytes, quotaBytes } = this.#options;
    const id = ++this.#lastId;
    const command = sealCommand(id, body, { ...sealed, quotaBytes: costOf(body) > 0 ? quotaBytes : 0 });
    if (command.length > maxRequestBytes) throw new StoreError('REQUEST_TOO_LARGE');
    if (this.#pending.size >= maxPending || applyGap() > maxApplyGap) throw new StoreError('TOO_MANY_REQUESTS');
    const proposal: ProposalData =
      wrap === undefined ? { type: 'normal', data: command } : { type: 'conf', data: wrap(command) };
    const startMs = clock.nowMs();
    const work = new Promise<Applied>((resolve, reject) => {
      const pending: Pending = { id, proposal, startMs, deadlineMs: deadline.atMs, state: 'waiting', resolve, reject };
      this.#pending.set(id, pending);
      this.#offer(pending);
    });
    try {
      return await withDeadline(clock, deadline, work, () => this.#late(startMs));
    } catch (error) {
      this.#failedCount++;
      throw error;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** An entry was applied: answers who proposed it, and offers again what was lost to it. */
  applied(applied: Applied): void {
    this.#pending.get(applied.commandId)?.resolve(applied);
    const placed = this.#byIndex.get(applied.index);
    if (placed === undefined) return;
    this.#byIndex.delete(applied.index);
    for (const pending of placed) {
      if (pending.id !== applied.commandId && this.#pending.has(pending.id)) this.#retry(pending);
    }
  }

  /** Entries up to `index` came with a snapshot: what was placed there is not known any more, and waits for its deadline. */
  skipped(index: Index): void {
    for (const placed of this.#byIndex.keys()) if (placed <= index) this.#byIndex.delete(placed);
  }

  /** There is a leader, or another one. */
  leaderChanged(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    for (const pending of this.#pending.values()) if (pending.state === 'waiting') this.#offer(pending);
  }

  failAll(error: StoreError): void {
    this.#cancelRetry?.();
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#byIndex.clear();
  }

  #offer(pending: Pending): void {
    const { leader, isSelf, append } = this.#options;
    const to = leader().id;
    if (to === NO_MEMBER) this.#retry(pending);
    else if (isSelf(to)) this.#place(pending, append(pending.proposal));
    else void this.#forward(pending, to);
  }

  async #forward(pending: Pending, to: MemberId): Promise<void> {
    const { clock, forward } = this.#options;
    pending.state = 'asking';
    try {
      this.#place(pending, await forward(to, pending.proposal, pending.deadlineMs - clock.nowMs()));
    } catch (error) {
      // Otherwise nobody knows whether the leader has it: only its outcome, or the deadline, can tell.
      if (error instanceof NotSentError) this.#retry(pending);
    }
  }

  #place(pending: Pending, position: Position | undefined): void {
    if (position === undefined) {
      this.#retry(pending);
      return;
    }
    if (!this.#pending.has(pending.id)) return;
    pending.state = 'placed';
    const placed = this.#byIndex.get(position.index);
    if (placed === undefined) this.#byIndex.set(position.index, [pending]);
    else placed.push(pending);
  }

  #retry(pending: Pending): void {
    if (!this.#pending.has(pending.id)) return;
    pending.state = 'waiting';
    this.#cancelRetry ??= this.#options.clock.after(MEMBER_LIMITS.proposeRetryMs, () => {
      this.#cancelRetry = undefined;
      this.leaderChanged();
    });
  }

  /** Why the server gave up. Source: etcd server/etcdserver/v3_server.go, parseProposeCtxErr. */
  #late(startMs: number): StoreError {
    const { leader, isSelf, connectedSinceMs } = this.#options;
    const { id, electedMs } = leader();
    if (id === NO_MEMBER) return new StoreError('TIMEOUT');
    if (electedMs > startMs) return new StoreError('TIMEOUT_LEADER_FAILURE');
    if (!isSelf(id) && (connectedSinceMs(id) ?? Number.POSITIVE_INFINITY) > startMs)
      return new StoreError('TIMEOUT_CONNECTION_LOST');
    return new StoreError('TIMEOUT');
  }
}
