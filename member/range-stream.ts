import { byteStringAt } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import { type RangeRequest, type RangeResponse, SortOrder, SortTarget } from '../proto/gen/etcd.ts';
import { checkRangeRequest } from '../proto/validate.ts';
import { parseKeyValue } from '../storage/mvcc/key-value.ts';
import { MEMBER_LIMITS } from './limits.ts';

/**
 * A Range in pieces that are each read when the one before was taken, all at the revision of the first: `kvs` are disjoint and in key
 * order, `header`, `more` and `count` are in the last piece only. `range` reads one piece; it may throw between pieces, COMPACTED
 * among others. Errors besides: KEY_EMPTY, INVALID_SORT_OPTION, UNIMPLEMENTED for orders and filters that need all keys at once.
 * Source: etcd 3.7, rangeStream; unlike there a sort target without an order, which orders nothing, does not order each piece either.
 */
export async function* streamRange(
  request: RangeRequest,
  range: (piece: RangeRequest) => Promise<RangeResponse>,
): AsyncGenerator<RangeResponse, void> {
  checkStreamable(request);
  if (request.countOnly) {
    const { header, count } = await range(request);
    yield { header, kvs: [], more: false, count };
    return;
  }
  const wanted = request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
  let piece = { ...request, sortTarget: SortTarget.KEY, limit: Math.min(MEMBER_LIMITS.firstPieceKeys, wanted) };
  let first: RangeResponse | undefined;
  for (let sent = 0; ; ) {
    const found = await range(piece);
    first ??= found;
    const { kvs, more } = found;
    const last = kvs.at(-1);
    const count = sent + found.count; // of a range that begins behind what was sent
    sent += kvs.length;
    if (last === undefined || !more || sent === wanted) {
      yield { header: first.header, kvs, more, count };
      return;
    }
    yield { header: undefined, kvs, more: false, count: 0 };
    const limit = Math.min(nextLimit(piece.limit, sizeOf(kvs)), wanted - sent);
    // This member has the revision by now: there is nothing more to wait for.
    const revision = request.revision > 0 ? request.revision : (first.header?.revision ?? 0);
    piece = { ...piece, key: `${keyOf(last)}\0`, limit, revision, serializable: true };
  }
}

function checkStreamable(request: RangeRequest): void {
  checkRangeRequest(request);
  const { sortOrder, sortTarget } = request;
  const isKeyOrder = sortOrder === SortOrder.NONE || (sortOrder === SortOrder.ASCEND && sortTarget === SortTarget.KEY);
  if (!isKeyOrder) throw new StoreError('UNIMPLEMENTED', 'RangeStream does not support custom sort orders');
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if (minModRevision !== 0 || maxModRevision !== 0 || minCreateRevision !== 0 || maxCreateRevision !== 0) {
    throw new StoreError('UNIMPLEMENTED', 'RangeStream does not support revision filters');
  }
}

/** Pieces are to be about as large as the greatest request. */
function nextLimit(limit: number, sizeBytes: number): number {
  if (sizeBytes < MEMBER_LIMITS.pieceBytes / 2) return limit * 2;
  return sizeBytes > MEMBER_LIMITS.pieceBytes * 2 ? Math.max(1, Math.floor(limit / 2)) : limit;
}

function sizeOf(kvs: readonly Uint8Array[]): number {
  return kvs.reduce((sum, { length }) => sum + length, 0);
}

function keyOf(encoded: Uint8Array): string {
  const fields = parseKeyValue(encoded);
  return fields === undefined ? '' : byteStringAt(encoded, fields.keyStart, fields.keyEnd);
}
