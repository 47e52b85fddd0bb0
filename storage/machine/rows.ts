import { utf8Bytes } from '../../base/bytes.ts';
import {
  encodeAlarmChange,
  encodeConfRow,
  encodeLeaseRow,
  encodeStateHashRow,
  type StateHashRow,
} from '../../proto/gen/command.ts';
import { encodeMember, type Member } from '../../proto/gen/etcd.ts';
import type { ConfState } from '../../raft/types.ts';
import type { BackendOp } from '../backend/backend.ts';
import { readUint64, writeUint64 } from '../mvcc/revision-key.ts';
import type { ActiveAlarm } from './alarms.ts';

/** The rows of the backend that are not revisions. Numbers are 8 bytes, big endian. */

/** Rows of the `meta` keyspace. */
export const META = {
  /** Index and term of the last entry applied, 16 bytes. */
  applied: utf8Bytes('applied'),
  /** The compact revision, 8 bytes. */
  compact: utf8Bytes('compact'),
  /** The configuration of consensus, a ConfRow. */
  conf: utf8Bytes('conf'),
  /** The cluster's format of commands, 8 bytes; none stands for the first. */
  clusterFormat: utf8Bytes('clusterFormat'),
  /** A StateHashRow. */
  stateHash: utf8Bytes('stateHash'),
} as const;

/** What begins the names of `meta` rows for members that were removed; the id follows. */
const REMOVED_PREFIX = utf8Bytes('removed/');

export function appliedRow(index: number, term: number): BackendOp {
  const value = new Uint8Array(16);
  writeUint64(value, 0, index);
  writeUint64(value, 8, term);
  return { op: 'put', space: 'meta', key: META.applied, value };
}

export function compactRow(revision: number): BackendOp {
  const value = new Uint8Array(8);
  writeUint64(value, 0, revision);
  return { op: 'put', space: 'meta', key: META.compact, value };
}

export function confRow(conf: ConfState): BackendOp {
  return { op: 'put', space: 'meta', key: META.conf, value: encodeConfRow(conf) };
}

export function clusterFormatRow(format: number): BackendOp {
  const value = new Uint8Array(8);
  writeUint64(value, 0, format);
  return { op: 'put', space: 'meta', key: META.clusterFormat, value };
}

export function stateHashRow(row: StateHashRow): BackendOp {
  return { op: 'put', space: 'meta', key: META.stateHash, value: encodeStateHashRow(row) };
}

export function leaseRow(id: bigint, ttlSeconds: number): BackendOp {
  return { op: 'put', space: 'lease', key: idKey(id), value: encodeLeaseRow({ ID: id, TTL: ttlSeconds }) };
}

export function leaseGoneRow(id: bigint): BackendOp {
  return { op: 'delete', space: 'lease', key: idKey(id) };
}

export function memberRow(member: Member): BackendOp {
  return { op: 'put', space: 'member', key: idKey(member.ID), value: encodeMember(member) };
}

export function alarmRow(active: ActiveAlarm): BackendOp {
  return { op: 'put', space: 'alarm', key: alarmKey(active), value: encodeAlarmChange({ ...active, active: true }) };
}

export function alarmGoneRow(active: ActiveAlarm): BackendOp {
  return { op: 'delete', space: 'alarm', key: alarmKey(active) };
}

/** A removed member's record goes, its id stays. */
export function memberGoneRows(id: bigint): readonly BackendOp[] {
  const key = new Uint8Array(REMOVED_PREFIX.length + 8);
  key.set(REMOVED_PREFIX);
  key.set(idKey(id), REMOVED_PREFIX.length);
  return [
    { op: 'delete', space: 'member', key: idKey(id) },
    { op: 'put', space: 'meta', key, value: new Uint8Array([1]) },
  ];
}

/** The id in the name of a `removed/` row; undefined for other names. */
export function removedIdOf(key: Uint8Array): bigint | undefined {
  if (key.length !== REMOVED_PREFIX.length + 8 || !REMOVED_PREFIX.every((byte, i) => key[i] === byte)) return undefined;
  return new DataView(key.buffer, key.byteOffset, key.length).getBigUint64(REMOVED_PREFIX.length);
}

/** The two numbers of an `applied` row; undefined when it is none. */
export function readApplied(value: Uint8Array): { readonly index: number; readonly term: number } | undefined {
  return value.length === 16 ? { index: readUint64(value, 0), term: readUint64(value, 8) } : undefined;
}

/** The type in one byte, then the member's id. */
function alarmKey({ memberID, alarm }: ActiveAlarm): Uint8Array {
  return Uint8Array.of(alarm, ...idKey(memberID));
}

function idKey(id: bigint): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt.asUintN(64, id));
  return key;
}
