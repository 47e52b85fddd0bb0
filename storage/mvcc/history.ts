import type { KeyId } from './key-records.ts';
import { encodeTombstone } from './key-value.ts';
import { endOf, isWithin, type RevisionPair, versionAt } from './range.ts';
import type { RevisionList, RevisionLists } from './revision-lists.ts';
import type { Store } from './store.ts';

/** One change of the past, for an event that is made again. */
export interface HistoryRow extends RevisionPair {
  readonly key: string;
  readonly tombstone: boolean;
  /** The event's encoded KeyValue when memory has it; otherwise it is the backend's value of this row. */
  readonly kv: Uint8Array | undefined;
  /** The revision that was the key's value before `main`, to be fetched for prev_kv; undefined: there was none, or it is compacted. */
  readonly prev: RevisionPair | undefined;
}

/**
 * The changes of revisions [from, to], oldest first, of keys in [key, rangeEnd) when a range is given. At most
 * `limitRevisions` revisions, each of them whole. What lies below the compact revision is not there any more.
 */
export function historyOf(
  store: Store,
  from: number,
  to: number,
  limitRevisions: number,
  range?: { readonly key: string; readonly rangeEnd: string },
): HistoryRow[] {
  const { changes, keys } = store;
  const rows: HistoryRow[] = [];
  const end = range === undefined ? undefined : endOf(range.key, range.rangeEnd);
  let revisions = 0;
  let newest = 0;
  for (let i = changes.positionOf(Math.max(from, store.compactRevision)); i < changes.end; i++) {
    const main = changes.main(i);
    if (main > to) break;
    const key = changes.key(i);
    if (range !== undefined && !isWithin(keys.records, key, range.key, end)) continue;
    if (main !== newest && ++revisions > limitRevisions) break;
    newest = main;
    const row = rowOf(store, i, main, key);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function rowOf(store: Store, position: number, main: number, id: KeyId): HistoryRow | undefined {
  const { changes, compactRevision, keys } = store;
  const { records, lists } = keys;
  const sub = changes.sub(position);
  const isNewest = records.isAt(id, main, sub);
  const list = records.older(id);
  // Of several changes of a key in the compact revision itself only the last is kept.
  if (main === compactRevision && !isNewest) {
    const newerLives = records.exists(id) && records.modRevision(id) === main;
    if (newerLives || !isLastOf(lists, list, main, sub)) return undefined;
  }
  const tombstone = changes.kind(position) === 'delete';
  const key = records.name(id);
  return {
    main,
    sub,
    key,
    tombstone,
    kv: tombstone ? encodeTombstone(key, main) : isNewest ? store.view(id) : undefined,
    prev: main <= compactRevision ? undefined : versionAt(lists, list, main - 1),
  };
}

function isLastOf(lists: RevisionLists, list: RevisionList, main: number, sub: number): boolean {
  const i = lists.lastAt(list, main);
  return i >= 0 && lists.main(list, i) === main && lists.sub(list, i) === sub;
}
