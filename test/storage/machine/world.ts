import type { Index, Term } from '../../../base/brand.ts';
import { byteString, bytesOf } from '../../../base/bytes.ts';
import { OrderedMap } from '../../../base/ordered-map.ts';
import { type CommandBody, sealCommand } from '../../../proto/command.ts';
import {
  type Compare,
  type DeleteRangeRequest,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type TxnResponse,
} from '../../../proto/gen/etcd.ts';
import type { Entry } from '../../../raft/types.ts';
import type { BackendOp, Keyspace } from '../../../storage/backend/backend.ts';
import { createMachine, type MachineOptions } from '../../../storage/machine/create.ts';
import {
  type Applied,
  type CheckpointBlock,
  type Machine,
  type RangePlan,
  RESTORE_ORDER,
  type RevisionPair,
  type StoredBlock,
} from '../../../storage/machine/machine.ts';
import { beginRestore } from '../../../storage/machine/restore.ts';
import { encodeRevisionKey } from '../../../storage/mvcc/revision-key.ts';

/** A machine, and a backend in memory that has what the machine has written. */
export class World {
  machine: Machine;
  /** Row keys and values as byte strings, so that whole backends can be compared. */
  readonly rows = new Map<Keyspace, OrderedMap<string>>();
  #nextId = 0n;

  constructor(options: MachineOptions = {}) {
    this.machine = createMachine(options);
  }

  /** Applies one command as the next entry, its values fetched, its writes written. */
  apply(body: CommandBody): Applied {
    return this.applyEntry({ type: 'normal', data: sealCommand(++this.#nextId, body) });
  }

  applyEntry({ type, data }: Pick<Entry, 'type' | 'data'>): Applied {
    const entry: Entry = { index: (this.machine.applied + 1) as Index, term: 1 as Term, type, data };
    const values = this.fetch(this.machine.needs(entry));
    const applied = this.machine.apply(entry, values);
    this.write(this.machine.takeWrites());
    return applied;
  }

  write(ops: readonly BackendOp[]): void {
    for (const op of ops) {
      const space = this.space(op.space);
      if (op.op === 'put') space.set(byteString(op.key), byteString(op.value));
      else space.delete(byteString(op.key));
    }
  }

  space(name: Keyspace): OrderedMap<string> {
    let space = this.rows.get(name);
    if (space === undefined) this.rows.set(name, (space = new OrderedMap()));
    return space;
  }

  fetch(revisions: readonly RevisionPair[]): Uint8Array[] {
    return revisions.map(({ main, sub }) => {
      const value = this.space('revision').get(byteString(encodeRevisionKey(main, sub, false)));
      if (value === undefined) throw new Error(`revision ${main}.${sub} is not in the backend`);
      return bytesOf(value);
    });
  }

  range(request: RangeRequest): Exclude<RangePlan, { type: 'fetch' }> {
    const plan = this.machine.range(request);
    return plan.type === 'fetch' ? plan.finish(this.fetch(plan.revisions)) : plan;
  }

  readTxn(request: TxnRequest): TxnResponse {
    const plan = this.machine.readTxn(request);
    if (plan.type === 'error') throw plan.error;
    return plan.type === 'fetch' ? plan.finish(this.fetch(plan.revisions)).response : plan.response;
  }

  /** Runs all compaction that is owed. */
  compactFully(maxKeys = 3): void {
    for (let ops = this.machine.compactionStep(maxKeys); ops; ops = this.machine.compactionStep(maxKeys))
      this.write(ops);
  }

  hashKv(revision = 0): { readonly hash: number; readonly compactRevision: number; readonly revision: number } {
    const hash = this.machine.hashKv(revision);
    if ('error' in hash) throw hash.error;
    for (const [key, value] of entries(this.space('revision'))) hash.row(bytesOf(key), bytesOf(value));
    return { hash: hash.finish() ?? -1, compactRevision: hash.compactRevision, revision: hash.revision };
  }

  /** The machine that the rows alone make. */
  restored(): Machine {
    const restore = beginRestore();
    for (const name of RESTORE_ORDER) {
      for (const [key, value] of entries(this.space(name))) restore.row(name, bytesOf(key), bytesOf(value));
    }
    return restore.finish();
  }

  restart(): void {
    this.machine = this.restored();
  }

  /** The machine that a checkpoint and the other rows make; undefined while a compaction is not done. */
  restoredFromCheckpoint(): Machine | undefined {
    const checkpoint = this.machine.checkpoint();
    if (checkpoint === undefined) return undefined;
    const restore = beginRestore();
    for (const name of RESTORE_ORDER) {
      if (name === 'revision') continue;
      for (const [key, value] of entries(this.space(name))) restore.row(name, bytesOf(key), bytesOf(value));
    }
    if (!restore.beginBlocks(checkpoint)) throw new Error('the checkpoint is of another state than the rows');
    for (const block of checkpoint.blocks) restore.block(stored(block));
    return restore.finish();
  }

  /** Every row, for comparing two backends. */
  dump(): string[] {
    const names: readonly Keyspace[] = RESTORE_ORDER;
    return names.flatMap((name) =>
      entries(this.space(name)).map(([key, value]) => `${name} ${hex(key)} ${hex(value)}`),
    );
  }
}

/** A block as it is found again. */
export function stored({ head, values }: CheckpointBlock): StoredBlock {
  return { head: Uint8Array.from(head), values: { sizeBytes: values.length, bytes: values, drop: () => undefined } };
}

export function entries(map: OrderedMap<string>): [string, string][] {
  const all: [string, string][] = [];
  for (const cursor = map.cursor(''); cursor.valid; cursor.next()) all.push([cursor.key, cursor.value]);
  return all;
}

function hex(bytes: string): string {
  return [...bytes].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

export function put(key: string, value: string, options: Partial<PutRequest> = {}): PutRequest {
  return { ...EMPTY_PUT_REQUEST, key, value: bytesOf(value), ...options };
}

export function range(key: string, rangeEnd = '', options: Partial<RangeRequest> = {}): RangeRequest {
  return { ...EMPTY_RANGE_REQUEST, key, rangeEnd, ...options };
}

export function deleteRange(key: string, rangeEnd = '', options: Partial<DeleteRangeRequest> = {}): DeleteRangeRequest {
  return { ...EMPTY_DELETE_RANGE_REQUEST, key, rangeEnd, ...options };
}

export function compare(
  key: string,
  target: number,
  result: number,
  operand: Compare['targetUnion'],
  rangeEnd = '',
): Compare {
  return { ...EMPTY_COMPARE, key, rangeEnd, target, result, targetUnion: operand };
}

export function txn(
  compares: readonly Compare[],
  success: readonly RequestOp[],
  failure: readonly RequestOp[] = [],
): TxnRequest {
  return { compare: compares, success, failure };
}

export const op = {
  put: (request: PutRequest): RequestOp => ({ request: { case: 'requestPut', requestPut: request } }),
  range: (request: RangeRequest): RequestOp => ({ request: { case: 'requestRange', requestRange: request } }),
  delete: (request: DeleteRangeRequest): RequestOp => ({
    request: { case: 'requestDeleteRange', requestDeleteRange: request },
  }),
  txn: (request: TxnRequest): RequestOp => ({ request: { case: 'requestTxn', requestTxn: request } }),
} as const;
