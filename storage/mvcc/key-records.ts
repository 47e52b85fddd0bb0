import type { Brand } from '../../base/brand.ts';
import { byteStringAt } from '../../base/bytes.ts';
import { Arena, type ArenaNumbers, type Block } from './arena.ts';
import type { Image, Imaged } from './image.ts';
import { NO_REVISIONS, type RevisionList } from './revision-lists.ts';
import type { Places } from './slabs.ts';

/** A key that is known to the store. When it is forgotten, its id may be given to another. */
export type KeyId = Brand<number, 'KeyId'>;
export const NO_KEY = 0 as KeyId;

/** A record fills a line of the processor's cache. Its three numbers of 64 bits come first. */
const RECORD_BYTES = 64;
const CREATE_REVISION = 0;
const MOD_REVISION = 1;
const VERSION = 2;
/** The numbers of 32 bits. */
const MOD_SUB = 6;
const SLAB = 7;
const OFFSET = 8;
const LENGTH = 9;
const OLDER = 10;
const NAME = 11;
const NAME_LENGTH = 12;
const HASH = 13;
const LEASE_LOW = 14;
const LEASE_HIGH = 15;

const NAME_UNIT_BYTES = 8;
const WORD_BITS = 32n;

/** Records but for their memory. */
export interface RecordNumbers {
  readonly records: ArenaNumbers;
  readonly names: ArenaNumbers;
  /** How many of the pieces are the names'. */
  readonly namePieces: number;
}

/**
 * What is known of each key, 64 bytes each beside its name. A key that exists has its newest value in the slabs and the numbers of its newest
 * revision here; of what it was before only the revisions are known. A key that does not exist has only these.
 * Invariant of a key that exists: createRevision <= modRevision, version >= 1, and everything in `older` precedes (modRevision, modSub).
 */
export class KeyRecords implements Places, Imaged<RecordNumbers> {
  readonly #records = new Arena(RECORD_BYTES);
  readonly #names = new Arena(NAME_UNIT_BYTES);

  /** A record of which only the name is known: the key does not exist. */
  create(name: string): KeyId {
    const id = this.#make(name.length, hashOf(name));
    const block = this.#word(id, NAME);
    const bytes = this.#names.bytes(block);
    const start = this.#names.wordAt(block) * 4;
    for (let i = 0; i < name.length; i++) bytes[start + i] = name.charCodeAt(i);
    return id;
  }

  /** Nobody asks for the key any more, but perhaps whether it had revisions: it has none. */
  drop(id: KeyId): void {
    this.#names.give(this.#word(id, NAME), unitsOf(this.#word(id, NAME_LENGTH)));
    this.#setWord(id, OLDER, NO_REVISIONS);
    this.#records.give(id, 1);
  }

  /** Every id is below it. */
  get limit(): number {
    return this.#records.limit;
  }

  name(id: KeyId): string {
    const block = this.#word(id, NAME);
    const start = this.#names.wordAt(block) * 4;
    return byteStringAt(this.#names.bytes(block), start, start + this.#word(id, NAME_LENGTH));
  }

  hash(id: KeyId): number {
    return this.#word(id, HASH);
  }

  is(id: KeyId, name: string): boolean {
    return this.#word(id, NAME_LENGTH) === name.length && this.compare(name, id) === 0;
  }

  /** Negative, zero or positive as `name` sorts before, with or after the key's. */
  compare(name: string, id: KeyId): number {
    const words = this.#records.words(id);
    const at = this.#records.wordAt(id);
    const block = words[at + NAME] as Block;
    const length = words[at + NAME_LENGTH] as number;
    const bytes = this.#names.bytes(block);
    const start = this.#names.wordAt(block) * 4;
    const shared = Math.min(length, name.length);
    for (let i = 0; i < shared; i++) {
      const difference = name.charCodeAt(i) - (bytes[start + i] as number);
      if (difference !== 0) return difference;
    }
    return name.length - length;
  }

  /** As `compare`, of two keys. */
  compareKeys(left: KeyId, right: KeyId): number {
    const [leftBlock, rightBlock] = [this.#word(left, NAME), this.#word(right, NAME)];
    const [leftBytes, rightBytes] = [this.#names.bytes(leftBlock), this.#names.bytes(rightBlock)];
    const [leftStart, rightStart] = [this.#names.wordAt(leftBlock) * 4, this.#names.wordAt(rightBlock) * 4];
    const [leftLength, rightLength] = [this.#word(left, NAME_LENGTH), this.#word(right, NAME_LENGTH)];
    const shared = Math.min(leftLength, rightLength);
    for (let i = 0; i < shared; i++) {
      const difference = (leftBytes[leftStart + i] as number) - (rightBytes[rightStart + i] as number);
      if (difference !== 0) return difference;
    }
    return leftLength - rightLength;
  }

  exists(id: KeyId): boolean {
    return this.#word(id, SLAB) !== 0;
  }

  createRevision(id: KeyId): number {
    return this.#float(id, CREATE_REVISION);
  }

  modRevision(id: KeyId): number {
    return this.#float(id, MOD_REVISION);
  }

  modSub(id: KeyId): number {
    return this.#word(id, MOD_SUB);
  }

  version(id: KeyId): number {
    return this.#float(id, VERSION);
  }

  /** The key's newest revision is (`main`, `sub`). */
  isAt(id: KeyId, main: number, sub: number): boolean {
    return this.exists(id) && this.modRevision(id) === main && this.modSub(id) === sub;
  }

  setNewest(id: KeyId, createRevision: number, main: number, sub: number, version: number): void {
    const floats = this.#records.floats(id);
    const words = this.#records.words(id);
    const at = this.#records.wordAt(id);
    floats[at / 2 + CREATE_REVISION] = createRevision;
    floats[at / 2 + MOD_REVISION] = main;
    floats[at / 2 + VERSION] = version;
    words[at + MOD_SUB] = sub;
  }

  /** Revisions before the newest one; of a key that does not exist all, the last of them a tombstone. */
  older(id: KeyId): RevisionList {
    return this.#word(id, OLDER);
  }

  setOlder(id: KeyId, list: RevisionList): void {
    this.#setWord(id, OLDER, list);
  }

  /** 0n: none. */
  lease(id: KeyId): bigint {
    if (!this.hasLease(id)) return 0n;
    const high = BigInt(this.#word(id, LEASE_HIGH));
    return BigInt.asIntN(64, (high << WORD_BITS) | BigInt(this.#word(id, LEASE_LOW)));
  }

  hasLease(id: KeyId): boolean {
    return this.#word(id, LEASE_LOW) !== 0 || this.#word(id, LEASE_HIGH) !== 0;
  }

  setLease(id: KeyId, lease: bigint): void {
    this.#setWord(id, LEASE_LOW, Number(BigInt.asUintN(32, lease)));
    this.#setWord(id, LEASE_HIGH, Number(BigInt.asUintN(32, lease >> WORD_BITS)));
  }

  slab(id: number): number {
    return this.#word(id, SLAB);
  }

  offset(id: number): number {
    return this.#word(id, OFFSET);
  }

  length(id: number): number {
    return this.#word(id, LENGTH);
  }

  place(id: number, slab: number, offset: number, length: number): void {
    const words = this.#records.words(id);
    const at = this.#records.wordAt(id);
    words[at + SLAB] = slab;
    words[at + OFFSET] = offset;
    words[at + LENGTH] = length;
  }

  image(): Image<RecordNumbers> {
    const records = this.#records.image();
    const names = this.#names.image();
    const numbers = { records: records.numbers, names: names.numbers, namePieces: names.pieces.length };
    return { numbers, pieces: [...names.pieces, ...records.pieces] };
  }

  restore({ numbers, pieces }: Image<RecordNumbers>): boolean {
    const { records, names, namePieces } = numbers;
    return (
      this.#names.restore({ numbers: names, pieces: pieces.slice(0, namePieces) }) &&
      this.#records.restore({ numbers: records, pieces: pieces.slice(namePieces) })
    );
  }

  #make(nameLength: number, hash: number): KeyId {
    const id = this.#records.take(1) as KeyId;
    const words = this.#records.words(id);
    const at = this.#records.wordAt(id);
    words[at + SLAB] = 0;
    words[at + OLDER] = NO_REVISIONS;
    words[at + NAME] = this.#names.take(unitsOf(nameLength));
    words[at + NAME_LENGTH] = nameLength;
    words[at + HASH] = hash;
    words[at + LEASE_LOW] = 0;
    words[at + LEASE_HIGH] = 0;
    return id;
  }

  #word(id: number, field: number): number {
    return this.#records.words(id)[this.#records.wordAt(id) + field] as number;
  }

  #setWord(id: KeyId, field: number, value: number): void {
    this.#records.words(id)[this.#records.wordAt(id) + field] = value;
  }

  #float(id: KeyId, field: number): number {
    return this.#records.floats(id)[this.#records.wordAt(id) / 2 + field] as number;
  }
}

function unitsOf(nameLength: number): number {
  return Math.max(1, Math.ceil(nameLength / NAME_UNIT_BYTES));
}

/** FNV-1a, with its bits mixed once more. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const MIX = 0x2c1b3c6d;

export function hashOf(name: string): number {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), PRIME);
  const once = Math.imul(hash ^ (hash >>> 15), MIX);
  return (once ^ (once >>> 13)) >>> 0;
}
