/**
 * Columns of numbers and bytes in one piece of memory: how many there are, how many bytes each takes (32 bits each), and the columns, each
 * at a multiple of eight, so that numbers are read where they lie. Numbers are as this machine has them: the piece is for itself.
 */

export type Column = Uint8Array | Uint32Array | Float64Array | BigInt64Array;

const WORD = Uint32Array.BYTES_PER_ELEMENT;
const ALIGNMENT = 8;

export function packColumns(columns: readonly Column[]): Uint8Array {
  let at = aligned((columns.length + 1) * WORD);
  const starts: number[] = [];
  for (const { byteLength } of columns) {
    starts.push(at);
    at += aligned(byteLength);
  }
  const packed = new Uint8Array(at);
  new Uint32Array(packed.buffer, 0, columns.length + 1).set([
    columns.length,
    ...columns.map(({ byteLength }) => byteLength),
  ]);
  for (const [i, { buffer, byteOffset, byteLength }] of columns.entries())
    packed.set(new Uint8Array(buffer, byteOffset, byteLength), starts[i]);
  return packed;
}

/** Reads packed columns one after the other. */
export class Columns {
  readonly #piece: Uint8Array;
  readonly #sizes: readonly number[];
  #next = 0;
  #at: number;

  private constructor(piece: Uint8Array, sizes: readonly number[]) {
    this.#piece = piece;
    this.#sizes = sizes;
    this.#at = aligned((sizes.length + 1) * WORD);
  }

  /** Undefined when these are none, or do not fill the piece. */
  static open(packed: Uint8Array): Columns | undefined {
    // What was read may lie anywhere.
    const piece = packed.byteOffset % ALIGNMENT === 0 ? packed : Uint8Array.from(packed);
    const [count = 0] = wordsIn(piece.subarray(0, WORD));
    const headBytes = (count + 1) * WORD;
    if (headBytes > piece.length) return undefined;
    const sizes = [...wordsIn(piece.subarray(WORD, headBytes))];
    const end = sizes.reduce((sum, sizeBytes) => sum + aligned(sizeBytes), aligned(headBytes));
    return end === piece.length ? new Columns(piece, sizes) : undefined;
  }

  get count(): number {
    return this.#sizes.length;
  }

  /** The next column; empty behind the last one. */
  bytes(): Uint8Array {
    const start = this.#at;
    const sizeBytes = this.#sizes[this.#next++] ?? 0;
    this.#at += aligned(sizeBytes);
    return this.#piece.subarray(start, start + sizeBytes);
  }

  /** 32-bit numbers, as all numbers without what is no whole one at the end. */
  words(): Uint32Array {
    return wordsIn(this.bytes());
  }

  floats(): Float64Array {
    const { buffer, byteOffset, byteLength } = this.bytes();
    return new Float64Array(buffer, byteOffset, Math.floor(byteLength / Float64Array.BYTES_PER_ELEMENT));
  }

  bigints(): BigInt64Array {
    const { buffer, byteOffset, byteLength } = this.bytes();
    return new BigInt64Array(buffer, byteOffset, Math.floor(byteLength / BigInt64Array.BYTES_PER_ELEMENT));
  }
}

function wordsIn({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, Math.floor(byteLength / WORD));
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
}
