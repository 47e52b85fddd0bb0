import type { Index, MemberId, Term } from '../../../base/brand.ts';
import type { ConfState, Entry, HardState } from '../../../raft/types.ts';

export function index(value: number): Index {
  return value as Index;
}

/** An entry whose data says which it is, so that a mix-up shows. */
export function entry(at: number, term: number, type: Entry['type'] = 'normal', extraBytes = 0): Entry {
  const data = Buffer.from(`entry ${at} of term ${term} ${'x'.repeat(extraBytes)}`);
  return { index: at as Index, term: term as Term, type, data };
}

export function state(term: number, vote = 0n, commit = 0): HardState {
  return { term: term as Term, vote: vote as MemberId, commit: commit as Index };
}

export function conf(voters: readonly bigint[]): ConfState {
  return {
    voters: voters as readonly MemberId[],
    votersOutgoing: [],
    learners: [],
    learnersNext: [],
    autoLeave: false,
  };
}
