import { StoreError } from '../../../base/store-error.ts';
import type { CompactionRequest } from '../../../proto/gen/etcd.ts';
import { header } from '../../mvcc/txn.ts';
import { compactRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/**
 * From now on nothing below the revision can be read; the rows go later, in steps (storage/mvcc/compaction.ts).
 * Errors: COMPACTED at or below the compact revision, FUTURE_REVISION above the current one.
 */
export function applyCompact({ store, rows }: State, { revision }: CompactionRequest): Effect {
  const error = checkCompact(store, revision);
  if (error !== undefined) return { outcome: { type: 'error', error } };
  if (revision > 0) {
    store.compactRevision = revision;
    rows.push(compactRow(revision));
  }
  return { outcome: { type: 'compact', response: { header: header(store.revision) } } };
}

/** A store that never was compacted takes revision 0, which changes nothing, as etcd does. */
function checkCompact(store: State['store'], revision: number): StoreError | undefined {
  const compactRevision = store.compactRevision;
  if (revision < 0 || (compactRevision > 0 && revision <= compactRevision)) {
    return new StoreError('COMPACTED', undefined, { compactRevision });
  }
  return revision > store.revision ? new StoreError('FUTURE_REVISION') : undefined;
}
