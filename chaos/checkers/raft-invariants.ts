import type { Violations } from './operation.ts';

/** What consensus looks like on one member at one moment. */
export interface RaftSample {
  readonly member: string;
  /** Counts the starts of the process. */
  readonly life: number;
  readonly isLeader: boolean;
  readonly term: number;
  readonly commit: number;
  readonly lastIndex: number;
  /** What the state machine has come to, and the term of that entry. */
  readonly applied: number;
  readonly appliedTerm: number;
}

/** Where each member stood the last time it was looked at. */
interface Seen extends RaftSample {
  /** The highest term in which it led: to be elected it had to put the term on its disk. */
  readonly ledTerm: number;
}

/**
 * The invariants of Raft (paper, figure 3), fed with samples as a run goes on: one leader in a term; a member applies one entry at an
 * index, all members the same; commit and term never fall within a life; a term that was led in is never forgotten;
 * applied <= commit <= the log's end.
 */
export class RaftInvariants {
  readonly #leaders = new Map<number, string>();
  readonly #appliedTerms = new Map<number, { readonly term: number; readonly member: string }>();
  readonly #members = new Map<string, Seen>();
  readonly #violations: string[] = [];

  get violations(): Violations {
    return this.#violations;
  }

  add(sample: RaftSample): void {
    const { member, life, isLeader, term, commit, applied, lastIndex } = sample;
    const before = this.#members.get(member);
    if (isLeader) this.#checkLeader(sample);
    this.#checkApplied(sample);
    if (applied > commit || commit > lastIndex)
      this.#violations.push(`${member}: applied ${applied}, commit ${commit}, the log ends at ${lastIndex}`);
    if (before !== undefined && before.life === life) {
      if (term < before.term) this.#violations.push(`${member}: the term fell from ${before.term} to ${term}`);
      if (commit < before.commit) this.#violations.push(`${member}: commit fell from ${before.commit} to ${commit}`);
      if (applied < before.applied)
        this.#violations.push(`${member}: applied fell from ${before.applied} to ${applied}`);
    }
    if (before !== undefined && term < before.ledTerm)
      this.#violations.push(`${member}: came back in term ${term}, after it had led term ${before.ledTerm}`);
    this.#members.set(member, { ...sample, ledTerm: Math.max(before?.ledTerm ?? 0, isLeader ? term : 0) });
  }

  /** The member's disk was given up: it comes back as another one. */
  forget(member: string): void {
    this.#members.delete(member);
  }

  #checkLeader({ member, term }: RaftSample): void {
    const other = this.#leaders.get(term);
    if (other === undefined) this.#leaders.set(term, member);
    else if (other !== member) this.#violations.push(`term ${term} has two leaders: ${other} and ${member}`);
  }

  #checkApplied({ member, applied, appliedTerm }: RaftSample): void {
    const other = this.#appliedTerms.get(applied);
    if (other === undefined) this.#appliedTerms.set(applied, { term: appliedTerm, member });
    else if (other.term !== appliedTerm)
      this.#violations.push(
        `index ${applied}: ${member} applied an entry of term ${appliedTerm}, ${other.member} one of term ${other.term}`,
      );
  }
}
