import { StoreError } from '../../../base/store-error.ts';
import type { CommandBody } from '../../../proto/command.ts';
import type { Member } from '../../../proto/gen/etcd.ts';
import { changeConfiguration, configurationOf, confStateOf } from '../../../raft/membership.ts';
import type { ConfChange } from '../../../raft/types.ts';
import { confRow, memberGoneRows, memberRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/** Commands that change records but not who votes. */
export type RecordCommand = Extract<CommandBody, { case: 'memberUpdate' | 'memberAttributes' }>;

/** Errors: MEMBER_NOT_FOUND, PEER_URL_EXISTS. */
export function applyMemberRecord(state: State, command: RecordCommand): Effect {
  const { membership } = state;
  const id = command.case === 'memberUpdate' ? command.memberUpdate.ID : command.memberAttributes.ID;
  const peerURLs = command.case === 'memberUpdate' ? command.memberUpdate.peerURLs : [];
  const member = membership.get(id);
  const error = membership.checkUpdate(id, peerURLs);
  if (error !== undefined || member === undefined) return failed(error ?? new StoreError('MEMBER_NOT_FOUND'));
  if (command.case === 'memberUpdate') keep(state, { ...member, peerURLs });
  else keep(state, { ...member, name: command.memberAttributes.name, clientURLs: command.memberAttributes.clientURLs });
  return done(state);
}

/**
 * A conf entry: consensus changes, and the member record that the change's context brings along (none when a joint
 * configuration is left). Both or neither. Errors: those of the record's check; UNKNOWN when record and change do not
 * belong together; NOT_ENOUGH_STARTED_MEMBERS when consensus refuses the change.
 */
export function applyConfChange(state: State, change: ConfChange, command: CommandBody | undefined): Effect {
  const error = command === undefined ? undefined : checkCommand(state, change, command);
  if (error !== undefined) return failed(error);
  const result = changeConfiguration(configurationOf(state.membership.conf), change);
  if (result.type === 'refused') return failed(new StoreError('NOT_ENOUGH_STARTED_MEMBERS', result.reason));
  state.membership.conf = confStateOf(result.configuration);
  state.rows.push(confRow(state.membership.conf));
  if (command !== undefined) changeRecord(state, command);
  return done(state);
}

function checkCommand({ membership }: State, change: ConfChange, command: CommandBody): StoreError | undefined {
  switch (command.case) {
    case 'memberAdd':
      if (!changes(change, command.memberAdd.isLearner ? 'add-learner' : 'add-voter', command.memberAdd.ID)) break;
      return membership.checkAdd(command.memberAdd);
    case 'memberPromote':
      if (!changes(change, 'add-voter', command.memberPromote.ID)) break;
      return membership.checkPromote(command.memberPromote.ID);
    case 'memberRemove':
      if (!changes(change, 'remove', command.memberRemove.ID)) break;
      return membership.checkRemove(command.memberRemove.ID);
  }
  return new StoreError('UNKNOWN', 'the member record does not fit the change of configuration');
}

function changes({ changes: steps }: ConfChange, type: ConfChange['changes'][number]['type'], id: bigint): boolean {
  return steps.some((step) => step.type === type && step.member === id);
}

function changeRecord(state: State, command: CommandBody): void {
  const { membership, rows } = state;
  if (command.case === 'memberAdd') keep(state, command.memberAdd);
  else if (command.case === 'memberPromote') {
    const member = membership.get(command.memberPromote.ID);
    if (member !== undefined) keep(state, { ...member, isLearner: false });
  } else if (command.case === 'memberRemove') {
    membership.remove(command.memberRemove.ID);
    rows.push(...memberGoneRows(command.memberRemove.ID));
  }
}

function keep(state: State, member: Member): void {
  state.membership.set(member);
  state.rows.push(memberRow(member));
}

function done({ membership }: State): Effect {
  return { outcome: { type: 'member', members: membership.all(), conf: membership.conf } };
}

function failed(error: StoreError): Effect {
  return { outcome: { type: 'error', error } };
}
