import type { Revision } from '../../base/brand.ts';
import { compareBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { type RangeRequest, SortOrder, SortTarget } from '../../proto/gen/etcd.ts';
import { type KeyId, type KeyRecords, NO_KEY } from './key-records.ts';
import type { KeyCursor } from './key-tree.ts';
import { type KeyValueFields, parseKeyValue, withoutValue } from './key-value.ts';
import type { Keys } from './keys.ts';
import type { RevisionList, RevisionLists } from './revision-lists.ts';
import type { Store } from './store.ts';

/** A revision in the backend: `main` of the transaction, `sub` its place inside it. */
export interface RevisionPair {
  readonly main: number;
  readonly sub: number;
}

/** What a Range found. `kvs` are encoded KeyValues, `revision` is that of the header: the store's, not the one asked for. */
export interface RangeResult {
  readonly type: 'ready';
  readonly kvs: readonly Uint8Array[];
  readonly more: boolean;
  readonly count: number;
  readonly revision: Revision;
}

/** A Range of which some values are only in the backend. */
export interface RangeFetch {
  readonly type: 'fetch';
  readonly revisions: readonly RevisionPair[];
  /** Continues with the encoded KeyValues of `revisions`, in their order. */
  readonly finish: (values: readonly Uint8Array[]) => RangeResult;
}

export type RangeAnswer = { readonly type: 'error'; readonly error: StoreError } | RangeResult | RangeFetch;

/** A key as it was: its newest version, or an older one by its revision. */
type Found = KeyId | RevisionPair;

/**
 * Reads [key, rangeEnd) as of `revision` (0 or less: newest). `rangeEnd` empty: one key; a single zero byte: every key from
 * `key` on. Filters, then sorts, then cuts at `limit`; `count` ignores filters and limit, and nothing is walked for it.
 * Errors: COMPACTED below the compact revision, FUTURE_REVISION above the current one.
 * Source: etcd v3 API, RangeRequest; order of the steps as in etcd's executeRange.
 */
export function planRange(store: Store, request: RangeRequest): RangeAnswer {
  const current = store.readRevision;
  const error = revisionError(store, request.revision, current);
  if (error !== undefined) return { type: 'error', error };
  const at = request.revision <= 0 || request.revision >= current ? undefined : request.revision;
  const single = request.rangeEnd === '' ? oneKey(store, request.key, at) : undefined;
  const count = single === undefined ? countAt(store, request.key, request.rangeEnd, at) : single.length;
  if (request.countOnly) return { type: 'ready', kvs: [], more: false, count, revision: current as Revision };
  const found = single ?? gather(store, request, at, count);
  const wanted = found.filter((entry): entry is RevisionPair => typeof entry !== 'number');
  // The views are taken now: a write that follows before `finish` must not be seen.
  const views = found.map((entry) => (typeof entry === 'number' ? store.view(entry) : undefined));
  const finish = (values: readonly Uint8Array[]): RangeResult => {
    let next = 0;
    const kvs = views.map((view) => view ?? values[next++] ?? EMPTY_BYTES);
    return { type: 'ready', ...select(kvs, request), count, revision: current as Revision };
  };
  return wanted.length === 0 ? finish([]) : { type: 'fetch', revisions: wanted, finish };
}

/** COMPACTED, FUTURE_REVISION or nothing; the compact revision itself can still be read. */
export function revisionError(store: Store, revision: number, current: number): StoreError | undefined {
  if (revision > current) return new StoreError('FUTURE_REVISION');
  if (revision > 0 && revision < store.compactRevision) {
    return new StoreError('COMPACTED', undefined, { compactRevision: store.compactRevision });
  }
  return undefined;
}

/** The end of a range as the ordered map takes it: exclusive, undefined when there is none. */
export function endOf(key: string, rangeEnd: string): string | undefined {
  if (rangeEnd === '') return `${key}\0`;
  return rangeEnd === '\0' ? undefined : rangeEnd;
}

/** The live keys of a range in key order, at most `limit` of them (0: all). */
export function liveKeys({ keys }: Store, key: string, rangeEnd: string, limit: number): KeyId[] {
  if (rangeEnd === '') {
    const id = keys.findLive(key);
    return id === NO_KEY ? [] : [id];
  }
  const count = keys.live.count(key, endOf(key, rangeEnd));
  return taken(keys.live.cursor(key), limit === 0 ? count : Math.min(count, limit));
}

/** The next `count` keys, which must be there. */
function taken(cursor: KeyCursor, count: number): KeyId[] {
  const found: KeyId[] = [];
  for (let i = 0; i < count; i++, cursor.next()) found.push(cursor.id);
  return found;
}

/** The revision in `list` that was in force at `main`; undefined when the key did not exist then. */
export function versionAt(lists: RevisionLists, list: RevisionList, main: number): RevisionPair | undefined {
  const i = lists.lastAt(list, main);
  if (i < 0 || lists.isTombstone(list, i)) return undefined;
  return { main: lists.main(list, i), sub: lists.sub(list, i) };
}

/**
 * How many keys of a range of several existed at revision `at` (undefined: now). At an old revision it is today's count with the
 * changes since taken back, or a walk over the range, whichever is shorter.
 */
export function countAt(store: Store, key: string, rangeEnd: string, at: number | undefined): number {
  const { keys, changes } = store;
  const end = endOf(key, rangeEnd);
  const now = keys.live.count(key, end);
  if (at === undefined) return now;
  const since = changes.positionOf(at + 1);
  if (changes.end - since > now + keys.dead.count(key, end)) return walkAt(store, key, end, at, 0).length;
  let count = now;
  for (let i = since; i < changes.end; i++) {
    const kind = changes.kind(i);
    if (kind === 'update' || !isWithin(keys.records, changes.key(i), key, end)) continue;
    count += kind === 'create' ? -1 : 1;
  }
  return count;
}

/** The key lies in [from, end); `end` undefined: it does not lie before `from`. */
export function isWithin(records: KeyRecords, id: KeyId, from: string, end: string | undefined): boolean {
  return records.compare(from, id) <= 0 && (end === undefined || records.compare(end, id) > 0);
}

function gather(store: Store, request: RangeRequest, at: number | undefined, count: number): Found[] {
  const { key, rangeEnd } = request;
  if (count === 0) return [];
  const limit = isPlain(request) && request.limit > 0 ? request.limit + 1 : 0;
  if (at !== undefined) return walkAt(store, key, endOf(key, rangeEnd), at, limit);
  if (request.sortOrder === SortOrder.DESCEND && limit > 0 && limit < count) {
    return lastKeys(store, key, rangeEnd, limit);
  }
  return liveKeys(store, key, rangeEnd, request.sortOrder === SortOrder.DESCEND ? 0 : limit);
}

/**
 * True when `limit` may cut while gathering: the answer is a prefix of the keys in order, or at the newest revision of
 * their reverse. A sort target without an order sorts only what the limit has left, as in etcd.
 */
function isPlain(request: RangeRequest): boolean {
  if (hasFilter(request)) return false;
  if (request.sortOrder === SortOrder.NONE) return true;
  if (request.sortTarget !== SortTarget.KEY) return false;
  return request.sortOrder !== SortOrder.DESCEND || request.revision <= 0;
}

function hasFilter(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

function oneKey({ keys }: Store, key: string, at: number | undefined): readonly Found[] {
  const id = keys.find(key);
  if (id === NO_KEY) return [];
  if (at === undefined) return keys.records.exists(id) ? [id] : [];
  const version = versionOf(keys, id, at);
  return version === undefined ? [] : [version];
}

/** The key as it was at `at`. */
function versionOf({ records, lists }: Keys, id: KeyId, at: number): Found | undefined {
  if (records.exists(id) && records.modRevision(id) <= at) return id;
  return versionAt(lists, records.older(id), at);
}

/** The keys of [from, end) that existed at `at`, in order, at most `limit` of them (0: all). */
function walkAt({ keys }: Store, from: string, end: string | undefined, at: number, limit: number): Found[] {
  const { records } = keys;
  let living = keys.live.count(from, end);
  let gone = keys.dead.count(from, end);
  const live = keys.live.cursor(from);
  const dead = keys.dead.cursor(from);
  const found: Found[] = [];
  while (living + gone > 0) {
    const takesLiving = gone === 0 || (living > 0 && records.compareKeys(live.id, dead.id) < 0);
    const version = versionOf(keys, takesLiving ? live.id : dead.id, at);
    if (version !== undefined) {
      found.push(version);
      if (found.length === limit) break;
    }
    if (takesLiving) {
      live.next();
      living--;
    } else {
      dead.next();
      gone--;
    }
  }
  return found;
}

/** The last `limit` live keys of the range, in ascending order. */
function lastKeys({ keys }: Store, key: string, rangeEnd: string, limit: number): KeyId[] {
  const end = endOf(key, rangeEnd);
  const stop = end === undefined ? keys.live.size : keys.live.rank(end);
  return taken(keys.live.cursorAt(stop - limit), limit);
}

/** Filters, sorts and cuts what was found; `kvs` are in key order. */
function select(
  kvs: readonly Uint8Array[],
  request: RangeRequest,
): { readonly kvs: readonly Uint8Array[]; readonly more: boolean } {
  let chosen = hasFilter(request) ? kvs.filter((kv) => passes(fieldsOf(kv), request)) : kvs;
  if (request.sortTarget !== SortTarget.KEY) chosen = sorted(chosen, request);
  else if (request.sortOrder === SortOrder.DESCEND) chosen = chosen.toReversed();
  const more = request.limit > 0 && chosen.length > request.limit;
  if (more) chosen = chosen.slice(0, request.limit);
  return { kvs: request.keysOnly ? chosen.map(withoutValue) : chosen, more };
}

function passes(fields: KeyValueFields, request: RangeRequest): boolean {
  const { modRevision, createRevision } = fields;
  return (
    (request.maxModRevision === 0 || modRevision <= request.maxModRevision) &&
    (request.minModRevision === 0 || modRevision >= request.minModRevision) &&
    (request.maxCreateRevision === 0 || createRevision <= request.maxCreateRevision) &&
    (request.minCreateRevision === 0 || createRevision >= request.minCreateRevision)
  );
}

interface Sortable {
  readonly kv: Uint8Array;
  readonly fields: KeyValueFields;
}

/** A sort target without an order sorts ascending; ties stay in key order. */
function sorted(kvs: readonly Uint8Array[], request: RangeRequest): readonly Uint8Array[] {
  const sign = request.sortOrder === SortOrder.DESCEND ? -1 : 1;
  const items = kvs.map((kv): Sortable => ({ kv, fields: fieldsOf(kv) }));
  items.sort((a, b) => sign * compareBy(request.sortTarget, a, b));
  return items.map((item) => item.kv);
}

function compareBy(target: number, a: Sortable, b: Sortable): number {
  if (target === SortTarget.VERSION) return a.fields.version - b.fields.version;
  if (target === SortTarget.CREATE) return a.fields.createRevision - b.fields.createRevision;
  if (target === SortTarget.MOD) return a.fields.modRevision - b.fields.modRevision;
  return compareBytes(valueIn(a), valueIn(b));
}

function valueIn(item: Sortable): Uint8Array {
  return item.kv.subarray(item.fields.valueStart, item.fields.valueEnd);
}

function fieldsOf(kv: Uint8Array): KeyValueFields {
  return parseKeyValue(kv) ?? NO_FIELDS;
}

const NO_FIELDS: KeyValueFields = {
  keyStart: 0,
  keyEnd: 0,
  createRevision: 0,
  modRevision: 0,
  version: 0,
  valueField: 0,
  valueStart: 0,
  valueEnd: 0,
  lease: 0n,
};
