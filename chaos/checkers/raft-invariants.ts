import type { Violations } from './operation.ts';

/** What consensus looks like on one member at one moment. */
export interface RaftSample {
  readonly member: string;
  /** Counts the starts of the process. */
  readonly life: number;
  readonly isLeader: boolean;
  readonly term: number;
  readonly commit: number;
  /** The log has the entries [firstIndex, lastIndex]. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** The term of an entry of the log, undefined outside of it; asked only while the sample is added. */
  readonly termOf: (index: number) => number | undefined;
  /** What the state machine has come to, and the term of that entry. */
  readonly applied: number;
  readonly appliedTerm: number;
}

/** Where each member stood the last time it was looked at. */
interface Seen extends RaftSample {
  /** The highest term in which it led: to be elected it had to put the term on its disk. */
  readonly ledTerm: number;
  readonly lastTerm: number;
}

/** An entry that some member took for committed, and the term that member was in. */
interface Committed {
  readonly term: number;
  readonly inTerm: number;
  readonly member: string;
}

/**
 * The five properties of Raft (paper, figure 3), fed with samples as a run goes on. Election safety: one leader in a term. Leader
 * append-only: a leader keeps its log. Log matching: an entry has the same one before it in every log. Leader completeness: what was
 * committed is in the log of every later leader. State machine safety: one entry at an index, committed and applied, on all members. And
 * what they rest on: commit and term never fall within a life, a term that was led in is never forgotten, applied <= commit <= the log's end.
 */
export class RaftInvariants {
  readonly #leaders = new Map<number, string>();
  readonly #appliedTerms = new Map<number, { readonly term: number; readonly member: string }>();
  readonly #members = new Map<string, Seen>();
  /** By index. */
  readonly #committed = new Map<number, Committed>();
  /** By index and term: the term of the entry before. */
  readonly #before = new Map<string, { readonly term: number; readonly member: string }>();
  readonly #violations: string[] = [];

  get violations(): Violations {
    return this.#violations;
  }

  add(sample: RaftSample): void {
    const before = this.#members.get(sample.member);
    const alive = before?.life === sample.life ? before : undefined;
    if (sample.isLeader) this.#checkLeader(sample, before);
    if (alive !== undefined) this.#checkLife(sample, alive);
    this.#checkLog(sample, alive);
    this.#checkCommitted(sample, alive?.commit ?? 0);
    this.#checkApplied(sample);
    const { member, term, applied, commit, lastIndex, isLeader } = sample;
    if (applied > commit || commit > lastIndex)
      this.#violations.push(`${member}: applied ${applied}, commit ${commit}, the log ends at ${lastIndex}`);
    if (before !== undefined && term < before.ledTerm)
      this.#violations.push(`${member}: came back in term ${term}, after it had led term ${before.ledTerm}`);
    const ledTerm = Math.max(before?.ledTerm ?? 0, isLeader ? term : 0);
    this.#members.set(member, { ...sample, ledTerm, lastTerm: sample.termOf(lastIndex) ?? 0 });
  }

  /** The member's disk was given up: it comes back as another one. */
  forget(member: string): void {
    this.#members.delete(member);
  }

  #checkLeader(sample: RaftSample, before: Seen | undefined): void {
    const { member, term } = sample;
    const other = this.#leaders.get(term);
    if (other === undefined) this.#leaders.set(term, member);
    else if (other !== member) this.#violations.push(`term ${term} has two leaders: ${other} and ${member}`);
    if (before?.isLeader === true && before.term === term && before.life === sample.life)
      this.#checkAppendOnly(sample, before);
    else this.#checkComplete(sample);
  }

  #checkAppendOnly({ member, term, firstIndex, lastIndex, termOf }: RaftSample, before: Seen): void {
    const isKept =
      lastIndex >= before.lastIndex && (before.lastIndex < firstIndex || termOf(before.lastIndex) === before.lastTerm);
    if (!isKept)
      this.#violations.push(`${member}: the leader of term ${term} has changed its log from ${before.lastIndex} down`);
  }

  /** Asked once of every leader: it only appends from there. */
  #checkComplete({ member, term, firstIndex, termOf }: RaftSample): void {
    for (const [index, entry] of this.#committed) {
      if (index < firstIndex || entry.inTerm >= term || termOf(index) === entry.term) continue;
      this.#violations.push(
        `${member} leads term ${term} without entry ${index} of term ${entry.term}, which ${entry.member} knew to be committed in term ${entry.inTerm}`,
      );
      return;
    }
  }

  #checkLife({ member, term, commit, applied }: RaftSample, before: Seen): void {
    if (term < before.term) this.#violations.push(`${member}: the term fell from ${before.term} to ${term}`);
    if (commit < before.commit) this.#violations.push(`${member}: commit fell from ${before.commit} to ${commit}`);
    if (applied < before.applied) this.#violations.push(`${member}: applied fell from ${before.applied} to ${applied}`);
  }

  /** From the end back to what was looked at before: below that nothing can have changed without changing above it. */
  #checkLog({ member, firstIndex, lastIndex, termOf }: RaftSample, before: Seen | undefined): void {
    const isSame = before !== undefined && termOf(before.lastIndex) === before.lastTerm;
    const known = isSame ? before.lastIndex : 0;
    for (let index = lastIndex; index > Math.max(firstIndex, known); index--) {
      const term = termOf(index - 1);
      if (term === undefined) return;
      const name = `${index} ${termOf(index)}`;
      const other = this.#before.get(name);
      if (other === undefined) this.#before.set(name, { term, member });
      else if (other.term !== term)
        this.#violations.push(
          `entry ${index} of term ${termOf(index)} follows one of term ${term} on ${member}, and one of term ${other.term} on ${other.member}`,
        );
    }
  }

  #checkCommitted({ member, term: inTerm, firstIndex, commit, termOf }: RaftSample, known: number): void {
    for (let index = commit; index >= Math.max(firstIndex, known + 1); index--) {
      const term = termOf(index);
      if (term === undefined) continue;
      const other = this.#committed.get(index);
      if (other === undefined) this.#committed.set(index, { term, inTerm, member });
      else if (other.term !== term)
        this.#violations.push(
          `index ${index}: ${member} took an entry of term ${term} for committed, ${other.member} one of term ${other.term}`,
        );
    }
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
