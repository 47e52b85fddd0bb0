import { byteString } from '../../../base/bytes.ts';
import type { StoreErrorCode } from '../../../base/store-error.ts';
import type { CommandBody } from '../../../proto/command.ts';
import {
  type Compare,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  decodeKeyValue,
  type PutRequest,
  type RangeRequest,
  type RangeResponse,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from '../../../proto/gen/etcd.ts';
import type { Applied } from '../../../storage/machine/machine.ts';

/**
 * The reference: the same semantics in the most naive way. Every version ever written is kept in a list, and the state at
 * a revision is found by reading the list from the start.
 */

export interface Kv {
  readonly key: string;
  readonly create: number;
  readonly mod: number;
  readonly version: number;
  readonly value: string;
  readonly lease: bigint;
}

interface Version {
  readonly main: number;
  readonly key: string;
  readonly kv: Kv | undefined;
}

/** An answer as plain data; `error` alone when there was one. */
export type Plain = Readonly<Record<string, unknown>>;

export class Model {
  revision = 1;
  compactRevision = 0;
  readonly versions: Version[] = [];
  readonly leases = new Map<bigint, number>();
  #changes = 0;

  apply(body: CommandBody): Plain {
    const answer = this.#apply(body);
    if (this.#changes > 0) this.revision++;
    this.#changes = 0;
    return answer;
  }

  stateAt(revision: number): Map<string, Kv> {
    const state = new Map<string, Kv>();
    for (const { main, key, kv } of this.versions) {
      if (main > revision) break;
      if (kv === undefined) state.delete(key);
      else state.set(key, kv);
    }
    return new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  range(request: RangeRequest): Plain {
    const now = this.#now;
    if (request.revision > now) return failed('FUTURE_REVISION');
    if (request.revision > 0 && request.revision < this.compactRevision) return failed('COMPACTED');
    const state = this.stateAt(request.revision <= 0 ? now : request.revision);
    let kvs = [...state.values()].filter((kv) => inRange(kv.key, request.key, request.rangeEnd));
    const count = kvs.length;
    if (request.countOnly) return { kvs: [], more: false, count, revision: now };
    if (request.maxModRevision !== 0) kvs = kvs.filter((kv) => kv.mod <= request.maxModRevision);
    if (request.minModRevision !== 0) kvs = kvs.filter((kv) => kv.mod >= request.minModRevision);
    if (request.maxCreateRevision !== 0) kvs = kvs.filter((kv) => kv.create <= request.maxCreateRevision);
    if (request.minCreateRevision !== 0) kvs = kvs.filter((kv) => kv.create >= request.minCreateRevision);
    const property = (['key', 'version', 'create', 'mod', 'value'] as const)[request.sortTarget] ?? 'key';
    const sign = request.sortOrder === 2 ? -1 : 1;
    // etcd reads one key more than the limit before it sorts, unless an order or a filter is asked for.
    const filtered =
      request.maxModRevision + request.minModRevision + request.maxCreateRevision + request.minCreateRevision;
    if (request.sortOrder === 0 && filtered === 0 && request.limit > 0) kvs = kvs.slice(0, request.limit + 1);
    kvs.sort((a, b) => sign * (a[property] < b[property] ? -1 : a[property] > b[property] ? 1 : 0));
    const more = request.limit > 0 && kvs.length > request.limit;
    if (more) kvs = kvs.slice(0, request.limit);
    if (request.keysOnly) kvs = kvs.map((kv) => ({ ...kv, value: '' }));
    return { kvs, more, count, revision: now };
  }

  get #now(): number {
    return this.#changes > 0 ? this.revision + 1 : this.revision;
  }

  #apply(body: CommandBody): Plain {
    switch (body.case) {
      case 'put':
        return this.#leaseError(body.put) ?? this.#putError(body.put) ?? this.#put(body.put);
      case 'deleteRange':
        return this.#delete(body.deleteRange);
      case 'txn': {
        const decided = this.#decide(body.txn);
        return this.#txnError(decided, []) ?? this.#txn(decided, true);
      }
      case 'compaction':
        return this.#compact(body.compaction.revision);
      case 'leaseGrant':
        if (this.leases.has(body.leaseGrant.ID)) return failed('LEASE_EXISTS');
        this.leases.set(body.leaseGrant.ID, body.leaseGrant.TTL);
        return { revision: this.revision };
      case 'leaseRevoke':
        return this.#revoke(body.leaseRevoke.ID);
      default:
        throw new Error(`the model does not know ${body.case}`);
    }
  }

  #compact(revision: number): Plain {
    if (revision < 0 || (this.compactRevision > 0 && revision <= this.compactRevision)) return failed('COMPACTED');
    if (revision > this.revision) return failed('FUTURE_REVISION');
    this.compactRevision = revision;
    return { revision: this.revision };
  }

  #revoke(id: bigint): Plain {
    if (!this.leases.delete(id)) return failed('LEASE_NOT_FOUND');
    for (const kv of this.stateAt(this.revision).values()) if (kv.lease === id) this.#write(kv.key, undefined);
    return { revision: this.#now };
  }

  #write(key: string, kv: Kv | undefined): void {
    this.versions.push({ main: this.revision + 1, key, kv });
    this.#changes++;
  }

  #putError(put: PutRequest): Plain | undefined {
    if ((put.ignoreValue || put.ignoreLease) && !this.stateAt(this.#now).has(put.key)) return failed('KEY_NOT_FOUND');
    return this.#leaseError(put);
  }

  #leaseError({ lease }: PutRequest): Plain | undefined {
    return lease !== 0n && !this.leases.has(lease) ? failed('LEASE_NOT_FOUND') : undefined;
  }

  #put(put: PutRequest): Plain {
    const previous = this.stateAt(this.#now).get(put.key);
    this.#write(put.key, {
      key: put.key,
      create: previous?.create ?? this.revision + 1,
      mod: this.revision + 1,
      version: (previous?.version ?? 0) + 1,
      value: put.ignoreValue ? (previous?.value ?? '') : byteString(put.value),
      lease: put.ignoreLease ? (previous?.lease ?? 0n) : put.lease,
    });
    return { prev: put.prevKv ? previous : undefined, revision: this.#now };
  }

  #delete({ key, rangeEnd, prevKv }: DeleteRangeRequest): Plain {
    const gone = [...this.stateAt(this.#now).values()].filter((kv) => inRange(kv.key, key, rangeEnd));
    for (const kv of gone) this.#write(kv.key, undefined);
    return { deleted: gone.length, prevs: prevKv ? gone : [], revision: this.#now };
  }

  #decide(request: TxnRequest): Decided {
    const state = this.stateAt(this.revision);
    const succeeded = request.compare.every((one) => holds(state, one));
    const ops = (succeeded ? request.success : request.failure).map(({ request: op }): DecidedOp => {
      if (op === undefined) throw new Error('the model has no empty operations');
      return op.case === 'requestTxn' ? { case: 'decided', decided: this.#decide(op.requestTxn) } : op;
    });
    return { succeeded, ops };
  }

  /** The order of etcd's checkTxn: the first operation that is wrong. `deletes`: what was deleted before it. */
  #txnError({ ops }: Decided, deletes: DeleteRangeRequest[]): Plain | undefined {
    for (const op of ops) {
      const error = this.#opError(op, deletes);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  #opError(op: DecidedOp, deletes: DeleteRangeRequest[]): Plain | undefined {
    if (op.case === 'decided') return this.#txnError(op.decided, deletes);
    if (op.case === 'requestDeleteRange') deletes.push(op.requestDeleteRange);
    if (op.case === 'requestPut') {
      const { key, ignoreValue, ignoreLease } = op.requestPut;
      const gone = deletes.some((range) => inRange(key, range.key, range.rangeEnd));
      return gone && (ignoreValue || ignoreLease) ? failed('KEY_NOT_FOUND') : this.#putError(op.requestPut);
    }
    if (op.case !== 'requestRange') return undefined;
    const { revision } = op.requestRange;
    if (revision > this.revision) return failed('FUTURE_REVISION');
    return revision !== 0 && revision < this.compactRevision ? failed('COMPACTED') : undefined;
  }

  #txn({ succeeded, ops }: Decided, outermost: boolean): Plain {
    const responses = ops.map((op): Plain => {
      if (op.case === 'decided') return this.#txn(op.decided, false);
      if (op.case === 'requestPut') return this.#put(op.requestPut);
      if (op.case === 'requestDeleteRange') return this.#delete(op.requestDeleteRange);
      return this.range(op.requestRange);
    });
    return { succeeded, responses, revision: outermost ? this.#now : 0 };
  }
}

type DecidedOp =
  | { readonly case: 'requestPut'; readonly requestPut: PutRequest }
  | { readonly case: 'requestRange'; readonly requestRange: RangeRequest }
  | { readonly case: 'requestDeleteRange'; readonly requestDeleteRange: DeleteRangeRequest }
  | { readonly case: 'decided'; readonly decided: Decided };

interface Decided {
  readonly succeeded: boolean;
  readonly ops: readonly DecidedOp[];
}

/** The machine's outcome in the same plain form. */
export function plainOutcome({ outcome, revision }: Pick<Applied, 'outcome' | 'revision'>): Plain {
  switch (outcome.type) {
    case 'put':
      return plainPut(outcome.prevKv, revision);
    case 'deleteRange':
      return plainDelete(outcome.response);
    case 'txn':
      return plainTxn(outcome.response);
    case 'compact':
    case 'leaseGrant':
    case 'leaseRevoke':
      return { revision: outcome.response.header?.revision };
    case 'member':
    case 'alarm':
    case 'auth':
    case 'none':
      return { type: outcome.type };
    case 'error':
      return failed(outcome.error.code);
  }
}

function plainPut(prevKv: Uint8Array | undefined, revision: number | undefined): Plain {
  return { prev: prevKv === undefined ? undefined : plainKv(prevKv), revision };
}

function plainDelete({ deleted, prevKvs, header }: DeleteRangeResponse): Plain {
  return { deleted, prevs: prevKvs.map(plainKv), revision: header?.revision };
}

export function plainTxn({ succeeded, responses, header }: TxnResponse): Plain {
  return { succeeded, responses: responses.map(plainResponse), revision: header?.revision };
}

function plainResponse({ response }: ResponseOp): Plain {
  switch (response?.case) {
    case 'responsePut':
      return plainPut(response.responsePut.prevKv, response.responsePut.header?.revision);
    case 'responseDeleteRange':
      return plainDelete(response.responseDeleteRange);
    case 'responseTxn':
      return plainTxn(response.responseTxn);
    case 'responseRange':
      return plainRange(response.responseRange);
    case undefined:
      return {};
  }
}

export function plainRange({ kvs, more, count, header }: RangeResponse): Plain {
  return { kvs: kvs.map(plainKv), more, count, revision: header?.revision };
}

export function plainKv(bytes: Uint8Array): Kv {
  const { key, createRevision, modRevision, version, value, lease } = decodeKeyValue(bytes);
  return { key, create: createRevision, mod: modRevision, version, value: byteString(value), lease };
}

export function failed(error: StoreErrorCode): Plain {
  return { error };
}

export function inRange(key: string, from: string, rangeEnd: string): boolean {
  if (rangeEnd === '') return key === from;
  return key >= from && (rangeEnd === '\0' || key < rangeEnd);
}

function holds(state: ReadonlyMap<string, Kv>, one: Compare): boolean {
  const found = [...state.values()].filter((kv) => inRange(kv.key, one.key, one.rangeEnd));
  if (found.length > 0) return found.every((kv) => holdsFor(kv, one));
  if (one.target === 3) return false;
  return holdsFor({ key: one.key, create: 0, mod: 0, version: 0, value: '', lease: 0n }, one);
}

function holdsFor(kv: Kv, { target, result, targetUnion }: Compare): boolean {
  const actual = [kv.version, kv.create, kv.mod, kv.value, kv.lease][target];
  const wanted = [
    targetUnion?.case === 'version' ? targetUnion.version : 0,
    targetUnion?.case === 'createRevision' ? targetUnion.createRevision : 0,
    targetUnion?.case === 'modRevision' ? targetUnion.modRevision : 0,
    targetUnion?.case === 'value' ? byteString(targetUnion.value) : '',
    targetUnion?.case === 'lease' ? targetUnion.lease : 0n,
  ][target];
  if (actual === undefined || wanted === undefined) throw new Error('the model knows five targets');
  return [actual === wanted, actual > wanted, actual < wanted, actual !== wanted][result] ?? true;
}
