import type { Index, MemberId } from '../base/brand.ts';
import { MAX_READ_ROUNDS_IN_FLIGHT, MAX_WAITING_READS } from './limits.ts';

/** A read that somebody waits for: `from` asked under `context`. */
export interface PendingRead {
  readonly from: MemberId;
  readonly context: bigint;
}

interface Round {
  readonly context: number;
  readonly index: Index;
  readonly reads: readonly PendingRead[];
}

/**
 * Linearizable reads without a log entry (Raft thesis §6.4). Reads gather until a round starts; a round notes the commit index and
 * asks a quorum whether its sender still leads, with a heartbeat that carries a context which is never used again: were it
 * reused, an answer to an old round could confirm a new one, after another leader has taken over unnoticed.
 */
export class ReadRounds {
  #waiting: PendingRead[] = [];
  #rounds: Round[] = [];
  #lastContext = 0;

  /** False when too many wait already. */
  add(read: PendingRead): boolean {
    if (this.#waiting.length >= MAX_WAITING_READS) return false;
    this.#waiting.push(read);
    return true;
  }

  /** The newest round on its way, for heartbeats to repeat: its answers confirm the older ones too. 0 if none is. */
  get newestContext(): number {
    return this.#rounds.at(-1)?.context ?? 0;
  }

  /** Starts a round for all waiting reads at `commit`. False if none wait or enough rounds are on their way. */
  start(commit: Index): boolean {
    if (this.#waiting.length === 0 || this.#rounds.length >= MAX_READ_ROUNDS_IN_FLIGHT) return false;
    this.#rounds.push({ context: ++this.#lastContext, index: commit, reads: this.#waiting });
    this.#waiting = [];
    return true;
  }

  /** The rounds that a quorum has confirmed, when it has confirmed `context`. */
  confirm(context: number): readonly Round[] {
    const confirmed = this.#rounds.filter((round) => round.context <= context);
    if (confirmed.length > 0) this.#rounds = this.#rounds.slice(confirmed.length);
    return confirmed;
  }

  /** Gives up all reads: this member leads no more. */
  drain(): readonly PendingRead[] {
    const reads = [...this.#rounds.flatMap((round) => round.reads), ...this.#waiting];
    this.#rounds = [];
    this.#waiting = [];
    return reads;
  }
}

/** Reads that a follower has asked its leader for. One that is not answered within an election timeout is given up. */
export class ForwardedReads {
  readonly #patienceTicks: number;
  #now = 0;
  /** Context to the tick of its end, oldest first. */
  readonly #deadlines = new Map<bigint, number>();

  constructor(patienceTicks: number) {
    this.#patienceTicks = patienceTicks;
  }

  /** False when too many wait already. */
  add(context: bigint): boolean {
    if (this.#deadlines.size >= MAX_WAITING_READS) return false;
    this.#deadlines.set(context, this.#now + this.#patienceTicks);
    return true;
  }

  /** True if the read was waiting; it no longer is. */
  settle(context: bigint): boolean {
    return this.#deadlines.delete(context);
  }

  /** A tick passed: the reads whose time is up. */
  tick(): readonly bigint[] {
    this.#now++;
    const expired: bigint[] = [];
    for (const [context, deadline] of this.#deadlines) {
      if (deadline > this.#now) break;
      expired.push(context);
    }
    for (const context of expired) this.#deadlines.delete(context);
    return expired;
  }

  drain(): readonly bigint[] {
    const contexts = [...this.#deadlines.keys()];
    this.#deadlines.clear();
    return contexts;
  }
}
