import { byteString, utf8Text } from '../../base/bytes.ts';
import { decodeKeyValue, type Event } from '../../proto/gen/etcd.ts';
import type { LeaseLook, LeaseRecord } from '../checkers/leases.ts';
import type { GuardedWrite } from '../checkers/locks.ts';
import type { ReadRecord } from '../checkers/reads.ts';
import type { Change } from '../checkers/revision-log.ts';
import type { StateReport } from '../checkers/same-state.ts';
import type { TxnRecord } from '../checkers/transactions.ts';
import type { WatchEvent, WatchRecord, WatchTold } from '../checkers/watches.ts';
import type { KvInput, KvOutput } from '../models/kv.ts';
import { rowOf } from '../models/txn.ts';

/** A call of a client, as it goes on. Times are turns of the run: of two, the smaller one was first. */
export interface Call {
  readonly client: number;
  readonly member: string;
  readonly input: KvInput;
  /** Virtual time at which it began. */
  readonly startMs: number;
  readonly start: number;
  end: number;
  /** Undefined: nobody knows. */
  output: KvOutput | undefined;
  /** Of the answer's header. */
  revision: number;
  wrote: boolean;
}

/** A transaction with its place in the run. */
export interface TxnCall extends TxnRecord {
  readonly start: number;
  readonly end: number;
}

/** A lease under observation. */
export interface OpenLease extends LeaseRecord {
  readonly key: string;
  readonly renewedMs: number[];
  revokedMs: number | undefined;
  goneMs: number | undefined;
  wentUnseen?: boolean;
}

/** A watch under observation. */
export interface OpenWatch extends WatchRecord {
  readonly told: WatchTold[];
  compactedTo: number | undefined;
}

/** Everything that is checked at the end of a run. */
export class Records {
  readonly calls: Call[] = [];
  readonly reads: ReadRecord[] = [];
  readonly transactions: TxnCall[] = [];
  /** Values of transactions that were certainly refused. */
  readonly refused: { readonly client: number; readonly values: readonly string[] }[] = [];
  readonly watches: OpenWatch[] = [];
  readonly leases: OpenLease[] = [];
  readonly leaseLooks: LeaseLook[] = [];
  readonly guarded: GuardedWrite[] = [];
  readonly states: StateReport[] = [];
  /** Revisions to which somebody wanted to compact. */
  readonly compactions = new Set<number>();
}

/** The change that an event tells. */
export function changeOf(event: Event): Change {
  const kv = event.kv === undefined ? undefined : decodeKeyValue(event.kv);
  const previous = event.prevKv === undefined ? undefined : utf8Text(decodeKeyValue(event.prevKv).value);
  return {
    key: kv?.key ?? byteString(new Uint8Array(0)),
    value: event.type === 1 ? undefined : utf8Text(kv?.value ?? new Uint8Array(0)),
    previous,
    ...(kv !== undefined && kv.lease !== 0n && { lease: kv.lease }),
  };
}

/** An event with all that it says of the key. */
export function watchEventOf(event: Event): WatchEvent {
  const kv = event.kv === undefined || event.type === 1 ? undefined : rowOf(event.kv)[1];
  const previousKv = event.prevKv === undefined ? undefined : rowOf(event.prevKv)[1];
  return { revision: revisionOf(event), change: changeOf(event), kv, previousKv };
}

/** The revision an event belongs to. */
export function revisionOf(event: Event): number {
  return event.kv === undefined ? 0 : decodeKeyValue(event.kv).modRevision;
}
