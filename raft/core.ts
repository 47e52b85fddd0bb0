import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { Prng } from '../base/prng.ts';
import { RaftLog } from './log.ts';
import type { Configuration } from './membership.ts';
import { configurationOf, isVoter } from './membership.ts';
import { Outbox } from './outbox.ts';
import type { Progress } from './progress.ts';
import { ForwardedReads, ReadRounds } from './read-index.ts';
import type { SnapshotReceiver } from './snapshot.ts';
import type { HardState, Message, RaftOptions, RaftState, Role } from './types.ts';

/** A message as its sender writes it: who sends it and in which term is filled in by `send`. */
export type Outgoing = Message extends infer M ? (M extends Message ? Omit<M, 'from' | 'term'> : never) : never;

/** What only a leader knows. */
export interface Leadership {
  /** Everybody who takes part, this member included, ascending by id. */
  readonly progress: Map<MemberId, Progress>;
  /** No membership change may be proposed before this index is applied. */
  pendingConfIndex: Index;
  /** Who is to take over, or NO_MEMBER. */
  transferee: MemberId;
  /** The entry that goes to everybody at once, to see whom a quorum needs; undefined when that is known. */
  raceIndex: Index | undefined;
}

/** The state of one member that every role works on; the roles are functions over it. */
export class Core {
  readonly options: RaftOptions;
  readonly id: MemberId;
  readonly log: RaftLog;
  readonly outbox = new Outbox();
  readonly reads = new ReadRounds();
  readonly forwardedReads: ForwardedReads;
  readonly #prng: Prng;

  term: Term;
  vote: MemberId;
  role: Role = 'follower';
  leader: MemberId = NO_MEMBER;
  configuration: Configuration;
  /** Set exactly while `role` is 'leader'. */
  leadership: Leadership | undefined;
  /** Votes heard in the present campaign. */
  readonly votes = new Map<MemberId, boolean>();
  receiver: SnapshotReceiver | undefined;
  /** Nobody waits here for what is replicated. */
  unattended = false;

  /** Ticks since a leader was heard (as a leader: since the quorum was last checked). */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  electionTimeout = 0;

  constructor(options: RaftOptions, state: RaftState) {
    this.options = options;
    this.id = options.id;
    const { hardState, snapshot } = state;
    this.log = new RaftLog(snapshot, state.entries, { commit: hardState.commit, applied: state.applied });
    this.term = hardState.term;
    this.vote = hardState.vote;
    this.configuration = configurationOf(state.conf ?? snapshot.conf);
    this.forwardedReads = new ForwardedReads(options.electionTicks);
    // Members are often given one seed: their jitter must differ all the same.
    this.#prng = new Prng((options.seed ^ Number(BigInt.asUintN(32, options.id * 0x9e3779b1n))) >>> 0);
    this.resetTimers();
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.commit };
  }

  /** Sends in the present term; before anything of this Ready is on disk. */
  send(message: Outgoing): void {
    this.outbox.messages.push(this.#signed(message));
  }

  /** Sends in the present term, once this Ready is on disk. */
  sendAfterPersist(message: Outgoing): void {
    this.outbox.messagesAfterPersist.push(this.#signed(message));
  }

  /** The object itself becomes the message, so it must have been made for this call: a copy would cost more than all else about a heartbeat. */
  #signed(message: Outgoing): Message {
    const signed: Outgoing & { from?: MemberId; term?: Term } = message;
    signed.from = this.id;
    signed.term = this.term;
    return signed as Message;
  }

  /** Whether this member may campaign: it votes in the configuration it knows, and has installed what it received. */
  isPromotable(): boolean {
    return isVoter(this.configuration, this.id) && this.log.applied >= this.log.snapshotIndex;
  }

  /** Whether a leader was heard so recently that an election would only disturb it (Raft thesis §6.4.1). */
  hasLeaderLease(): boolean {
    return this.options.checkQuorum && this.leader !== NO_MEMBER && this.electionElapsed < this.options.electionTicks;
  }

  becomeFollower(term: Term, leader: MemberId): void {
    this.enterTerm(term);
    this.role = 'follower';
    this.setLeader(leader);
  }

  /** The part that every change of role shares: a new term forgets the vote, and nothing of the old role remains. */
  enterTerm(term: Term): void {
    if (term !== this.term) {
      this.term = term;
      this.vote = NO_MEMBER;
      this.receiver = undefined;
    }
    this.votes.clear();
    this.resetTimers();
    if (this.leadership === undefined) return;
    this.leadership = undefined;
    for (const read of this.reads.drain()) this.refuseRead(read.from, read.context);
  }

  /** Reads that were sent to another leader will not be answered any more. */
  setLeader(leader: MemberId): void {
    if (leader === this.leader) return;
    this.leader = leader;
    this.outbox.readsDropped.push(...this.forwardedReads.drain());
  }

  refuseRead(from: MemberId, context: bigint): void {
    if (from === this.id) this.outbox.readsDropped.push(context);
    else this.send({ type: 'read-index-response', to: from, context, index: 0 as Index, rejected: true });
  }

  resetTimers(): void {
    const { electionTicks } = this.options;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.electionTimeout = this.#prng.between(electionTicks, 2 * electionTicks - 1);
  }
}
