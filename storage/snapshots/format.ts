import type { Index, MemberId, Term } from '../../base/brand.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { ConfState, SnapshotMeta } from '../../raft/types.ts';
import type { BackendOp } from '../backend/backend.ts';
import { keyspaceOf, PREFIX_OF } from '../backend/keyspaces.ts';
import { SNAPSHOT_LIMITS } from './limits.ts';

/**
 * The form of a snapshot, on disk and on the wire (integers little endian):
 *
 *   header   magic 8 | version 4 | cluster id 8 | index 8 | term 8 | auto-leave 4 | four counts 4x4 | member ids 8 each | crc32c 4
 *   block    size of the rows 4 | number of rows 4 | crc32c 4 | rows: keyspace prefix 1 | key size 4 | value size 4 | key | value
 *   trailer  0 4 | 0 4 | crc32c 4 | number of all rows 8
 *
 * Each block's checksum goes on from the one before, the header's being the first: blocks that are missing, doubled or out of order do not
 * verify, and the trailer's checksum is that of the whole.
 */
export const SNAPSHOT_FORMAT_VERSION = 1;

const MAGIC = Buffer.from('KEELSNAP', 'latin1');
const CONF_AT = 36;
/** The header up to the member ids. */
export const HEADER_PREFIX_BYTES = CONF_AT + 4 + 16;
export const BLOCK_HEADER_BYTES = 12;
export const TRAILER_BYTES = BLOCK_HEADER_BYTES + 8;
const ROW_HEADER_BYTES = 9;

/** What a snapshot says about itself. */
export interface SnapshotHeader {
  readonly clusterId: bigint;
  readonly meta: SnapshotMeta;
}

/** The header's bytes, and the checksum from which the first block goes on. */
export function encodeHeader(header: SnapshotHeader): { readonly bytes: Buffer; readonly checksum: number } {
  const lists = listsOf(header.meta.conf);
  const members = lists.flat();
  const bytes = Buffer.alloc(HEADER_PREFIX_BYTES + 8 * members.length + 4);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(SNAPSHOT_FORMAT_VERSION, 8);
  bytes.writeBigUInt64LE(header.clusterId, 12);
  bytes.writeBigUInt64LE(BigInt(header.meta.index), 20);
  bytes.writeBigUInt64LE(BigInt(header.meta.term), 28);
  bytes.writeUInt32LE(header.meta.conf.autoLeave ? 1 : 0, CONF_AT);
  for (const [i, list] of lists.entries()) bytes.writeUInt32LE(list.length, CONF_AT + 4 + 4 * i);
  for (const [i, member] of members.entries()) bytes.writeBigUInt64LE(member, HEADER_PREFIX_BYTES + 8 * i);
  const checksum = crc32c(bytes.subarray(0, -4));
  bytes.writeUInt32LE(checksum, bytes.length - 4);
  return { bytes, checksum };
}

/**
 * Size of the whole header that begins with `prefix` (HEADER_PREFIX_BYTES of it); an error text when it is none.
 */
export function headerBytes(prefix: Buffer): number | { readonly code: 'CORRUPT' | 'FORMAT'; readonly detail: string } {
  if (prefix.length < HEADER_PREFIX_BYTES || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { code: 'CORRUPT', detail: 'this is not a snapshot' };
  }
  const version = prefix.readUInt32LE(8);
  if (version !== SNAPSHOT_FORMAT_VERSION) {
    return { code: 'FORMAT', detail: `format version ${version}, this program reads ${SNAPSHOT_FORMAT_VERSION}` };
  }
  const members = countsIn(prefix).reduce((sum, count) => sum + count, 0);
  if (members > SNAPSHOT_LIMITS.maxMembers) return { code: 'CORRUPT', detail: `${members} members in the header` };
  return HEADER_PREFIX_BYTES + 8 * members + 4;
}

/** The header in `bytes`, whose size headerBytes gave; undefined when its checksum is wrong. */
export function decodeHeader(
  bytes: Buffer,
): { readonly header: SnapshotHeader; readonly checksum: number } | undefined {
  const checksum = crc32c(bytes.subarray(0, -4));
  if (checksum !== bytes.readUInt32LE(bytes.length - 4)) return undefined;
  let at = HEADER_PREFIX_BYTES;
  const take = (count: number): MemberId[] =>
    Array.from({ length: count }, () => bytes.readBigUInt64LE((at += 8) - 8) as MemberId);
  const [voters = [], votersOutgoing = [], learners = [], learnersNext = []] = countsIn(bytes).map(take);
  const conf = { voters, votersOutgoing, learners, learnersNext, autoLeave: bytes.readUInt32LE(CONF_AT) === 1 };
  const index = Number(bytes.readBigUInt64LE(20)) as Index;
  const term = Number(bytes.readBigUInt64LE(28)) as Term;
  return { header: { clusterId: bytes.readBigUInt64LE(12), meta: { index, term, conf } }, checksum };
}

type Put = Extract<BackendOp, { op: 'put' }>;

export function sizeOfRow(row: { readonly key: Uint8Array; readonly value: Uint8Array }): number {
  return ROW_HEADER_BYTES + row.key.length + row.value.length;
}

/** A block of rows, and the checksum from which the next one goes on. */
export function encodeBlock(
  rows: readonly Put[],
  previous: number,
): { readonly bytes: Buffer; readonly checksum: number } {
  const size = rows.reduce((sum, row) => sum + sizeOfRow(row), 0);
  const bytes = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + size);
  let at = BLOCK_HEADER_BYTES;
  for (const { space, key, value } of rows) {
    bytes[at] = PREFIX_OF[space];
    bytes.writeUInt32LE(key.length, at + 1);
    bytes.writeUInt32LE(value.length, at + 5);
    bytes.set(key, at + ROW_HEADER_BYTES);
    bytes.set(value, at + ROW_HEADER_BYTES + key.length);
    at += ROW_HEADER_BYTES + key.length + value.length;
  }
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(rows.length, 4);
  const checksum = blockChecksum(bytes, bytes.subarray(BLOCK_HEADER_BYTES), previous);
  bytes.writeUInt32LE(checksum, 8);
  return { bytes, checksum };
}

export function encodeTrailer(rows: number, previous: number): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeBigUInt64LE(BigInt(rows), BLOCK_HEADER_BYTES);
  bytes.writeUInt32LE(blockChecksum(bytes, bytes.subarray(BLOCK_HEADER_BYTES), previous), 8);
  return bytes;
}

/** Of a block or the trailer: the sizes at the head of `header`, then the body. */
export function blockChecksum(header: Buffer, body: Buffer, previous: number): number {
  return crc32c(body, crc32c(header.subarray(0, 8), previous));
}

/** The rows of a block that verified; undefined when they make no sense all the same. */
export function decodeRows(body: Buffer, count: number): readonly Put[] | undefined {
  const rows: Put[] = [];
  let at = 0;
  while (at < body.length) {
    if (at + ROW_HEADER_BYTES > body.length) return undefined;
    const space = keyspaceOf(body[at] as number);
    const valueAt = at + ROW_HEADER_BYTES + body.readUInt32LE(at + 1);
    const end = valueAt + body.readUInt32LE(at + 5);
    if (space === undefined || end > body.length) return undefined;
    rows.push({
      op: 'put',
      space,
      key: body.subarray(at + ROW_HEADER_BYTES, valueAt),
      value: body.subarray(valueAt, end),
    });
    at = end;
  }
  return rows.length === count ? rows : undefined;
}

function countsIn(header: Buffer): readonly number[] {
  return [0, 1, 2, 3].map((i) => header.readUInt32LE(CONF_AT + 4 + 4 * i));
}

function listsOf(conf: ConfState): readonly (readonly MemberId[])[] {
  return [conf.voters, conf.votersOutgoing, conf.learners, conf.learnersNext];
}
