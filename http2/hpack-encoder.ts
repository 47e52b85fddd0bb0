import { STATIC_TABLE } from './header-field.ts';
import { HTTP2_LIMITS } from './limits.ts';

/** What an entry of a table counts besides its name and value (RFC 7541 §4.1). */
const OVERHEAD_BYTES = 32;
const STATIC_ENTRIES = STATIC_TABLE.length;
const FIRST_BYTES = 1_024;

/** Indexes of the static table by name and value, and the first of each name. */
const STATIC_FIELDS = new Map<string, Map<string, number>>();
const STATIC_NAMES = new Map<string, number>();
for (const [i, { name, value }] of STATIC_TABLE.entries()) {
  let values = STATIC_FIELDS.get(name);
  if (values === undefined) STATIC_FIELDS.set(name, (values = new Map()));
  if (value !== '') values.set(value, i + 1);
  if (!STATIC_NAMES.has(name)) STATIC_NAMES.set(name, i + 1);
}

interface Entry {
  readonly name: string;
  readonly value: string;
}

/**
 * The encoding half of HPACK for one connection (RFC 7541), without Huffman codes. Who encodes says of each field whether it will come
 * again: such a field is one byte from the second time on. Blocks must be sent in the order in which they were made.
 */
export class HpackEncoder {
  #out = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;
  /** Of what the other side keeps: the number of its insertion, counted from 0. */
  readonly #kept = new Map<string, Map<string, number>>();
  /** The same, oldest first. */
  #entries: Entry[] = [];
  #inserted = 0;
  #sizeBytes = 0;
  #tableBytes: number = HTTP2_LIMITS.headerTableBytes;
  #announces = false;

  /** The other side's SETTINGS_HEADER_TABLE_SIZE, to be heeded once it is acknowledged. */
  resize(sizeBytes: number): void {
    const tableBytes = Math.min(sizeBytes, HTTP2_LIMITS.headerTableBytes);
    if (tableBytes === this.#tableBytes) return;
    this.#tableBytes = tableBytes;
    this.#announces = true;
    this.#evictDownTo(0);
  }

  /** Starts a block. */
  begin(): void {
    this.#at = 0;
    if (!this.#announces) return;
    // Down to nothing, which empties the table as we have emptied ours, and up again (RFC 7541 §4.2).
    this.#announces = false;
    this.#reserve(8);
    this.#out[this.#at++] = 0x20;
    if (this.#tableBytes > 0) this.#integer(0x20, 0x1f, this.#tableBytes);
  }

  /** A field that will come again. Name in lower case, both latin1. */
  keep(name: string, value: string): void {
    const known = STATIC_FIELDS.get(name)?.get(value) ?? this.#indexOf(name, value);
    if (known !== undefined) {
      this.#reserve(8);
      this.#integer(0x80, 0x7f, known);
      return;
    }
    const sizeBytes = name.length + value.length + OVERHEAD_BYTES;
    // One that would drive out most of the others is not worth it.
    if (sizeBytes > this.#tableBytes / 2) {
      this.once(name, value);
      return;
    }
    this.#literal(0x40, 0x3f, name, value);
    this.#evictDownTo(this.#tableBytes - sizeBytes);
    this.#entries.push({ name, value });
    this.#sizeBytes += sizeBytes;
    let values = this.#kept.get(name);
    if (values === undefined) this.#kept.set(name, (values = new Map()));
    values.set(value, this.#inserted++);
  }

  /** A field that will hardly come again. */
  once(name: string, value: string): void {
    const known = STATIC_FIELDS.get(name)?.get(value);
    if (known === undefined) {
      this.#literal(0, 0x0f, name, value);
      return;
    }
    this.#reserve(8);
    this.#integer(0x80, 0x7f, known);
  }

  /** The block; the memory is used again by the next one. */
  finish(): Buffer {
    return this.#out.subarray(0, this.#at);
  }

  #indexOf(name: string, value: string): number | undefined {
    const insertion = this.#kept.get(name)?.get(value);
    return insertion === undefined ? undefined : STATIC_ENTRIES + this.#inserted - insertion;
  }

  #evictDownTo(sizeBytes: number): void {
    while (this.#sizeBytes > Math.max(0, sizeBytes)) {
      const { name, value } = this.#entries.shift() as Entry;
      this.#sizeBytes -= name.length + value.length + OVERHEAD_BYTES;
      const values = this.#kept.get(name);
      values?.delete(value);
      if (values?.size === 0) this.#kept.delete(name);
    }
  }

  #literal(pattern: number, mask: number, name: string, value: string): void {
    this.#reserve(name.length + value.length + 24);
    const index = STATIC_NAMES.get(name);
    this.#integer(pattern, mask, index ?? 0);
    if (index === undefined) this.#string(name);
    this.#string(value);
  }

  #string(text: string): void {
    this.#integer(0, 0x7f, text.length);
    this.#at += this.#out.write(text, this.#at, 'latin1');
  }

  #integer(pattern: number, mask: number, value: number): void {
    const out = this.#out;
    if (value < mask) {
      out[this.#at++] = pattern | value;
      return;
    }
    out[this.#at++] = pattern | mask;
    let rest = value - mask;
    for (; rest >= 0x80; rest >>>= 7) out[this.#at++] = 0x80 | (rest & 0x7f);
    out[this.#at++] = rest;
  }

  #reserve(sizeBytes: number): void {
    if (this.#at + sizeBytes <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#out.length, this.#at + sizeBytes));
    this.#out.copy(larger, 0, 0, this.#at);
    this.#out = larger;
  }
}
