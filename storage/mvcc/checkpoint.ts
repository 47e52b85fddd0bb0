import { utf8Bytes } from '../../base/bytes.ts';
import { packColumns } from './columns.ts';
import type { KeyId } from './key-records.ts';
import { MVCC_LIMITS as LIMITS } from './limits.ts';
import type { StoredBytes } from './slabs.ts';
import type { Store } from './store.ts';

/**
 * A piece of a store. `head` is what must be in memory (columns, see below), `values` the newest encoded KeyValues of live keys: a slab as it
 * is, with what is dead in it; nothing for other pieces. What only the backend has is not in it: values of older revisions.
 */
export interface CheckpointBlock {
  readonly head: Uint8Array;
  readonly values: Uint8Array;
}

/** A piece as it was found again: nobody has asked for its values yet. The head's memory goes to the store. */
export interface StoredBlock {
  readonly head: Uint8Array;
  readonly values: StoredBytes;
}

/**
 * What a block is of is the first column of its head. First come the numbers of all parts of the keys, as JSON; then their pieces, each with
 * the part that it is of; slabs (number, live bytes; owners); changes since the compact revision (ChangeColumns); and the keys that hang on
 * leases, beside their leases.
 */
export const BLOCK_OF = { numbers: 0, piece: 1, slab: 2, changes: 3, leases: 4 } as const;

const NO_VALUES = new Uint8Array(0);

/** The whole store in blocks. It must not change until the last one was taken. */
export function* checkpointBlocks(store: Store): Generator<CheckpointBlock> {
  const { keys, slabs, changes, compactRevision } = store;
  const images = keys.parts.map((part) => part.image());
  const numbers = utf8Bytes(JSON.stringify(images.map((image) => image.numbers)));
  yield { head: packColumns([Uint32Array.of(BLOCK_OF.numbers), numbers]), values: NO_VALUES };
  for (const [part, { pieces }] of images.entries())
    for (const piece of pieces)
      yield { head: packColumns([Uint32Array.of(BLOCK_OF.piece, part), piece]), values: NO_VALUES };
  for (const { slab, bytes } of slabs.images()) {
    const head = packColumns([Uint32Array.of(BLOCK_OF.slab, slab.number, slab.liveBytes), slab.owners]);
    yield { head, values: bytes };
  }
  const from = changes.positionOf(compactRevision);
  for (let at = from; at < changes.end; at += LIMITS.maxBlockChanges) {
    const columns = changes.columns(at, Math.min(changes.end, at + LIMITS.maxBlockChanges));
    const head = packColumns([Uint32Array.of(BLOCK_OF.changes), columns.mains, columns.details, columns.keys]);
    yield { head, values: NO_VALUES };
  }
  const leased = leasedKeys(store);
  const leases = leased.map((id) => keys.records.lease(id));
  const head = packColumns([Uint32Array.of(BLOCK_OF.leases), Uint32Array.from(leased), BigInt64Array.from(leases)]);
  yield { head, values: NO_VALUES };
}

function leasedKeys({ keys }: Store): KeyId[] {
  const leased: KeyId[] = [];
  for (const cursor = keys.live.cursor(''); cursor.valid; cursor.next())
    if (keys.records.hasLease(cursor.id)) leased.push(cursor.id);
  return leased;
}
