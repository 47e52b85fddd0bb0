import { type MemberId, NO_MEMBER } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { RaftStatus } from '../raft/types.ts';
import { MEMBER_LIMITS } from './limits.ts';

export interface StartElectionOptions {
  readonly clock: Clock;
  readonly status: () => RaftStatus;
  /** Whether messages to this member are sent at present. */
  readonly isConnected: (member: MemberId) => boolean;
  readonly campaign: () => void;
  /** Ticks for which a leader that is already there may make itself heard: 0 when a cluster is being founded, and has none. */
  readonly listenTicks: number;
}

/**
 * The first election after a start: nobody has to wait an election timeout for a leader that is not there. Once this member and a
 * majority reach each other, the voter with the smallest id stands at once, each further one a tick later than the one before it. Only
 * while the term is that of the start: as soon as anybody has stood, timeouts decide as ever. Safety rests on votes alone; a leader that
 * lives is safe by the pre-vote, which its followers refuse. Source of the idea: etcd, advanceTicks and --initial-election-tick-advance.
 */
export class StartElection {
  readonly #options: StartElectionOptions;
  /** Those who have said hello: answers of theirs come here. */
  readonly #heard = new Set<MemberId>();
  readonly #startTerm: number;
  #readyTicks = 0;
  #ticks = 0;
  #isOver = false;
  #isSettling = false;

  constructor(options: StartElectionOptions) {
    this.#options = options;
    this.#startTerm = options.status().term;
  }

  /** A member connected to this one. */
  heard(member: MemberId): void {
    if (this.#isOver) return;
    this.#heard.add(member);
    this.connected();
  }

  /** This member connected to another one. */
  connected(): void {
    if (this.#isOver || this.#isSettling) return;
    this.#isSettling = true;
    // Its hello may overtake the answer to ours.
    this.#options.clock.after(MEMBER_LIMITS.startElectionSettleMs, () => {
      this.#isSettling = false;
      this.#standIf((delayTicks) => delayTicks === 0);
    });
  }

  tick(): void {
    if (this.#isOver) return;
    if (++this.#ticks > MEMBER_LIMITS.startElectionTicks) this.#isOver = true;
    this.#standIf((delayTicks) => ++this.#readyTicks > delayTicks);
  }

  #standIf(isTime: (delayTicks: number) => boolean): void {
    if (this.#isOver) return;
    const status = this.#options.status();
    const { id, term, leader, role, conf } = status;
    const isUndecided = term === this.#startTerm && leader === NO_MEMBER;
    if (!isUndecided || (role !== 'follower' && role !== 'pre-candidate')) {
      this.#isOver = true;
      return;
    }
    const voters = [...conf.voters].sort((a, b) => (a < b ? -1 : 1));
    const rank = voters.indexOf(id);
    if (rank < 0 || !this.#reachesMajority(id, voters)) return;
    if (isTime(this.#options.listenTicks + rank)) this.#options.campaign();
  }

  #reachesMajority(self: MemberId, voters: readonly MemberId[]): boolean {
    const reached = voters.filter((id) => id === self || (this.#heard.has(id) && this.#options.isConnected(id)));
    return reached.length * 2 > voters.length;
  }
}
