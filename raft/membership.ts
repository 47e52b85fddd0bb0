import type { MemberId } from '../base/brand.ts';
import type { Voters } from './quorum.ts';
import type { ConfChange, ConfState } from './types.ts';

/** A ConfState as sets. Never changed in place. */
export interface Configuration extends Voters {
  readonly learners: ReadonlySet<MemberId>;
  /** Voters of the outgoing half that become learners when it is left. */
  readonly learnersNext: ReadonlySet<MemberId>;
  readonly autoLeave: boolean;
}

export type ChangeResult =
  | { readonly type: 'changed'; readonly configuration: Configuration }
  | { readonly type: 'refused'; readonly reason: string };

export const EMPTY_CONF_STATE: ConfState = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** The change that leaves a joint configuration. */
export const LEAVE_JOINT: ConfChange = { transition: 'auto', changes: [], context: new Uint8Array(0) };

/**
 * `configuration` after `change`: no changes leave a joint configuration, a single one is made at once, several (or a `joint-`
 * transition) enter a joint one (Raft thesis §4.1 and §4.3). Refused if it does not fit: the answer is the same on every member.
 */
export function changeConfiguration(configuration: Configuration, change: ConfChange): ChangeResult {
  if (change.changes.length === 0) return leaveJoint(configuration);
  if (isJoint(configuration)) return refused('the previous change is still joint');
  const joint = change.transition !== 'auto' || change.changes.length > 1;
  return joint ? enterJoint(configuration, change) : changeOne(configuration, change);
}

/** Whether a configuration is between two majorities. */
export function isJoint(configuration: Voters): boolean {
  return configuration.outgoing.size > 0;
}

/** Whether a member takes part, as voter or learner. */
export function isMember(configuration: Configuration, member: MemberId): boolean {
  return isVoter(configuration, member) || configuration.learners.has(member);
}

export function isVoter(configuration: Voters, member: MemberId): boolean {
  return configuration.voters.has(member) || configuration.outgoing.has(member);
}

/** All who take part, ascending, so that every walk over them is the same on every run. */
export function membersOf({ voters, outgoing, learners }: Configuration): readonly MemberId[] {
  return sorted(new Set([...voters, ...outgoing, ...learners]));
}

export function configurationOf(state: ConfState): Configuration {
  return {
    voters: new Set(state.voters),
    outgoing: new Set(state.votersOutgoing),
    learners: new Set(state.learners),
    learnersNext: new Set(state.learnersNext),
    autoLeave: state.autoLeave,
  };
}

/** Members in ascending order, so that equal configurations are equal bytes everywhere. */
export function confStateOf(configuration: Configuration): ConfState {
  return {
    voters: sorted(configuration.voters),
    votersOutgoing: sorted(configuration.outgoing),
    learners: sorted(configuration.learners),
    learnersNext: sorted(configuration.learnersNext),
    autoLeave: configuration.autoLeave,
  };
}

function leaveJoint(configuration: Configuration): ChangeResult {
  if (!isJoint(configuration)) return refused('there is no joint configuration to leave');
  return changed({
    voters: configuration.voters,
    outgoing: new Set(),
    learners: new Set([...configuration.learners, ...configuration.learnersNext]),
    learnersNext: new Set(),
    autoLeave: false,
  });
}

function enterJoint(configuration: Configuration, change: ConfChange): ChangeResult {
  if (configuration.voters.size === 0) return refused('a configuration without voters cannot become joint');
  const next = withChanges({ ...configuration, outgoing: configuration.voters }, change);
  if (next.voters.size === 0) return refused('no voter would be left');
  return changed({ ...next, autoLeave: change.transition !== 'joint-explicit' });
}

function changeOne(configuration: Configuration, change: ConfChange): ChangeResult {
  // One change adds or removes at most one voter, so old and new majorities always meet (Raft thesis §4.1).
  const next = withChanges(configuration, change);
  return next.voters.size === 0 ? refused('no voter would be left') : changed(next);
}

function withChanges(configuration: Configuration, change: ConfChange): Configuration {
  const voters = new Set(configuration.voters);
  const learners = new Set(configuration.learners);
  const learnersNext = new Set(configuration.learnersNext);
  for (const { type, member } of change.changes) {
    const isLearner = learners.has(member);
    voters.delete(member);
    learners.delete(member);
    learnersNext.delete(member);
    if (type === 'add-voter') voters.add(member);
    // Who votes in the outgoing half cannot learn before it is left.
    else if (type === 'add-learner' && !isLearner && configuration.outgoing.has(member)) learnersNext.add(member);
    else if (type === 'add-learner') learners.add(member);
  }
  return { ...configuration, voters, learners, learnersNext };
}

function changed(configuration: Configuration): ChangeResult {
  return { type: 'changed', configuration };
}

function refused(reason: string): ChangeResult {
  return { type: 'refused', reason };
}

function sorted(members: Iterable<MemberId>): readonly MemberId[] {
  return [...members].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
