import { compareBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import { type Compare, CompareResult, CompareTarget } from '../../proto/gen/etcd.ts';
import { type KeyId, NO_KEY } from './key-records.ts';
import { valueBytes } from './key-value.ts';
import { liveKeys } from './range.ts';
import type { Store } from './store.ts';

/** True when every key of the compare's range satisfies it; a missing key counts as zeros, and never has a value. */
export function holds(store: Store, compare: Compare): boolean {
  if (compare.rangeEnd === '') {
    const id = store.keys.findLive(compare.key);
    return id === NO_KEY ? holdsForMissing(compare) : holdsFor(store, compare, id);
  }
  const ids = liveKeys(store, compare.key, compare.rangeEnd, 0);
  return ids.length === 0 ? holdsForMissing(compare) : ids.every((id) => holdsFor(store, compare, id));
}

function holdsForMissing(compare: Compare): boolean {
  if (compare.target === CompareTarget.VALUE) return false;
  if (compare.target === CompareTarget.LEASE) return satisfies(compare.result, orderOf(0n, leaseOperand(compare)));
  return satisfies(compare.result, -numberOperand(compare));
}

function holdsFor(store: Store, compare: Compare, id: KeyId): boolean {
  const { target, result } = compare;
  const { records } = store.keys;
  if (target === CompareTarget.MOD) return satisfies(result, records.modRevision(id) - numberOperand(compare));
  if (target === CompareTarget.VALUE) {
    const value = compare.targetUnion?.case === 'value' ? compare.targetUnion.value : EMPTY_BYTES;
    return satisfies(result, compareBytes(valueBytes(store.view(id)), value));
  }
  if (target === CompareTarget.CREATE) return satisfies(result, records.createRevision(id) - numberOperand(compare));
  if (target === CompareTarget.VERSION) return satisfies(result, records.version(id) - numberOperand(compare));
  if (target === CompareTarget.LEASE) return satisfies(result, orderOf(records.lease(id), leaseOperand(compare)));
  // A target that nobody knows compares equal, as in etcd.
  return satisfies(result, 0);
}

/** What the key's number is compared with: of another kind than the target asks, it is zero. */
function numberOperand(compare: Compare): number {
  const { target, targetUnion: operand } = compare;
  if (operand?.case === 'version' && target === CompareTarget.VERSION) return operand.version;
  if (operand?.case === 'createRevision' && target === CompareTarget.CREATE) return operand.createRevision;
  if (operand?.case === 'modRevision' && target === CompareTarget.MOD) return operand.modRevision;
  return 0;
}

function leaseOperand({ targetUnion: operand }: Compare): bigint {
  return operand?.case === 'lease' ? operand.lease : 0n;
}

function orderOf(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `order`: negative, zero or positive as the key's property is less, equal or greater. A result that nobody knows holds. */
function satisfies(result: number, order: number): boolean {
  if (result === CompareResult.EQUAL) return order === 0;
  if (result === CompareResult.NOT_EQUAL) return order !== 0;
  if (result === CompareResult.GREATER) return order > 0;
  if (result === CompareResult.LESS) return order < 0;
  return true;
}
