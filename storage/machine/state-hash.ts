import { crc32c } from '../../base/crc32c.ts';
import type { StateHashRow } from '../../proto/gen/command.ts';
import type { BackendOp, Keyspace } from '../backend/backend.ts';
import { writeUint64 } from '../mvcc/revision-key.ts';

/** Never change a number: the hashes of two versions side by side must be equal. */
const SPACE_NUMBER: Readonly<Record<Keyspace, number>> = {
  revision: 1,
  lease: 2,
  meta: 3,
  member: 4,
  alarm: 5,
  auth: 6,
};

const PUT = 1;
const DELETE = 2;
/** Operation 1 B, keyspace 1 B, size of the key 4 B, size of the value 4 B, index of the entry 8 B: no two changes look alike. */
const HEADER_BYTES = 18;

/** What members are told of the hash. */
export interface StateHashView {
  /** Over every change since the cluster agreed to keep it. */
  readonly value: number;
  /** Something was changed after the last mark. */
  readonly isChanged: boolean;
  /** Index of the last mark; 0 before the first. */
  readonly mark: number;
  /** This member's hash at the mark. */
  readonly own: number;
  /** What a majority of the voters had at the mark; undefined while there is none. */
  readonly decided: number | undefined;
  readonly votes: ReadonlyMap<bigint, number>;
}

/**
 * A rolling CRC-32C over every row that applied entries wrote or deleted, in their order: equal on all members that have applied the
 * same and were the same before. For given rows it is a bijection of what it was before, so a difference never goes away again.
 * Physical deletes of a compaction do not count: each member does them in its own time.
 */
export class StateHash implements StateHashView {
  value = 0;
  isChanged = false;
  mark = 0;
  own = 0;
  decided: number | undefined;
  votes = new Map<bigint, number>();
  readonly #header = new Uint8Array(HEADER_BYTES);

  /** Takes in what the entry at `index` has changed: the rows from `first` on. */
  add(index: number, rows: readonly BackendOp[], first: number): void {
    for (let i = first; i < rows.length; i++) this.#addRow(index, rows[i] as BackendOp);
    if (rows.length > first) this.isChanged = true;
  }

  /** Begins anew at an entry that all members have in common. */
  begin(): void {
    this.value = 0;
    this.isChanged = true;
  }

  /** Remembers the hash as it is at the entry at `index`. */
  setMark(index: number): void {
    this.mark = index;
    this.own = this.value;
    this.decided = undefined;
    this.votes = new Map();
    this.isChanged = false;
  }

  toRow(): StateHashRow {
    const { value, isChanged: changed, mark, own, decided } = this;
    const votes = [...this.votes].map(([memberID, hash]) => ({ memberID, mark, hash }));
    return { value, changed, mark, own, isDecided: decided !== undefined, decided: decided ?? 0, votes };
  }

  restore(row: StateHashRow): void {
    this.value = row.value;
    this.isChanged = row.changed;
    this.mark = row.mark;
    this.own = row.own;
    this.decided = row.isDecided ? row.decided : undefined;
    this.votes = new Map(row.votes.map(({ memberID, hash }) => [memberID, hash]));
  }

  #addRow(index: number, op: BackendOp): void {
    const header = this.#header;
    const value = op.op === 'put' ? op.value : undefined;
    header[0] = op.op === 'put' ? PUT : DELETE;
    header[1] = SPACE_NUMBER[op.space];
    writeUint32(header, 2, op.key.length);
    writeUint32(header, 6, value?.length ?? 0);
    writeUint64(header, 10, index);
    const hash = crc32c(op.key, crc32c(header, this.value));
    this.value = value === undefined ? hash : crc32c(value, hash);
  }
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) target[at + i] = value >>> (8 * i);
}
