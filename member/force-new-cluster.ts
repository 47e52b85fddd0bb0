import type { Index, MemberId } from '../base/brand.ts';
import { EMPTY_BYTES } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import { type CommandBody, sealCommand } from '../proto/command.ts';
import { encodeConfChange } from '../raft/conf-change.ts';
import type { ConfChange, Entry, RaftState } from '../raft/types.ts';
import type { Backend } from '../storage/backend/backend.ts';
import type { Machine } from '../storage/machine/machine.ts';
import { encodeRevisionKey } from '../storage/mvcc/revision-key.ts';
import type { Wal } from '../storage/wal/wal.ts';

/** What a member that goes on alone starts from. */
interface Stored {
  readonly self: MemberId;
  readonly wal: Wal;
  readonly backend: Backend;
  /** At `raftState.applied`; afterwards at the end of the log. */
  readonly machine: Machine;
  readonly raftState: RaftState;
}

/**
 * Makes the one member of a cluster out of a member of a lost one: what it knows to be committed stays, the rest of its log is dropped, and entries
 * are added, committed by decree, that remove everybody else. Unsafe while a majority of the others lives: those would go on without it. Source:
 * etcd server/etcdserver/raft.go, restartAsStandaloneNode. Errors: DiskError; INTERNAL when the others cannot be removed.
 */
export async function forceNewCluster({ self, wal, backend, machine, raftState }: Stored): Promise<RaftState> {
  const { hardState, snapshot, entries } = raftState;
  const committed = entries.filter(({ index }) => index <= hardState.commit);
  for (const entry of committed.filter(({ index }) => index > machine.applied)) {
    machine.apply(entry, await valuesFor(entry, machine, backend));
    await backend.write(machine.takeWrites());
  }
  const forced: Entry[] = [];
  for (;;) {
    const next = nextStep(machine, self);
    if (next === undefined) break;
    const index = (machine.applied + 1) as Index;
    const entry: Entry = { index, term: hardState.term, type: 'conf', data: encodeConfChange(next) };
    machine.apply(entry, []);
    if (forced.push(entry) > MAX_STEPS) throw new StoreError('INTERNAL', 'the other members cannot be removed');
  }
  const state = { ...hardState, commit: machine.applied };
  // The log first: the backend never holds more than it.
  await wal.append({ hardState: state, entries: forced }, { sync: true });
  await backend.write(machine.takeWrites(), { sync: true });
  return {
    hardState: state,
    snapshot,
    entries: [...committed, ...forced],
    applied: machine.applied,
    conf: machine.conf(),
  };
}

/** More than this many members and half-made changes there cannot be. */
const MAX_STEPS = 1000;

/** What still lies between this configuration and one of `self` alone; undefined: nothing. */
function nextStep(machine: Machine, self: MemberId): ConfChange | undefined {
  const { voters, votersOutgoing, learners } = machine.conf();
  if (votersOutgoing.length > 0) return { transition: 'auto', changes: [], context: EMPTY_BYTES };
  if (learners.includes(self))
    return change({ type: 'add-voter', member: self }, { case: 'memberPromote', memberPromote: { ID: self } });
  const other = [...learners, ...voters].find((id) => id !== self);
  if (other === undefined) return undefined;
  return change({ type: 'remove', member: other }, { case: 'memberRemove', memberRemove: { ID: other } });
}

function change(step: ConfChange['changes'][number], body: CommandBody): ConfChange {
  return { transition: 'auto', changes: [step], context: sealCommand(0n, body) };
}

/** What the machine must be handed with an entry: it is on disk, since all before it is written. */
async function valuesFor(entry: Entry, machine: Machine, backend: Backend): Promise<readonly Uint8Array[]> {
  const keys = machine.needs(entry).map(({ main, sub }) => encodeRevisionKey(main, sub, false));
  const rows = keys.length === 0 ? [] : await backend.getMany('revision', keys);
  return rows.map((row) => {
    if (row === undefined) throw new StoreError('CORRUPT', `a value that entry ${entry.index} needs is gone`);
    return row;
  });
}
