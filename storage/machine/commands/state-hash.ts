import type { StateHashVote } from '../../../proto/gen/command.ts';
import { AlarmType } from '../../../proto/gen/etcd.ts';
import type { ActiveAlarm } from '../alarms.ts';
import { alarmGoneRow, alarmRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/** Whose data is wrong is not known: the alarm is everybody's. Source: etcd, memberID 0 of compact hash checks. */
export const NOBODY_KNOWN = 0n;

/** Every member remembers its hash here. Votes that disagreed without a majority, when their round ends, are an alarm for all. */
export function applyStateHashMark(state: State, index: number): Effect {
  const { stateHash } = state;
  const isSplit = stateHash.decided === undefined && new Set(stateHash.votes.values()).size > 1;
  const raised = isSplit ? raise(state, NOBODY_KNOWN) : [];
  stateHash.setMark(index);
  return effectOf(raised);
}

/**
 * Counts a member's hash at the last mark. Once a majority of the voters has the same one, whoever differs has diverged: it gets a
 * CORRUPT alarm, whether it follows or leads, and one who agrees again loses its own. So no single member, the leader included,
 * can accuse a healthy majority. A vote for another mark is too late and counts for nothing.
 */
export function applyStateHashVote(state: State, { memberID, mark, hash }: StateHashVote): Effect {
  const { stateHash, membership } = state;
  if (mark !== stateHash.mark || membership.get(memberID) === undefined) return effectOf([]);
  stateHash.votes.set(memberID, hash);
  const majority = majorityOf(state);
  if (majority === undefined) return effectOf([]);
  stateHash.decided = majority;
  const changed: ActiveAlarm[] = clear(state, NOBODY_KNOWN);
  for (const [voter, vote] of stateHash.votes) {
    changed.push(...(vote === majority ? clear(state, voter) : raise(state, voter)));
  }
  const isWrong = stateHash.own !== majority;
  return { ...effectOf(changed), ...(isWrong && { diverged: { mark, own: stateHash.own, majority } }) };
}

/** The hash that more than half of the voters had; undefined when there is none yet. */
function majorityOf({ stateHash, membership }: State): number | undefined {
  const { voters } = membership.conf;
  const counts = new Map<number, number>();
  for (const voter of voters) {
    const vote = stateHash.votes.get(voter);
    if (vote === undefined) continue;
    const count = (counts.get(vote) ?? 0) + 1;
    if (count > voters.length / 2) return vote;
    counts.set(vote, count);
  }
  return undefined;
}

function raise({ alarms, rows }: State, memberID: bigint): ActiveAlarm[] {
  if (alarms.get(memberID, AlarmType.CORRUPT) !== undefined) return [];
  const raised = { memberID, alarm: AlarmType.CORRUPT, automatic: true };
  alarms.set(raised);
  rows.push(alarmRow(raised));
  return [raised];
}

/** An alarm that a client raised is left to clients. */
function clear({ alarms, rows }: State, memberID: bigint): ActiveAlarm[] {
  const active = alarms.get(memberID, AlarmType.CORRUPT);
  if (active === undefined || !active.automatic) return [];
  alarms.delete(active);
  rows.push(alarmGoneRow(active));
  return [active];
}

function effectOf(alarms: readonly ActiveAlarm[]): Effect {
  return { outcome: alarms.length === 0 ? { type: 'none' } : { type: 'alarm', alarms } };
}
