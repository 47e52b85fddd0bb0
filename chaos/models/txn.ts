import { compareBytes, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import {
  type Compare,
  CompareResult,
  CompareTarget,
  type DeleteRangeRequest,
  decodeKeyValue,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from '../../proto/gen/etcd.ts';
import type { KeyState, StoreState } from '../checkers/revision-log.ts';

/** A key with all that it is described by, as an answer shows it. */
export type Row = readonly [string, KeyState];

/** What one operation of a transaction was answered, headers aside. */
export type TxnAnswer =
  | { readonly type: 'put'; readonly previous: Row | undefined }
  | { readonly type: 'delete'; readonly deleted: number; readonly previous: readonly Row[] }
  | { readonly type: 'range'; readonly rows: readonly Row[]; readonly count: number; readonly more: boolean }
  | { readonly type: 'txn'; readonly succeeded: boolean; readonly answers: readonly TxnAnswer[] };

/** What a transaction comes to: its answer, and the state after it (the same object when nothing changed). */
export interface TxnResult {
  readonly answer: Extract<TxnAnswer, { type: 'txn' }>;
  readonly state: StoreState;
}

/** Where a transaction runs. */
export interface TxnPlace {
  readonly state: StoreState;
  /** What its writes become. */
  readonly revision: number;
  /** The state at a revision of the past, for ranges that name one. */
  readonly past: (revision: number) => StoreState;
}

/**
 * A transaction on a store that does one thing after the other: every compare, nested ones too, sees the state before it; operations
 * see what those before them did, ranges at a revision do not. Ranges are not sorted or filtered here. Source: etcd v3 API, Txn.
 */
export function runTxn(request: TxnRequest, place: TxnPlace): TxnResult {
  const work = new Work(place);
  const answer = work.run(request);
  return { answer, state: work.state };
}

class Work {
  state: StoreState;
  readonly #place: TxnPlace;

  constructor(place: TxnPlace) {
    this.#place = place;
    this.state = place.state;
  }

  run({ compare, success, failure }: TxnRequest): TxnResult['answer'] {
    const succeeded = compare.every((one) => holds(this.#place.state, one));
    return { type: 'txn', succeeded, answers: (succeeded ? success : failure).map((op) => this.#operation(op)) };
  }

  #operation({ request }: RequestOp): TxnAnswer {
    switch (request?.case) {
      case 'requestPut':
        return this.#put(request.requestPut);
      case 'requestDeleteRange':
        return this.#delete(request.requestDeleteRange);
      case 'requestRange':
        return this.#range(request.requestRange);
      case 'requestTxn':
        return this.run(request.requestTxn);
      case undefined:
        return { type: 'range', rows: [], count: 0, more: false };
    }
  }

  #put({ key, value, lease, prevKv, ignoreValue, ignoreLease }: PutRequest): TxnAnswer {
    const { revision } = this.#place;
    const before = this.state.get(key);
    const state: KeyState = {
      value: ignoreValue ? (before?.value ?? '') : utf8Text(value),
      createRevision: before?.createRevision ?? revision,
      modRevision: revision,
      version: (before?.version ?? 0) + 1,
      lease: ignoreLease ? (before?.lease ?? 0n) : lease,
    };
    this.state = new Map(this.state).set(key, state);
    return { type: 'put', previous: prevKv && before !== undefined ? [key, before] : undefined };
  }

  #delete({ key, rangeEnd, prevKv }: DeleteRangeRequest): TxnAnswer {
    const gone = rowsIn(this.state, key, rangeEnd);
    if (gone.length > 0) {
      const next = new Map(this.state);
      for (const [name] of gone) next.delete(name);
      this.state = next;
    }
    return { type: 'delete', deleted: gone.length, previous: prevKv ? gone : [] };
  }

  #range({ key, rangeEnd, revision, limit, countOnly }: RangeRequest): TxnAnswer {
    const there = rowsIn(revision > 0 ? this.#place.past(revision) : this.state, key, rangeEnd);
    const rows = countOnly ? [] : limit > 0 ? there.slice(0, limit) : there;
    return { type: 'range', rows, count: there.length, more: !countOnly && rows.length < there.length };
  }
}

/** What a store said, in the same words; undefined when it does not have the shape of an answer to the request. */
export function answerOf({ succeeded, responses }: TxnResponse): TxnResult['answer'] {
  return { type: 'txn', succeeded, answers: responses.map(answerOfOp) };
}

function answerOfOp({ response }: ResponseOp): TxnAnswer {
  switch (response?.case) {
    case 'responsePut': {
      const { prevKv } = response.responsePut;
      return { type: 'put', previous: prevKv && rowOf(prevKv) };
    }
    case 'responseDeleteRange': {
      const { deleted, prevKvs } = response.responseDeleteRange;
      return { type: 'delete', deleted, previous: prevKvs.map(rowOf) };
    }
    case 'responseRange': {
      const { kvs, count, more } = response.responseRange;
      return { type: 'range', rows: kvs.map(rowOf), count, more };
    }
    case 'responseTxn':
      return answerOf(response.responseTxn);
    case undefined:
      return { type: 'range', rows: [], count: 0, more: false };
  }
}

/** An encoded KeyValue as a row. */
export function rowOf(kv: Uint8Array): Row {
  const { key, value, createRevision, modRevision, version, lease } = decodeKeyValue(kv);
  return [key, { value: utf8Text(value), createRevision, modRevision, version, lease }];
}

function rowsIn(state: StoreState, key: string, rangeEnd: string): readonly Row[] {
  if (rangeEnd === '') {
    const one = state.get(key);
    return one === undefined ? [] : [[key, one]];
  }
  return [...state]
    .filter(([name]) => name >= key && (rangeEnd === '\0' || name < rangeEnd))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A key that is not there compares as zeros, and has no value to compare. */
function holds(state: StoreState, compare: Compare): boolean {
  const rows = rowsIn(state, compare.key, compare.rangeEnd);
  if (rows.length === 0)
    return compare.target !== CompareTarget.VALUE && satisfies(compare, orderOf(compare, undefined));
  return rows.every(([, row]) => satisfies(compare, orderOf(compare, row)));
}

/** Negative, zero or positive as the key's property is less, equal or greater. */
function orderOf({ target, targetUnion: wanted }: Compare, row: KeyState | undefined): number {
  switch (target) {
    case CompareTarget.VERSION:
      return (row?.version ?? 0) - (wanted?.case === 'version' ? wanted.version : 0);
    case CompareTarget.CREATE:
      return (row?.createRevision ?? 0) - (wanted?.case === 'createRevision' ? wanted.createRevision : 0);
    case CompareTarget.MOD:
      return (row?.modRevision ?? 0) - (wanted?.case === 'modRevision' ? wanted.modRevision : 0);
    case CompareTarget.LEASE:
      return Number((row?.lease ?? 0n) - (wanted?.case === 'lease' ? wanted.lease : 0n));
    default:
      return compareBytes(utf8Bytes(row?.value ?? ''), wanted?.case === 'value' ? wanted.value : utf8Bytes(''));
  }
}

function satisfies({ result }: Compare, order: number): boolean {
  if (result === CompareResult.EQUAL) return order === 0;
  if (result === CompareResult.NOT_EQUAL) return order !== 0;
  return result === CompareResult.GREATER ? order > 0 : order < 0;
}
