import { StoreError } from '../../../base/store-error.ts';
import type { KvClient, WatchStream } from '../../../client/kv-client.ts';
import {
  type Event,
  encodeKeyValue,
  type KeyValue,
  type RangeRequest,
  type RangeResponse,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
  type WatchCreateRequest,
  type WatchResponse,
} from '../../../proto/gen/etcd.ts';

interface Change {
  readonly revision: number;
  readonly key: string;
  readonly before: KeyValue | undefined;
  readonly after: KeyValue | undefined;
}

/** A store in memory with the parts of etcd's semantics that an API server uses: single-key transactions, revisions, history, compaction. */
export class MemoryKv implements KvClient {
  #revision = 1;
  #compacted = 0;
  #lease = 0n;
  readonly #live = new Map<string, KeyValue>();
  readonly #history: Change[] = [];
  readonly #streams = new Set<MemoryWatch>();
  /** While true every call fails. */
  down = false;
  /** Number of Range calls so far. */
  ranges = 0;

  get revision(): number {
    return this.#revision;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    this.#check();
    this.ranges++;
    return this.#rangeNow(request);
  }

  rangeStream(): never {
    throw new StoreError('UNIMPLEMENTED', 'unknown method RangeStream');
  }

  async txn({ compare, success, failure }: TxnRequest): Promise<TxnResponse> {
    this.#check();
    const holds = compare.every((c) => {
      const wanted = c.targetUnion?.case === 'modRevision' ? c.targetUnion.modRevision : 0;
      return (this.#live.get(c.key)?.modRevision ?? 0) === wanted;
    });
    const responses: ResponseOp[] = [];
    for (const { request } of holds ? success : failure) {
      if (request?.case === 'requestPut') {
        const { key, value, lease } = request.requestPut;
        this.put1(key, value, lease);
        responses.push({ response: { case: 'responsePut', responsePut: { header: undefined, prevKv: undefined } } });
      } else if (request?.case === 'requestDeleteRange') {
        this.delete1(request.requestDeleteRange.key);
        const responseDeleteRange = { header: undefined, deleted: 1, prevKvs: [] };
        responses.push({ response: { case: 'responseDeleteRange', responseDeleteRange } });
      } else if (request?.case === 'requestRange') {
        responses.push({ response: { case: 'responseRange', responseRange: this.#rangeNow(request.requestRange) } });
      }
    }
    return { header: this.#header(), succeeded: holds, responses };
  }

  /** Writes one key at once. */
  put1(key: string, value: Uint8Array, lease = 0n): number {
    const before = this.#live.get(key);
    const revision = ++this.#revision;
    const after: KeyValue = {
      key,
      value: Uint8Array.from(value),
      lease,
      modRevision: revision,
      createRevision: before?.createRevision ?? revision,
      version: (before?.version ?? 0) + 1,
    };
    this.#live.set(key, after);
    this.#record({ revision, key, before, after });
    return revision;
  }

  delete1(key: string): void {
    const before = this.#live.get(key);
    if (before === undefined) return;
    this.#live.delete(key);
    this.#record({ revision: ++this.#revision, key, before, after: undefined });
  }

  value(key: string): string | undefined {
    const kv = this.#live.get(key);
    return kv === undefined ? undefined : Buffer.from(kv.value).toString('utf8');
  }

  async compact({ revision }: { readonly revision: number }): Promise<{ header: ReturnType<MemoryKv['header']> }> {
    this.#compacted = revision;
    return { header: this.header() };
  }

  /** Ends all watches; with an error, as a member that goes away does. */
  breakWatches(error?: StoreError): void {
    for (const stream of [...this.#streams]) stream.close(error);
  }

  /** Those that watch now hear nothing any more, as of a member that is stopped: the connection stays. */
  stallWatches(): void {
    for (const stream of this.#streams) stream.stall();
  }

  watch(): WatchStream {
    const stream = new MemoryWatch(this, () => this.#streams.delete(stream));
    if (this.down) stream.close();
    else this.#streams.add(stream);
    return stream;
  }

  /** Changes of a prefix from a revision on; undefined when they are compacted. */
  changes(request: WatchCreateRequest): readonly Change[] | undefined {
    if (request.startRevision > 0 && request.startRevision <= this.#compacted) return undefined;
    return this.#history.filter(
      (c) => c.revision >= request.startRevision && inRange(c.key, request.key, request.rangeEnd),
    );
  }

  get compacted(): number {
    return this.#compacted;
  }

  async leaseGrant(request: { readonly TTL: number }) {
    this.#check();
    return { header: this.header(), ID: ++this.#lease, TTL: request.TTL, error: '' };
  }

  put = unimplemented;
  deleteRange = unimplemented;
  leaseRevoke = unimplemented;
  leaseKeepAlive = unimplemented;
  leaseTimeToLive = unimplemented;
  leaseLeases = unimplemented;
  memberList = unimplemented;
  status = unimplemented;
  memberAdd = unimplemented;
  memberRemove = unimplemented;
  memberUpdate = unimplemented;
  memberPromote = unimplemented;
  moveLeader = unimplemented;
  alarm = unimplemented;
  defragment = unimplemented;
  downgrade = unimplemented;
  hashKv = unimplemented;
  hash = unimplemented;
  snapshot(): never {
    throw new StoreError('UNIMPLEMENTED');
  }

  async close(): Promise<void> {
    this.breakWatches();
  }

  header() {
    return { clusterId: 1n, memberId: 1n, revision: this.#revision, raftTerm: 1 };
  }

  #header() {
    return this.header();
  }

  #check(): void {
    if (this.down) throw new StoreError('TIMEOUT', 'etcdserver: request timed out');
  }

  #record(change: Change): void {
    this.#history.push(change);
    for (const stream of this.#streams) stream.tell(change);
  }

  #rangeNow(request: RangeRequest): RangeResponse {
    if (request.revision > this.#revision) throw new StoreError('FUTURE_REVISION');
    if (request.revision > 0 && request.revision < this.#compacted) throw new StoreError('COMPACTED');
    const state = request.revision > 0 ? this.#stateAt(request.revision) : this.#live;
    const found = [...state.values()]
      .filter(({ key }) => inRange(key, request.key, request.rangeEnd))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = request.limit > 0 ? found.slice(0, request.limit) : found;
    return {
      header: this.header(),
      kvs: request.countOnly ? [] : page.map(encodeKeyValue),
      more: page.length < found.length,
      count: found.length,
    };
  }

  #stateAt(revision: number): Map<string, KeyValue> {
    const state = new Map<string, KeyValue>();
    for (const change of this.#history) {
      if (change.revision > revision) break;
      if (change.after === undefined) state.delete(change.key);
      else state.set(change.key, change.after);
    }
    return state;
  }
}

const unimplemented = async (): Promise<never> => {
  throw new StoreError('UNIMPLEMENTED');
};

function inRange(key: string, from: string, end: string): boolean {
  if (end === '') return key === from;
  return key >= from && (end === '\0' || key < end);
}

class MemoryWatch implements WatchStream {
  readonly #kv: MemoryKv;
  readonly #onClose: () => void;
  #request: WatchCreateRequest | undefined;
  #ready: WatchResponse[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: StoreError | undefined;
  #isStalled = false;

  constructor(kv: MemoryKv, onClose: () => void) {
    this.#kv = kv;
    this.#onClose = onClose;
  }

  create(request: WatchCreateRequest): void {
    this.#request = request;
    this.#push({ created: true });
    const missed = this.#kv.changes(request);
    if (missed === undefined) this.#push({ canceled: true, compactRevision: this.#kv.compacted });
    else if (request.startRevision > 0) for (const change of missed) this.tell(change);
  }

  tell(change: Change): void {
    const request = this.#request;
    if (request === undefined || !inRange(change.key, request.key, request.rangeEnd)) return;
    const prevKv = request.prevKv && change.before !== undefined ? encodeKeyValue(change.before) : undefined;
    const gone = {
      key: change.key,
      value: new Uint8Array(0),
      lease: 0n,
      createRevision: 0,
      version: 0,
      modRevision: change.revision,
    };
    const event: Event = { type: change.after === undefined ? 1 : 0, kv: encodeKeyValue(change.after ?? gone), prevKv };
    this.#push({ events: [event] });
  }

  cancel(): void {
    this.#push({ canceled: true });
  }

  requestProgress(): void {
    this.#push({ watchId: -1 });
  }

  async next(): Promise<readonly WatchResponse[] | undefined> {
    if (this.#ready.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#ready.length === 0 && this.#error !== undefined) throw this.#error;
    if (this.#ready.length === 0) return undefined;
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  close(error?: StoreError): void {
    this.#ended = true;
    this.#error = error;
    this.#onClose();
    this.#wake?.();
  }

  stall(): void {
    this.#isStalled = true;
  }

  #push(response: Partial<WatchResponse>): void {
    if (this.#isStalled) return;
    this.#ready.push({
      header: this.#kv.header(),
      watchId: 0,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: '',
      fragment: false,
      events: [],
      ...response,
    });
    this.#wake?.();
    this.#wake = undefined;
  }
}
