import { assert } from '../../base/assert.ts';
import type { Index, MemberId, Revision, Term } from '../../base/brand.ts';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { COMMAND_FORMAT, type CommandBody, type OpenedCommand, openCommand } from '../../proto/command.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type { Member, RangeRequest, TxnRequest } from '../../proto/gen/etcd.ts';
import { decodeConfChange } from '../../raft/conf-change.ts';
import type { ConfChange, ConfState, Entry } from '../../raft/types.ts';
import type { AuthStore } from '../auth/auth-store.ts';
import type { BackendOp } from '../backend/backend.ts';
import { checkpointBlocks } from '../mvcc/checkpoint.ts';
import { isWanted } from '../mvcc/compaction.ts';
import { type HashKv, planHash } from '../mvcc/hash.ts';
import { type HistoryRow, historyOf } from '../mvcc/history.ts';
import { planRange, type RevisionPair } from '../mvcc/range.ts';
import { planTxn, type TxnPlan } from '../mvcc/txn.ts';
import { applyAlarm } from './commands/alarm.ts';
import { applyAuth } from './commands/auth.ts';
import { applyClusterFormat, STATE_HASH_FORMAT } from './commands/cluster-format.ts';
import { applyCompact } from './commands/compact.ts';
import { applyDeleteRange } from './commands/delete-range.ts';
import { applyLeaseGrant } from './commands/lease-grant.ts';
import { applyLeaseRevoke } from './commands/lease-revoke.ts';
import { applyConfChange, applyMemberRecord } from './commands/member.ts';
import { applyPut } from './commands/put.ts';
import { applyStateHashMark, applyStateHashVote } from './commands/state-hash.ts';
import { applyTxn, txnNeeds } from './commands/txn.ts';
import type { ActiveAlarm, Applied, Checkpoint, Machine, RangePlan } from './machine.ts';
import { checkCommand } from './permitted.ts';
import { refusalOf, usedBytes } from './quota.ts';
import { appliedRow, confRow, memberRow, stateHashRow } from './rows.ts';
import { type Effect, State } from './state.ts';
import type { StateHashView } from './state-hash.ts';

export interface MachineOptions {
  /** Who takes part before the first entry: what a new cluster starts with. */
  readonly bootstrap?: { readonly members: readonly Member[]; readonly conf: ConfState };
  /** The newest format of commands that it understands; COMMAND_FORMAT unless given. */
  readonly format?: number;
}

/** A machine that has applied nothing. */
export function createMachine(options: MachineOptions = {}): Machine {
  const state = new State();
  if (options.bootstrap !== undefined) {
    const { members, conf } = options.bootstrap;
    for (const member of members) {
      state.membership.set(member);
      state.rows.push(memberRow(member));
    }
    state.membership.conf = conf;
    state.rows.push(confRow(conf));
  }
  return new ReplicatedMachine(state, options);
}

/** The machine around a state; `machine.ts` says what each method does. */
export class ReplicatedMachine implements Machine {
  readonly #state: State;
  readonly #format: number;
  /** What `needs` has decoded of which entry, for the `apply` that follows. */
  #opened: OpenedCommand | undefined;
  #openedOf: Entry | undefined;
  #confChange: ConfChange | undefined;

  constructor(state: State, { format = COMMAND_FORMAT }: Pick<MachineOptions, 'format'>) {
    this.#state = state;
    this.#format = format;
    this.#state.compaction.allow(state.rows.length === 0 ? state.store.compactRevision : 0);
  }

  get applied(): Index {
    return this.#state.applied as Index;
  }

  get appliedTerm(): Term {
    return this.#state.appliedTerm as Term;
  }

  get revision(): Revision {
    return this.#state.store.revision as Revision;
  }

  get compactRevision(): Revision {
    return this.#state.store.compactRevision as Revision;
  }

  get clusterFormat(): number {
    return this.#state.clusterFormat;
  }

  get stateHash(): StateHashView {
    return this.#state.stateHash;
  }

  needs(entry: Entry): readonly RevisionPair[] {
    if (entry.type !== 'normal') return NOTHING;
    const command = openCommand(entry.data, this.#format);
    this.#opened = command;
    this.#openedOf = entry;
    return command.type === 'command' && command.body.case === 'txn'
      ? txnNeeds(this.#state, command.body.txn)
      : NOTHING;
  }

  apply(entry: Entry, values: readonly Uint8Array[]): Applied {
    const state = this.#state;
    assert(entry.index === state.applied + 1, 'entries are applied in order, each once');
    this.#confChange = undefined;
    const firstRow = state.rows.length;
    const opened = this.#open(entry);
    const effect = entry.type === 'conf' ? this.#applyConf(entry, opened) : this.#applyCommand(opened, values, entry);
    if (effect.isUnhashed !== true && state.clusterFormat >= STATE_HASH_FORMAT)
      state.stateHash.add(entry.index, state.rows, firstRow);
    state.applied = entry.index;
    state.appliedTerm = entry.term;
    return {
      index: entry.index,
      commandId: opened.type === 'empty' ? 0n : opened.id,
      outcome: effect.outcome,
      revision: this.revision,
      events: effect.events ?? NOTHING,
      leases: effect.leases ?? NOTHING,
      auth: effect.auth,
      diverged: effect.diverged,
    };
  }

  confChange(): ConfChange | undefined {
    return this.#confChange;
  }

  takeWrites(): readonly BackendOp[] {
    const { rows, applied, appliedTerm, compaction, store } = this.#state;
    this.#state.rows = [];
    compaction.allow(store.compactRevision);
    rows.push(appliedRow(applied, appliedTerm));
    if (this.#state.clusterFormat >= STATE_HASH_FORMAT) rows.push(stateHashRow(this.#state.stateHash.toRow()));
    return rows;
  }

  range(request: RangeRequest): RangePlan {
    return planRange(this.#state.store, request);
  }

  readTxn(request: TxnRequest): TxnPlan {
    return planTxn(this.#state.store, this.#state.lessor, request);
  }

  history(
    from: Revision,
    to: Revision,
    limitRevisions: number,
    range?: { readonly key: string; readonly rangeEnd: string },
  ): readonly HistoryRow[] {
    return historyOf(this.#state.store, from, to, limitRevisions, range);
  }

  hashKv(revision: number): HashKv | { readonly error: StoreError } {
    return planHash(this.#state.store, revision);
  }

  compactionStep(maxKeys: number): readonly BackendOp[] | undefined {
    const keys = this.#state.compaction.step(maxKeys);
    return keys?.map((key): BackendOp => ({ op: 'delete', space: 'revision', key }));
  }

  isWanted(key: Uint8Array, value: Uint8Array): boolean {
    return isWanted(this.#state.store, key, value);
  }

  lease(id: bigint): { readonly grantedTtlSeconds: number; readonly keys: readonly string[] } | undefined {
    return this.#state.lessor.get(id);
  }

  leaseIds(): readonly bigint[] {
    return this.#state.lessor.ids();
  }

  forbids(identity: Identity | undefined, body: CommandBody): StoreError | undefined {
    return checkCommand(this.#state, identity, body);
  }

  get auth(): AuthStore {
    return this.#state.auth;
  }

  members(): readonly Member[] {
    return this.#state.membership.all();
  }

  conf(): ConfState {
    return this.#state.membership.conf;
  }

  isMemberRemoved(id: MemberId): boolean {
    return this.#state.membership.isRemoved(id);
  }

  alarms(type: number): readonly ActiveAlarm[] {
    return this.#state.alarms.list(type);
  }

  refusal(body: CommandBody, quotaBytes: number): StoreError | undefined {
    return refusalOf(this.#state, body, quotaBytes);
  }

  checkpoint(): Checkpoint | undefined {
    const { store, compaction, applied, appliedTerm, rows } = this.#state;
    if (rows.length > 0 || !compaction.isDone) return undefined;
    const { revision, compactRevision } = store;
    return { applied, appliedTerm, revision, compactRevision, blocks: checkpointBlocks(store) };
  }

  size(): { readonly keys: number; readonly liveBytes: number; readonly usedBytes: number } {
    const { keys, slabs } = this.#state.store;
    return { keys: keys.live.size, liveBytes: slabs.liveBytes, usedBytes: usedBytes(this.#state) };
  }

  /** What an entry commands, a conf entry beside its change. Errors: `newerFormat`. */
  #open(entry: Entry): OpenedCommand {
    const known = this.#openedOf === entry ? this.#opened : undefined;
    this.#opened = undefined;
    this.#openedOf = undefined;
    const data = entry.type === 'conf' ? (decodeConfChange(entry.data)?.context ?? EMPTY_BYTES) : entry.data;
    const opened = known ?? openCommand(data, this.#format);
    if (opened.type === 'newer') throw newerFormat(opened.format, this.#format);
    return opened;
  }

  #applyCommand(opened: OpenedCommand, values: readonly Uint8Array[], { index }: Entry): Effect {
    if (opened.type === 'unknown') return notUnderstood(opened.reason);
    if (opened.type !== 'command') return NO_EFFECT;
    const { body, identity, quotaBytes } = opened;
    const error = checkCommand(this.#state, identity, body) ?? refusalOf(this.#state, body, quotaBytes);
    return error === undefined ? dispatch(this.#state, body, values, index) : { outcome: { type: 'error', error } };
  }

  #applyConf(entry: Entry, opened: OpenedCommand): Effect {
    const change = decodeConfChange(entry.data);
    const refusal = opened.type === 'command' ? checkCommand(this.#state, opened.identity, opened.body) : undefined;
    let effect: Effect;
    if (change === undefined) effect = notUnderstood('no change of configuration');
    else if (opened.type === 'unknown') effect = notUnderstood(opened.reason);
    else if (refusal !== undefined) effect = { outcome: { type: 'error', error: refusal } };
    else effect = applyConfChange(this.#state, change, opened.type === 'command' ? opened.body : undefined);
    const accepted = effect.outcome.type === 'member' ? change : undefined;
    this.#confChange = accepted ?? REFUSED;
    return effect;
  }
}

const NOTHING: readonly never[] = [];

/** Adding nobody to nothing: what raft refuses unless a joint configuration waits to be left. */
const REFUSED: ConfChange = { transition: 'auto', changes: [], context: EMPTY_BYTES };

const NO_EFFECT: Effect = { outcome: { type: 'none' } };

function dispatch(state: State, body: CommandBody, values: readonly Uint8Array[], index: number): Effect {
  switch (body.case) {
    case 'put':
      return applyPut(state, body.put);
    case 'deleteRange':
      return applyDeleteRange(state, body.deleteRange);
    case 'txn':
      return applyTxn(state, body.txn, values);
    case 'compaction':
      return applyCompact(state, body.compaction);
    case 'leaseGrant':
      return applyLeaseGrant(state, body.leaseGrant);
    case 'leaseRevoke':
      return applyLeaseRevoke(state, body.leaseRevoke);
    case 'auth':
      return applyAuth(state, body.auth);
    case 'memberUpdate':
    case 'memberAttributes':
      return applyMemberRecord(state, body);
    case 'alarm':
      return applyAlarm(state, body.alarm);
    case 'clusterFormat':
      return { ...applyClusterFormat(state, body.clusterFormat), isUnhashed: true };
    case 'stateHashMark':
      return { ...applyStateHashMark(state, index), isUnhashed: true };
    case 'stateHashVote':
      return { ...applyStateHashVote(state, body.stateHashVote), isUnhashed: true };
    case 'memberAdd':
    case 'memberPromote':
    case 'memberRemove':
      return notUnderstood('a change of the configuration outside of a conf entry');
  }
}

function notUnderstood(reason: string): Effect {
  return { outcome: { type: 'error', error: new StoreError('UNKNOWN', reason) } };
}

/**
 * A member that was put back to an older version behind the moment at which the cluster went on to a newer format. It must stop: passing over what it
 * does not understand, as over what nobody understands, would make its state another one than that of the others.
 */
export function newerFormat(format: number, own: number): StoreError {
  return new StoreError(
    'UNIMPLEMENTED',
    `the cluster writes commands of format ${format}, this version understands ${own}: upgrade this member`,
  );
}
