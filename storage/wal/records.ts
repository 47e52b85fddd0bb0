import type { Index, MemberId, Term } from '../../base/brand.ts';
import type { ConfState, Entry, HardState, SnapshotMeta } from '../../raft/types.ts';

/** What one append writes, all of it or nothing. */
export interface WalRecords {
  readonly metadata?: Uint8Array;
  readonly snapshot?: SnapshotMeta;
  readonly entries?: readonly Entry[];
  readonly hardState?: HardState | undefined;
  /** The last record of a segment that has a successor. */
  readonly seal?: boolean;
  /** Nothing but the frame around it, whose header says how far the file is durable. */
  readonly mark?: boolean;
}

/** What a decoded record is. */
export type WalRecord =
  | { readonly type: 'metadata'; readonly data: Uint8Array }
  | { readonly type: 'hard-state'; readonly state: HardState }
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'snapshot'; readonly meta: SnapshotMeta }
  | { readonly type: 'seal' }
  | { readonly type: 'mark' };

/** Record types on disk. Never reuse a number: a new meaning is a new one and a new format version. */
const TYPE = { metadata: 1, hardState: 2, entry: 3, confEntry: 4, snapshot: 5, seal: 6, mark: 7 } as const;

/** Type (1 B), three zero bytes, payload size (4 B LE). */
const HEADER_BYTES = 8;
const HARD_STATE_BYTES = 24;
const ENTRY_PREFIX_BYTES = 16;
const SNAPSHOT_PREFIX_BYTES = 16 + 4 + 4 * 4;

/** Bytes that `encodeRecords` writes for them. */
export function sizeOfRecords(records: WalRecords): number {
  let size = 0;
  if (records.metadata !== undefined) size += HEADER_BYTES + records.metadata.length;
  if (records.snapshot !== undefined) size += HEADER_BYTES + snapshotBytes(records.snapshot.conf);
  for (const entry of records.entries ?? []) size += HEADER_BYTES + ENTRY_PREFIX_BYTES + entry.data.length;
  if (records.hardState !== undefined) size += HEADER_BYTES + HARD_STATE_BYTES;
  if (records.seal) size += HEADER_BYTES;
  if (records.mark) size += HEADER_BYTES;
  return size;
}

/** Writes the records into `buffer` from `start`; returns the offset behind them. */
export function encodeRecords(buffer: Buffer, start: number, records: WalRecords): number {
  let at = start;
  if (records.metadata !== undefined) {
    at = writeHeader(buffer, at, TYPE.metadata, records.metadata.length);
    buffer.set(records.metadata, at);
    at += records.metadata.length;
  }
  // The snapshot first: entries of the same append follow it. The hard state last: its commit may name them.
  if (records.snapshot !== undefined) at = writeSnapshot(buffer, at, records.snapshot);
  for (const entry of records.entries ?? []) at = writeEntry(buffer, at, entry);
  if (records.hardState !== undefined) at = writeHardState(buffer, at, records.hardState);
  if (records.seal) at = writeHeader(buffer, at, TYPE.seal, 0);
  if (records.mark) at = writeHeader(buffer, at, TYPE.mark, 0);
  return at;
}

function writeHeader(buffer: Buffer, at: number, type: number, sizeBytes: number): number {
  buffer.writeUInt32LE(type, at);
  return buffer.writeUInt32LE(sizeBytes, at + 4);
}

function writeEntry(buffer: Buffer, start: number, entry: Entry): number {
  const type = entry.type === 'conf' ? TYPE.confEntry : TYPE.entry;
  let at = writeHeader(buffer, start, type, ENTRY_PREFIX_BYTES + entry.data.length);
  at = writeInteger(buffer, at, entry.index);
  at = writeInteger(buffer, at, entry.term);
  buffer.set(entry.data, at);
  return at + entry.data.length;
}

function writeHardState(buffer: Buffer, start: number, state: HardState): number {
  let at = writeHeader(buffer, start, TYPE.hardState, HARD_STATE_BYTES);
  at = writeInteger(buffer, at, state.term);
  at = buffer.writeBigUInt64LE(state.vote, at);
  return writeInteger(buffer, at, state.commit);
}

function writeSnapshot(buffer: Buffer, start: number, meta: SnapshotMeta): number {
  let at = writeHeader(buffer, start, TYPE.snapshot, snapshotBytes(meta.conf));
  at = writeInteger(buffer, at, meta.index);
  at = writeInteger(buffer, at, meta.term);
  at = buffer.writeUInt32LE(meta.conf.autoLeave ? 1 : 0, at);
  const lists = listsOf(meta.conf);
  for (const list of lists) at = buffer.writeUInt32LE(list.length, at);
  for (const list of lists) for (const member of list) at = buffer.writeBigUInt64LE(member, at);
  return at;
}

function snapshotBytes(conf: ConfState): number {
  return listsOf(conf).reduce((size, list) => size + 8 * list.length, SNAPSHOT_PREFIX_BYTES);
}

function listsOf(conf: ConfState): readonly (readonly MemberId[])[] {
  return [conf.voters, conf.votersOutgoing, conf.learners, conf.learnersNext];
}

/** A safe integer as 64 bits LE; two halves are several times faster than a BigInt. */
function writeInteger(buffer: Buffer, at: number, value: number): number {
  buffer.writeUInt32LE(value % 0x1_0000_0000, at);
  return buffer.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}

function readInteger(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * 0x1_0000_0000;
}

/**
 * The records of a frame whose checksum was right; undefined when they make no sense all the same (another program's bytes).
 * Metadata is a copy; the data of entries lie in `body`: of a log that is read back few of them are wanted.
 */
export function decodeRecords(body: Buffer): readonly WalRecord[] | undefined {
  const records: WalRecord[] = [];
  let at = 0;
  while (at < body.length) {
    if (at + HEADER_BYTES > body.length) return undefined;
    const type = body.readUInt32LE(at);
    const end = at + HEADER_BYTES + body.readUInt32LE(at + 4);
    if (end > body.length) return undefined;
    const record = decodeRecord(type, body.subarray(at + HEADER_BYTES, end));
    if (record === undefined) return undefined;
    records.push(record);
    at = end;
  }
  return records;
}

function decodeRecord(type: number, payload: Buffer): WalRecord | undefined {
  switch (type) {
    case TYPE.metadata:
      return { type: 'metadata', data: new Uint8Array(payload) };
    case TYPE.hardState:
      return payload.length === HARD_STATE_BYTES ? { type: 'hard-state', state: readHardState(payload) } : undefined;
    case TYPE.entry:
    case TYPE.confEntry:
      return payload.length < ENTRY_PREFIX_BYTES
        ? undefined
        : { type: 'entry', entry: readEntry(payload, type === TYPE.confEntry ? 'conf' : 'normal') };
    case TYPE.snapshot: {
      const meta = readSnapshot(payload);
      return meta && { type: 'snapshot', meta };
    }
    case TYPE.seal:
      return { type: 'seal' };
    case TYPE.mark:
      return { type: 'mark' };
  }
  return undefined;
}

function readHardState(payload: Buffer): HardState {
  return {
    term: readInteger(payload, 0) as Term,
    vote: payload.readBigUInt64LE(8) as MemberId,
    commit: readInteger(payload, 16) as Index,
  };
}

function readEntry(payload: Buffer, type: Entry['type']): Entry {
  const index = readInteger(payload, 0) as Index;
  const term = readInteger(payload, 8) as Term;
  return { index, term, type, data: payload.subarray(ENTRY_PREFIX_BYTES) };
}

function readSnapshot(payload: Buffer): SnapshotMeta | undefined {
  if (payload.length < SNAPSHOT_PREFIX_BYTES) return undefined;
  const counts = [20, 24, 28, 32].map((at) => payload.readUInt32LE(at));
  const members = counts.reduce((sum, count) => sum + count, 0);
  if (payload.length !== SNAPSHOT_PREFIX_BYTES + 8 * members) return undefined;
  let at = SNAPSHOT_PREFIX_BYTES;
  const take = (count: number): MemberId[] =>
    Array.from({ length: count }, () => payload.readBigUInt64LE((at += 8) - 8) as MemberId);
  const [voters = [], votersOutgoing = [], learners = [], learnersNext = []] = counts.map(take);
  const conf = { voters, votersOutgoing, learners, learnersNext, autoLeave: payload.readUInt32LE(16) === 1 };
  return { index: readInteger(payload, 0) as Index, term: readInteger(payload, 8) as Term, conf };
}
