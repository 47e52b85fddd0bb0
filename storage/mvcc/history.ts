import { encodeTombstone } from './key-value.ts';
import { lastAt, mainAt, type RevisionList, subAt } from './live-key.ts';
import { endOf, type RevisionPair, versionAt } from './range.ts';
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
  const { changes } = store;
  const rows: HistoryRow[] = [];
  const end = range === undefined ? undefined : endOf(range.key, range.rangeEnd);
  let revisions = 0;
  let newest = 0;
  for (let i = changes.positionOf(Math.max(from, store.compactRevision)); i < changes.end; i++) {
    const main = changes.main(i);
    if (main > to) break;
    const key = changes.key(i);
    if (range !== undefined && (key < range.key || (end !== undefined && key >= end))) continue;
    if (main !== newest && ++revisions > limitRevisions) break;
    newest = main;
    const row = rowOf(store, i, main, key);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function rowOf(store: Store, position: number, main: number, key: string): HistoryRow | undefined {
  const sub = store.changes.sub(position);
  const kind = store.changes.kind(position);
  const record = store.live.look(key);
  const newest = record !== undefined && record.modRevision === main && record.modSub === sub;
  const list = record === undefined ? store.dead.get(key) : record.older;
  // Of several changes of a key in the compact revision itself only the last is kept.
  if (main === store.compactRevision && !newest && !isLastOf(list, main, sub, record?.modRevision === main)) {
    return undefined;
  }
  const tombstone = kind === 'delete';
  return {
    main,
    sub,
    key,
    tombstone,
    kv: tombstone ? encodeTombstone(key, main) : newest ? store.view(record) : undefined,
    prev: list === undefined || main <= store.compactRevision ? undefined : versionAt(list, main - 1),
  };
}

function isLastOf(list: RevisionList | undefined, main: number, sub: number, newerLives: boolean): boolean {
  if (list === undefined || newerLives) return false;
  const i = lastAt(list, main);
  return i >= 0 && mainAt(list, i) === main && subAt(list, i) === sub;
}
