import type { Prng } from '../../../base/prng.ts';
import {
  type Compare,
  CompareResult,
  KVService as KV,
  LeaseService as L,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  SortOrder,
  SortTarget,
  type TxnRequest,
} from '../../../proto/gen/etcd.ts';
import { TXN_ERRORS } from './differences.ts';
import { bytes, del, doDel, doGet, doPut, doTxn, get, put, txn, when } from './requests.ts';
import { type Ask, ask } from './step.ts';

/** Few keys, so that what is done to them meets. */
const KEYS = ['r/', 'r/a', 'r/a\0', 'r/b', 'r/b/1', 'r/c', 'r/\xff', 's'];
const ENDS = ['', '', '', 'r/b', 'r/c', 'r0', 's', '\0', 'a'];
const VALUES = ['', '1', '2', '\xff\0'];
const LEASES = [0n, 0n, 0n, 501n, 502n, 503n];
/** Nested at most this deep. */
const MAX_DEPTH = 3;

/** `count` requests by chance, from a store whose revision is `at`. */
export function randomSteps(prng: Prng, at: number, count: number): readonly Ask[] {
  const steps: Ask[] = [];
  // Where revisions are likely to be: about every second request makes one.
  for (let i = 0; i < count; i++) steps.push(new Chance(prng, at + i / 2).step(i));
  return steps;
}

class Chance {
  readonly #prng: Prng;
  readonly #near: number;

  constructor(prng: Prng, near: number) {
    this.#prng = prng;
    this.#near = near;
  }

  step(i: number): Ask {
    const name = (what: string): string => `${i}: ${what}`;
    switch (this.#below(16)) {
      case 0:
      case 1:
      case 2:
        return ask(name('range'), KV.Range, get(this.#key(), this.#range()));
      case 3:
      case 4:
      case 5:
      case 6:
        return ask(name('put'), KV.Put, put(this.#key(), this.#of(VALUES), this.#put()));
      case 7:
      case 8:
        return ask(name('delete'), KV.DeleteRange, del(this.#key(), this.#delete()));
      case 9:
        return ask(name('compact'), KV.Compact, { revision: this.#revision() - 10, physical: this.#chance(2) });
      case 10:
        return ask(name('grant'), L.LeaseGrant, { ID: this.#of(LEASES) || 501n, TTL: 500 });
      case 11:
        return this.#chance(2)
          ? ask(name('revoke'), L.LeaseRevoke, { ID: this.#of(LEASES) })
          : ask(name('time to live'), L.LeaseTimeToLive, { ID: this.#of(LEASES), keys: true });
      default:
        return ask(name('txn'), KV.Txn, this.#txn(1), { mayDiffer: TXN_ERRORS });
    }
  }

  #txn(depth: number): TxnRequest {
    const list = <T>(most: number, make: () => T): T[] => Array.from({ length: this.#below(most + 1) }, make);
    const op = (): RequestOp => this.#op(depth);
    return txn(
      list(2, () => this.#compare()),
      list(3, op),
      list(3, op),
    );
  }

  #op(depth: number): RequestOp {
    const kind = this.#below(depth < MAX_DEPTH ? 7 : 6);
    if (kind < 2) return doGet(this.#key(), this.#range());
    if (kind < 5) return doPut(this.#key(), this.#of(VALUES), this.#put());
    return kind === 5 ? doDel(this.#key(), this.#delete()) : doTxn(this.#txn(depth + 1));
  }

  #compare(): Compare {
    const results = [CompareResult.EQUAL, CompareResult.GREATER, CompareResult.LESS, CompareResult.NOT_EQUAL];
    const [key, result, rangeEnd] = [this.#key(), this.#of(results), this.#of(ENDS)];
    const number = this.#below(4);
    switch (this.#below(5)) {
      case 0:
        return when(key, result, { case: 'version', version: number }, { rangeEnd });
      case 1:
        return when(key, result, { case: 'createRevision', createRevision: number && this.#revision() }, { rangeEnd });
      case 2:
        return when(key, result, { case: 'modRevision', modRevision: number && this.#revision() }, { rangeEnd });
      case 3:
        return when(key, result, { case: 'value', value: bytes(this.#of(VALUES)) }, { rangeEnd });
      default:
        return when(key, result, { case: 'lease', lease: this.#of(LEASES) }, { rangeEnd });
    }
  }

  #range(): Partial<RangeRequest> {
    return {
      rangeEnd: this.#of(ENDS),
      limit: this.#chance(3) ? this.#below(4) : 0,
      revision: this.#chance(3) ? this.#revision() : 0,
      sortOrder: this.#chance(3) ? this.#of([SortOrder.ASCEND, SortOrder.DESCEND]) : SortOrder.NONE,
      sortTarget: this.#chance(3) ? this.#below(SortTarget.VALUE + 1) : SortTarget.KEY,
      serializable: this.#chance(4),
      keysOnly: this.#chance(5),
      countOnly: this.#chance(8),
      minModRevision: this.#chance(8) ? this.#revision() : 0,
      maxModRevision: this.#chance(8) ? this.#revision() : 0,
      minCreateRevision: this.#chance(8) ? this.#revision() : 0,
      maxCreateRevision: this.#chance(8) ? this.#revision() : 0,
    };
  }

  #put(): Partial<PutRequest> {
    return {
      lease: this.#chance(3) ? this.#of(LEASES) : 0n,
      prevKv: this.#chance(3),
      ...(this.#chance(6) && { ignoreValue: true, ...(this.#chance(4) ? {} : { value: bytes('') }) }),
      ...(this.#chance(6) && { ignoreLease: true, ...(this.#chance(4) ? {} : { lease: 0n }) }),
    };
  }

  #delete(): { readonly rangeEnd: string; readonly prevKv: boolean } {
    return { rangeEnd: this.#chance(3) ? this.#of(ENDS) : '', prevKv: this.#chance(2) };
  }

  #key(): string {
    return this.#chance(60) ? '' : this.#of(KEYS);
  }

  /** Mostly one that exists, now and then one of the future or of before the compaction. */
  #revision(): number {
    return Math.max(1, Math.floor(this.#near) - this.#below(25) + 4);
  }

  #chance(oneIn: number): boolean {
    return this.#below(oneIn) === 0;
  }

  #below(bound: number): number {
    return this.#prng.between(0, bound - 1);
  }

  #of<T>(items: readonly T[]): T {
    return this.#prng.pick(items);
  }
}
