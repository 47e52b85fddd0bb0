import { byteString, bytesOf, compareBytes, keyBehind, prefixEnd, utf8Bytes } from '../../base/bytes.ts';
import { decodeConfRow } from '../../proto/gen/command.ts';
import { decodeMember, type Member } from '../../proto/gen/etcd.ts';
import type { BackendView, Keyspace } from '../backend/backend.ts';
import { META, readApplied, removedIdOf } from '../machine/rows.ts';
import { etcdRevisionKey, readUint64 } from '../mvcc/revision-key.ts';
import type { BoltBucket, BoltRow } from './bolt-writer.ts';
import {
  AUTH_BUCKETS,
  ETCD_BUCKETS,
  ETCD_META,
  type EtcdBucket,
  encodeEtcdRevision,
  jsonWithIds,
  uint64Bytes,
} from './buckets.ts';
import { ETCD_FILE_LIMITS } from './limits.ts';

/**
 * The layout that is written: etcd 3.5's, which 3.5 starts on and 3.6 brings to its own. A file in 3.6's layout would differ by the row
 * `storageVersion` alone, and 3.5 would refuse the cluster version that goes with it.
 */
export const EXPORTED_VERSION = '3.5.0';

/** etcd's buckets, in the order of their names, as a frozen view of the backend has them. The view must stay open as long as they are read. */
export async function etcdBuckets(view: BackendView): Promise<readonly BoltBucket[]> {
  const small = await smallBuckets(view);
  return ETCD_BUCKETS.map((name) => ({ name: utf8Bytes(name), rows: () => rowsOf(view, name, small) }));
}

async function* rowsOf(
  view: BackendView,
  name: EtcdBucket,
  small: ReadonlyMap<EtcdBucket, readonly BoltRow[]>,
): AsyncGenerator<readonly BoltRow[], void> {
  if (name === 'key') {
    for await (const rows of scan(view, 'revision')) {
      yield rows.map(({ key, value }) => ({ key: etcdRevisionKey(key), value }));
    }
  } else if (name === 'lease') {
    yield* scan(view, 'lease'); // the same bytes in both
  } else if (isAuthBucket(name)) {
    const prefix = utf8Bytes(`${name}/`);
    for await (const rows of scan(view, 'auth', prefix)) {
      yield rows.map(({ key, value }) => ({ key: key.subarray(prefix.length), value }));
    }
  } else {
    yield small.get(name) ?? [];
  }
}

/** Those that are made of a few rows. Alarms are about members, and whoever restores has others: they are left out. */
async function smallBuckets(view: BackendView): Promise<ReadonlyMap<EtcdBucket, readonly BoltRow[]>> {
  const removed: BoltRow[] = [];
  const meta: BoltRow[] = [];
  for await (const rows of scan(view, 'meta')) {
    for (const row of rows) {
      const id = removedIdOf(row.key);
      if (id === undefined) meta.push(...metaRows(row));
      else removed.push({ key: idBytes(id), value: utf8Bytes('removed') });
    }
  }
  const members: BoltRow[] = [];
  for await (const rows of scan(view, 'member'))
    members.push(...rows.map(({ value }) => memberRow(decodeMember(value))));
  return new Map<EtcdBucket, readonly BoltRow[]>([
    ['cluster', [{ key: utf8Bytes('clusterVersion'), value: utf8Bytes(EXPORTED_VERSION) }]],
    ['members', sorted(members)],
    ['members_removed', sorted(removed)],
    ['meta', sorted(meta)],
  ]);
}

function metaRows({ key, value }: BoltRow): readonly BoltRow[] {
  const isNamed = (name: Uint8Array): boolean => compareBytes(key, name) === 0;
  const row = (name: string, bytes: Uint8Array): BoltRow => ({ key: utf8Bytes(name), value: bytes });
  if (isNamed(META.applied)) {
    const { index, term } = readApplied(value) ?? { index: 0, term: 0 };
    return [row(ETCD_META.consistentIndex, uint64Bytes(index)), row(ETCD_META.term, uint64Bytes(term))];
  }
  if (isNamed(META.compact)) {
    // Not said to be finished: superseded revisions may still be in the view, and whoever opens the file deletes what is left.
    return [row(ETCD_META.scheduledCompact, encodeEtcdRevision(readUint64(value, 0), 0))];
  }
  return isNamed(META.conf) ? [row(ETCD_META.confState, confState(value))] : [];
}

/** raftpb.ConfState as Go's encoder writes it: what is empty is left out, auto_leave never. */
function confState(value: Uint8Array): Uint8Array {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = decodeConfRow(value);
  const some = (ids: readonly bigint[]): readonly bigint[] | undefined => (ids.length > 0 ? ids : undefined);
  return jsonWithIds({
    voters: some(voters),
    learners: some(learners),
    voters_outgoing: some(votersOutgoing),
    learners_next: some(learnersNext),
    auto_leave: autoLeave,
  });
}

function memberRow({ ID, name, peerURLs, clientURLs, isLearner }: Member): BoltRow {
  const fields = {
    id: ID,
    peerURLs,
    isLearner: isLearner || undefined,
    name: name === '' ? undefined : name,
    clientURLs: clientURLs.length === 0 ? undefined : clientURLs,
  };
  return { key: idBytes(ID), value: jsonWithIds(fields) };
}

/** An id as the key of its row: hexadecimal without leading zeros. */
function idBytes(id: bigint): Uint8Array {
  return utf8Bytes(BigInt.asUintN(64, id).toString(16));
}

function sorted(rows: readonly BoltRow[]): readonly BoltRow[] {
  return [...rows].sort((a, b) => compareBytes(a.key, b.key));
}

function isAuthBucket(name: EtcdBucket): boolean {
  return AUTH_BUCKETS.some((bucket) => bucket === name);
}

/** The rows of a keyspace whose keys begin with `prefix`, which ends below 0xff. */
async function* scan(
  view: BackendView,
  space: Keyspace,
  prefix?: Uint8Array,
): AsyncGenerator<readonly BoltRow[], void> {
  const { scanRows: limit, scanBytes: maxBytes } = ETCD_FILE_LIMITS;
  const end = prefix === undefined ? {} : { to: bytesOf(prefixEnd(byteString(prefix))) };
  let from = prefix ?? new Uint8Array(0);
  for (;;) {
    const rows = await view.scan(space, { from, limit, maxBytes, ...end });
    const last = rows.at(-1);
    if (last === undefined) return;
    from = keyBehind(last.key);
    yield rows;
  }
}
