import type { MemberId } from '../../base/brand.ts';
import { hexOf, utf8Text } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { decodeAlarmChange, decodeConfRow, decodeLeaseRow, decodeStateHashRow } from '../../proto/gen/command.ts';
import { decodeMember } from '../../proto/gen/etcd.ts';
import { WireError } from '../../proto/wire.ts';
import type { ConfState } from '../../raft/types.ts';
import type { Keyspace } from '../backend/backend.ts';
import type { StoredBlock } from '../mvcc/checkpoint.ts';
import { CheckpointRestore } from '../mvcc/checkpoint-restore.ts';
import { StoreRestore } from '../mvcc/restore.ts';
import { readUint64 } from '../mvcc/revision-key.ts';
import { restoreAuthRow } from './auth-rows.ts';
import { type MachineOptions, ReplicatedMachine } from './create.ts';
import { type CheckpointOf, type Machine, type MachineRestore, RESTORE_ORDER } from './machine.ts';
import { META, readApplied, removedIdOf } from './rows.ts';
import { State } from './state.ts';

/** Starts to build a machine from rows. What the backend does not have applies again from the log. */
export function beginRestore(options: MachineOptions = {}): MachineRestore {
  return new Restore(options);
}

class Restore implements MachineRestore {
  readonly #state = new State();
  readonly #revisions = new StoreRestore(this.#state.store);
  readonly #options: MachineOptions;
  #stage = 0;
  #blocks: CheckpointRestore | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  row(space: Keyspace, key: Uint8Array, value: Uint8Array): void {
    this.#enter(space, key);
    try {
      if (!this.#take(space, key, value)) throw corrupt(space, key, 'is none that this version writes');
    } catch (error) {
      throw error instanceof WireError ? corrupt(space, key, error.message) : error;
    }
  }

  get applied(): { readonly index: number; readonly term: number } {
    return { index: this.#state.applied, term: this.#state.appliedTerm };
  }

  beginBlocks({ applied, appliedTerm, revision, compactRevision }: CheckpointOf): boolean {
    const state = this.#state;
    if (applied !== state.applied || appliedTerm !== state.appliedTerm) return false;
    if (compactRevision !== state.store.compactRevision) return false;
    this.#blocks = new CheckpointRestore(state.store, revision);
    return true;
  }

  block(block: StoredBlock): void {
    if (this.#blocks?.block(block) !== true) throw new StoreError('CORRUPT', 'a block of the checkpoint cannot be');
  }

  finish(): Machine {
    if (this.#blocks === undefined) this.#state.compaction.owe(this.#revisions.finish());
    else if (!this.#blocks.finish()) throw new StoreError('CORRUPT', 'blocks of the checkpoint are missing');
    return new ReplicatedMachine(this.#state, this.#options);
  }

  /** Keyspaces that this machine does not keep are not its business, wherever they come. */
  #enter(space: Keyspace, key: Uint8Array): void {
    const stage = (RESTORE_ORDER as readonly Keyspace[]).indexOf(space);
    if (stage < 0) return;
    if (stage < this.#stage) throw corrupt(space, key, `comes after rows of ${RESTORE_ORDER[this.#stage]}`);
    this.#stage = stage;
  }

  #take(space: Keyspace, key: Uint8Array, value: Uint8Array): boolean {
    const { alarms, lessor, membership } = this.#state;
    switch (space) {
      case 'revision':
        return this.#revisions.row(key, value);
      case 'lease': {
        const { ID, TTL } = decodeLeaseRow(value);
        return lessor.grant(ID, TTL) === undefined;
      }
      case 'member':
        membership.set(decodeMember(value));
        return true;
      case 'meta':
        return this.#meta(key, value);
      case 'alarm': {
        const { memberID, alarm, automatic } = decodeAlarmChange(value);
        alarms.set({ memberID, alarm, automatic });
        return true;
      }
      case 'auth':
        return restoreAuthRow(this.#state.auth, key, value);
    }
  }

  /** Names that are not known belong to others who keep something there. */
  #meta(key: Uint8Array, value: Uint8Array): boolean {
    const state = this.#state;
    const removed = removedIdOf(key);
    if (removed !== undefined) state.membership.remove(removed);
    else if (isNamed(key, META.compact)) {
      if (value.length !== 8) return false;
      state.store.compactRevision = readUint64(value, 0);
    } else if (isNamed(key, META.applied)) {
      const applied = readApplied(value);
      if (applied === undefined) return false;
      state.applied = applied.index;
      state.appliedTerm = applied.term;
    } else if (isNamed(key, META.conf)) state.membership.conf = confOf(value);
    else if (isNamed(key, META.stateHash)) state.stateHash.restore(decodeStateHashRow(value));
    else if (isNamed(key, META.clusterFormat)) {
      if (value.length !== 8) return false;
      state.clusterFormat = readUint64(value, 0);
    }
    return true;
  }
}

function confOf(value: Uint8Array): ConfState {
  const row = decodeConfRow(value);
  const ids = (list: readonly bigint[]): readonly MemberId[] => list.map((id) => id as MemberId);
  return {
    voters: ids(row.voters),
    votersOutgoing: ids(row.votersOutgoing),
    learners: ids(row.learners),
    learnersNext: ids(row.learnersNext),
    autoLeave: row.autoLeave,
  };
}

function isNamed(key: Uint8Array, name: Uint8Array): boolean {
  return key.length === name.length && name.every((byte, i) => key[i] === byte);
}

function corrupt(space: Keyspace, key: Uint8Array, what: string): StoreError {
  const name = space === 'meta' ? utf8Text(key) : hexOf(key);
  return new StoreError('CORRUPT', `the row ${name} of the keyspace ${space} ${what}`);
}
