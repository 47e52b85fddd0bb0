import { utf8Bytes } from '../../base/bytes.ts';
import { readUint64, writeUint64 } from '../mvcc/revision-key.ts';

/** Every bucket that etcd makes, in the order of their names. Source: etcd server/storage/schema/bucket.go. */
export const ETCD_BUCKETS = [
  'alarm',
  'auth',
  'authRoles',
  'authUsers',
  'cluster',
  'key',
  'lease',
  'members',
  'members_removed',
  'meta',
] as const;

/** Those of authentication: the rows of the backend's keyspace `auth` are theirs, the bucket's name and a slash before each key. */
export const AUTH_BUCKETS = ['auth', 'authRoles', 'authUsers'] as const;

export type EtcdBucket = (typeof ETCD_BUCKETS)[number];

/** Rows of the bucket `meta`. */
export const ETCD_META = {
  /** 8 bytes: index of the last entry applied. */
  consistentIndex: 'consistent_index',
  /** 8 bytes: its term. Since 3.5. */
  term: 'term',
  /** JSON: who takes part in consensus. Since 3.5. */
  confState: 'confState',
  /** A revision key: compaction was asked for at this revision; and was carried through. */
  scheduledCompact: 'scheduledCompactRev',
  finishedCompact: 'finishedCompactRev',
  /** Text: the version of the layout. Since 3.6. */
  storageVersion: 'storageVersion',
} as const;

const SEPARATOR = 0x5f;
const TOMBSTONE = 0x74;
/** main 8 | '_' | sub 8, and a 't' when the row is a tombstone. */
const REVISION_BYTES = 17;

export interface EtcdRevision {
  readonly main: number;
  readonly sub: number;
  readonly isTombstone: boolean;
}

/** A key of the bucket `key`, and a value of the compaction rows. */
export function encodeEtcdRevision(main: number, sub: number): Uint8Array {
  const key = new Uint8Array(REVISION_BYTES);
  writeUint64(key, 0, main);
  key[8] = SEPARATOR;
  writeUint64(key, 9, sub);
  return key;
}

/** What such bytes say; undefined when they are none. */
export function decodeEtcdRevision(key: Uint8Array): EtcdRevision | undefined {
  const isTombstone = key.length === REVISION_BYTES + 1;
  if (key.length !== REVISION_BYTES && !isTombstone) return undefined;
  if (key[8] !== SEPARATOR || (isTombstone && key[REVISION_BYTES] !== TOMBSTONE)) return undefined;
  const [main, sub] = [readUint64(key, 0), readUint64(key, 9)];
  return Number.isSafeInteger(main) && Number.isSafeInteger(sub) ? { main, sub, isTombstone } : undefined;
}

export function uint64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeUint64(bytes, 0, value);
  return bytes;
}

/** JSON in which ids are numbers of 64 bits, as etcd writes it: JavaScript's numbers would round them. */
export function jsonWithIds(fields: Readonly<Record<string, unknown>>): Uint8Array {
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${jsonValue(value)}`);
  return utf8Bytes(`{${parts.join(',')}}`);
}

function jsonValue(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  return Array.isArray(value) ? `[${value.map(jsonValue).join(',')}]` : JSON.stringify(value);
}
