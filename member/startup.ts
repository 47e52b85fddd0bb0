import type { Index, MemberId, Term } from '../base/brand.ts';
import { EMPTY_BYTES } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import { DiskError } from '../io/doors.ts';
import { COMMAND_FORMAT } from '../proto/command.ts';
import { AlarmType, type Member } from '../proto/gen/etcd.ts';
import type { ConfState, RaftState } from '../raft/types.ts';
import type { Backend, BackendOp } from '../storage/backend/backend.ts';
import { KEYSPACES } from '../storage/backend/keyspaces.ts';
import { isFenced } from '../storage/machine/alarms.ts';
import { createMachine, newerFormat } from '../storage/machine/create.ts';
import type { Machine } from '../storage/machine/machine.ts';
import { BackendDirectory } from '../storage/snapshots/backend-directory.ts';
import { createWal, openWal, walExists } from '../storage/wal/open.ts';
import type { WalObserver, WalOptions } from '../storage/wal/segmented-wal.ts';
import type { Wal } from '../storage/wal/wal.ts';
import { type FoundCheckpoint, takeCheckpoint } from './checkpoint.ts';
import type { MemberConfig } from './config.ts';
import { DamageReports } from './damage-reports.ts';
import type { MemberDoors } from './doors.ts';
import { forceNewCluster } from './force-new-cluster.ts';
import { foundingCluster } from './identity.ts';
import { initialCheck } from './initial-check.ts';
import { assertNotFounded, discoverCluster } from './join.ts';
import {
  DIRECTORY_FORMAT,
  decodeMetadata,
  encodeMetadata,
  formatWith,
  formOf,
  type MemberMetadata,
  noteFormat,
  readFormat,
} from './metadata.ts';
import { isDamage, type Rebuilt, rebuildBackend } from './rebuild-backend.ts';
import { rejoinId } from './rejoin.ts';
import { assertNotRemoved, MemberRemovedError } from './removed.ts';
import { forEachRow, machineOptions, restoreMachine } from './restore-machine.ts';
import type { StoredValues } from './stored-values.ts';
import { settleWalPlace, walPath } from './wal-place.ts';

/** Everything of a member that lies on disk, opened. */
export interface OpenedMember {
  readonly identity: MemberMetadata;
  readonly wal: Wal;
  readonly backends: BackendDirectory;
  readonly damage: DamageReports;
  readonly machine: Machine;
  readonly raftState: RaftState;
  /** Members that are known otherwise than by the machine: those whom a joining member asked. */
  readonly knownMembers: readonly Member[];
  readonly repairedBytes: number;
  /** Where values of the machine still lie, when a checkpoint was taken in place of the backend's revisions. */
  readonly storedValues: StoredValues | undefined;
  /** The cluster begins with this start. */
  readonly isFounding: boolean;
  /** The backend was damaged and is another member's state now. */
  readonly rebuilt?: Rebuilt;
}

/**
 * Opens the data directory, which the caller has locked, or founds or joins a cluster when there is nothing in it.
 * Errors: CORRUPT and WalError with a text for the operator; DiskError.
 */
export async function openMember(
  config: MemberConfig,
  doors: MemberDoors,
  observer: WalObserver,
): Promise<OpenedMember> {
  const { disk } = doors;
  const format = await readFormat(disk, config.dataDir, formatOf(config));
  await assertNotRemoved(disk, config.dataDir);
  await settleWalPlace(disk, config);
  if (await walExists(disk, walPath(config))) return reopen(config, doors, walOptions(config, { format, observer }));
  const rejoining = await rejoinId(disk, config.dataDir);
  if (config.initialClusterState === 'new' && rejoining === undefined) {
    const { clusterId, self: memberId, members } = foundingCluster(config);
    await assertNotFounded(config, doors, { clusterId, memberId });
    return begin(config, doors, {
      identity: { clusterId, memberId },
      machine: foundingMachine(config, members),
      observer,
      knownMembers: [],
      isFounding: true,
    });
  }
  const { clusterId, memberId, members } = await discoverCluster(config, doors, { isNew: true });
  if (rejoining !== undefined && rejoining !== memberId) throw new MemberRemovedError(config.dataDir);
  return begin(config, doors, {
    identity: { clusterId, memberId },
    machine: createMachine(machineOptions(config)),
    observer,
    knownMembers: members,
    isFounding: false,
  });
}

/**
 * The machine of a new cluster. The founders count as written by entry 1, which is in no log: so whoever joins later with an empty
 * log must be sent a snapshot, which names them.
 */
function foundingMachine(config: MemberConfig, members: readonly Member[]): Machine {
  const voters = members.map((member) => member.ID as MemberId);
  const conf: ConfState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  const machine = createMachine({ ...machineOptions(config), bootstrap: { members, conf } });
  machine.apply({ index: 1 as Index, term: 1 as Term, type: 'normal', data: EMPTY_BYTES }, []);
  return machine;
}

/** Lays down a new member. The log comes last: a directory without one has nothing in it that counts. */
async function begin(
  config: MemberConfig,
  doors: MemberDoors,
  start: {
    readonly identity: MemberMetadata;
    readonly machine: Machine;
    readonly observer: WalObserver;
    readonly knownMembers: readonly Member[];
    readonly isFounding: boolean;
  },
): Promise<OpenedMember> {
  const { identity, machine, observer, knownMembers, isFounding } = start;
  const damage = new DamageReports();
  await noteFormat(doors.disk, config.dataDir, formatOf(config));
  const backends = await openBackends(config, doors, { damage, keepsForm: false });
  await removeAllRows(backends.backend); // of a start that did not come this far
  await backends.backend.write(machine.takeWrites(), { sync: true });
  const options = walOptions(config, { format: formatOf(config), observer });
  const wal = await createWal(doors.disk, walPath(config), encodeMetadata(identity), options);
  const raftState = stateOf(machine);
  await wal.append({ hardState: raftState.hardState, snapshot: raftState.snapshot }, { sync: true });
  const rest = { knownMembers, repairedBytes: 0, isFounding, storedValues: undefined };
  return { identity, wal, backends, damage, machine, raftState, ...rest };
}

/** Log, backend and checkpoint are read beside one another: most of it is waiting for the disk. */
async function reopen(config: MemberConfig, doors: MemberDoors, options: WalOptions): Promise<OpenedMember> {
  const opening = beginOpening(config, doors);
  const { wal, content } = await openWal(doors.disk, walPath(config), options).catch(async (error: unknown) => {
    await closeCheckpoint(opening);
    await opening.backends.then(
      (backends) => backends.close(),
      () => undefined,
    );
    throw error;
  });
  const identity = decodeMetadata(content.metadata);
  const { snapshot, entries, hardState, repairedBytes } = content;
  const state = await openState(config, doors, { identity, logStart: snapshot.index, opening });
  const { machine } = state;
  // Asked of a state that is whole: a damaged row may say anything.
  const { format = COMMAND_FORMAT } = config;
  if (machine.clusterFormat > format) throw newerFormat(machine.clusterFormat, format);
  const { applied, appliedTerm } = machine;
  if (machine.isMemberRemoved(identity.memberId)) throw new MemberRemovedError(config.dataDir);
  const knownMembers =
    machine.members().length > 0 ? [] : (await discoverCluster(config, doors, { isNew: false })).members;
  const opened = { identity, wal, ...state, knownMembers, repairedBytes, isFounding: false };
  const termThere = applied === snapshot.index ? snapshot.term : entries[applied - snapshot.index - 1]?.term;
  if (termThere === appliedTerm) {
    const commit = Math.max(hardState.commit, applied) as Index;
    const raftState = { hardState: { ...hardState, commit }, snapshot, entries, applied, conf: machine.conf() };
    return { ...opened, raftState: await aloneIfForced(config, opened, raftState) };
  }
  // It stopped between installing a snapshot and writing so into the log: the log goes on after the snapshot.
  const fresh = stateOf(machine);
  const term = Math.max(hardState.term, appliedTerm) as Term;
  const vote = term === hardState.term ? hardState.vote : fresh.hardState.vote;
  const raftState = { ...fresh, hardState: { term, vote, commit: applied } };
  await wal.append({ hardState: raftState.hardState, snapshot: raftState.snapshot }, { sync: true });
  return { ...opened, raftState: await aloneIfForced(config, opened, raftState) };
}

async function aloneIfForced(
  config: MemberConfig,
  { identity, wal, backends, machine }: Omit<OpenedMember, 'raftState'>,
  raftState: RaftState,
): Promise<RaftState> {
  if (config.forceNewCluster !== true) return raftState;
  return forceNewCluster({ self: identity.memberId, wal, backend: backends.backend, machine, raftState });
}

interface OpenedState {
  readonly backends: BackendDirectory;
  readonly damage: DamageReports;
  readonly machine: Machine;
  readonly storedValues: StoredValues | undefined;
  readonly rebuilt?: Rebuilt;
}

/** What is being opened before it is known whether the log can be. */
interface Opening {
  readonly damage: DamageReports;
  readonly backends: Promise<BackendDirectory>;
  readonly checkpoint: Promise<FoundCheckpoint | undefined>;
}

function beginOpening(config: MemberConfig, doors: MemberDoors): Opening {
  const damage = new DamageReports();
  const backends = openBackends(config, doors, { damage, keepsForm: true });
  const checkpoint = takeCheckpoint(doors.disk, config.dataDir);
  // A failure is told to whoever waits for it later.
  for (const opened of [backends, checkpoint]) opened.catch(() => undefined);
  return { damage, backends, checkpoint };
}

/**
 * The backend and the machine that its rows make. One that is damaged, or that a majority found to be wrong, is replaced by the state of
 * another member. Errors: CORRUPT with a text for the operator.
 */
async function openState(
  config: MemberConfig,
  doors: MemberDoors,
  log: { readonly identity: MemberMetadata; readonly logStart: Index; readonly opening: Opening },
): Promise<OpenedState> {
  const { identity, logStart } = log;
  const backendDir = backendPath(config);
  const asItIs = await restoreState(config, doors, log).catch((error: unknown) => {
    if (!isDamage(error)) throw error;
    return error;
  });
  let reason: string | undefined;
  if (asItIs instanceof Error) reason = asItIs.message;
  else {
    reason = await whyNotToTrust(config, doors, { ...asItIs, identity });
    if (reason === undefined) return asItIs;
    await closeState(asItIs);
  }
  const again = { identity, logStart };
  try {
    const rebuilt = await rebuildBackend(config, doors, { ...again, reason, backendDir });
    return { ...(await restoreState(config, doors, again)), rebuilt };
  } catch (error) {
    if (asItIs instanceof Error || !isDamage(error)) throw error;
    // It can keep the log and vote, and serve nobody.
    const fenced = await restoreState(config, doors, again);
    fenced.damage.report(new DiskError('CORRUPT', backendDir, reason));
    return fenced;
  }
}

async function closeState({ backends, storedValues }: OpenedState): Promise<void> {
  await storedValues?.close();
  await backends.close();
}

/** Undefined when the state that was restored may be used. Errors: see initialCheck; the state is closed then. */
async function whyNotToTrust(
  config: MemberConfig,
  doors: MemberDoors,
  state: OpenedState & { readonly identity: MemberMetadata },
): Promise<string | undefined> {
  const { identity, machine, backends } = state;
  if (isAccused(machine, identity.memberId)) return 'a majority of the members has another state';
  if (config.corruptChecks?.initial !== true || config.forceNewCluster === true) return undefined;
  try {
    return await initialCheck(config, doors, { identity, machine, backend: backends.backend });
  } catch (error) {
    await closeState(state);
    throw error;
  }
}

/** A directory of an older version stays as it is, and can go back, until the cluster has gone on to a format that the older one does not know. */
async function restoreState(
  config: MemberConfig,
  doors: MemberDoors,
  log: { readonly identity: MemberMetadata; readonly logStart: Index; readonly opening?: Opening },
): Promise<OpenedState> {
  const { identity, logStart, opening = beginOpening(config, doors) } = log;
  const { damage } = opening;
  let backends: BackendDirectory | undefined;
  let storedValues: StoredValues | undefined;
  try {
    backends = await opening.backends;
    const checkpoint = await opening.checkpoint;
    const own = checkpoint?.isOf(identity) ? checkpoint : undefined;
    const { machine, fromCheckpoint } = await restoreMachine(backends.backend, config, own);
    if (machine.applied < logStart) {
      throw new StoreError('CORRUPT', `the backend ends at index ${machine.applied}, the log begins after ${logStart}`);
    }
    if (backends.form === 'plain' && Math.min(machine.clusterFormat, formatOf(config)) >= CHECKED_FORMAT) {
      await backends.close();
      backends = await openBackends(config, doors, { damage, keepsForm: false });
    }
    if (backends.form !== 'plain') await noteFormat(doors.disk, config.dataDir, formatWith(backends.form));
    if (fromCheckpoint) storedValues = checkpoint?.values;
    return { backends, damage, machine, storedValues };
  } catch (error) {
    await backends?.close();
    throw error;
  } finally {
    if (storedValues === undefined) await closeCheckpoint(opening);
  }
}

async function closeCheckpoint({ checkpoint }: Opening): Promise<void> {
  const found = await checkpoint.catch(() => undefined);
  await found?.values.close();
}

function isAccused(machine: Machine, self: MemberId): boolean {
  return machine.alarms(AlarmType.CORRUPT).some((active) => isFenced(active) && active.memberID === self);
}

/** Consensus as it stands when the log holds nothing behind what the machine has applied. */
function stateOf(machine: Machine): RaftState {
  const { applied: index, appliedTerm: term } = machine;
  const conf = machine.conf();
  return {
    hardState: { term, vote: 0n as MemberId, commit: index },
    snapshot: { index, term, conf },
    entries: [],
    applied: index,
    conf,
  };
}

async function removeAllRows(backend: Backend): Promise<void> {
  const deletes: BackendOp[] = [];
  for (const space of KEYSPACES) {
    await forEachRow(backend, space, (key) => deletes.push({ op: 'delete', space, key: Uint8Array.from(key) }));
  }
  if (deletes.length > 0) await backend.write(deletes);
}

/** The first format of data directories in which rows carry checksums. */
const CHECKED_FORMAT = 2;

function openBackends(
  config: MemberConfig,
  doors: MemberDoors,
  { damage, keepsForm }: { readonly damage: DamageReports; readonly keepsForm: boolean },
): Promise<BackendDirectory> {
  const onDamage = (error: DiskError): void => damage.report(error);
  const options = { form: formOf(formatOf(config)), onDamage, keepsForm };
  return BackendDirectory.open(doors.disk, backendPath(config), doors.backends, options);
}

/** Of the data directory. */
function formatOf({ directoryFormat = DIRECTORY_FORMAT }: MemberConfig): number {
  return directoryFormat;
}

function backendPath(config: MemberConfig): string {
  return `${config.dataDir}/backend`;
}

/** While a directory can be given back to an older version (`format` 1), its log is made as that one reads it. */
function walOptions(
  { limits }: MemberConfig,
  { format, observer }: { readonly format: number; readonly observer: WalObserver },
): WalOptions {
  const { walSegmentBytes: segmentBytes, walAllocateStepBytes: allocateStepBytes } = limits ?? {};
  return {
    observer,
    ...(format < CHECKED_FORMAT && { version: 1 }),
    ...(segmentBytes !== undefined && { segmentBytes }),
    ...(allocateStepBytes !== undefined && { allocateStepBytes }),
  };
}
