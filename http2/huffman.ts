import { assert } from '../base/assert.ts';
import { byteStringAt } from '../base/bytes.ts';

const EOS = 256;
const MIN_CODE_BITS = 5;

/**
 * The symbols of HPACK's Huffman code by the length of their codes, in order. The code is canonical: within a length codes
 * count up by symbol, and the next length goes on where the last one ended. Source: RFC 7541 Appendix B.
 */
const SYMBOLS_BY_BITS: ReadonlyMap<number, readonly number[]> = new Map([
  [5, chars('012aceiost')],
  [6, chars(' %-./3456789=A_bdfghlmnpru')],
  [7, chars(':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz')],
  [8, chars('&*,;XZ')],
  [10, chars('!"()?')],
  [11, chars("'+|")],
  [12, chars('#>')],
  [13, chars('\0$@[]~')],
  [14, chars('^}')],
  [15, chars('<`{')],
  [19, [92, 195, 208]],
  [20, [128, 130, 131, 162, 184, 194, 224, 226]],
  [21, [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]],
  [
    22,
    [
      ...[129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190],
      ...[196, 198, 228, 232, 233],
    ],
  ],
  [
    23,
    [
      ...[1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180],
      ...[182, 183, 188, 191, 197, 231, 239],
    ],
  ],
  [24, [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]],
  [25, [199, 207, 234, 235]],
  [26, [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]],
  [27, [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254]],
  [
    28,
    [
      ...[2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127],
      ...[220, 249],
    ],
  ],
  [30, [10, 13, 22, EOS]],
]);

/** The decoder is a machine that eats four bits at a time. A step may end one symbol, never two: no code is that short. */
const FAIL = -1;
const NO_SYMBOL = -1;
/** Made when the first such text comes: it would be a tenth of a start. */
let machine: Machine | undefined;

let scratch = Buffer.allocUnsafe(4_096);

/** The byte string that `bytes[start, end)` stands for; undefined when it is not a Huffman code with its proper padding. */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number): string | undefined {
  const most = Math.ceil(((end - start) * 8) / MIN_CODE_BITS);
  if (scratch.length < most) scratch = Buffer.allocUnsafe(most);
  machine ??= buildMachine();
  const { next, symbols, accepting } = machine;
  let state = 0;
  let written = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    let step = (state << 4) | (byte >> 4);
    let symbol = symbols[step] as number;
    if (symbol !== NO_SYMBOL) scratch[written++] = symbol;
    state = next[step] as number;
    if (state === FAIL) return undefined;
    step = (state << 4) | (byte & 15);
    symbol = symbols[step] as number;
    if (symbol !== NO_SYMBOL) scratch[written++] = symbol;
    state = next[step] as number;
    if (state === FAIL) return undefined;
  }
  return accepting[state] === 1 ? byteStringAt(scratch, 0, written) : undefined;
}

interface Machine {
  /** By state * 16 + four bits: the state after them; FAIL where EOS is spelled out. */
  readonly next: Int16Array;
  /** The symbol that ends within these bits. */
  readonly symbols: Int16Array;
  /** By state: 1 where a text may end, after at most seven bits of padding that are all ones. */
  readonly accepting: Uint8Array;
}

/** A node is its two children: the index of a node, or the complement of a symbol. */
type Tree = [number, number][];

function buildMachine(): Machine {
  const tree = buildTree();
  const next = new Int16Array(tree.length * 16);
  const symbols = new Int16Array(tree.length * 16).fill(NO_SYMBOL);
  for (let state = 0; state < tree.length; state++) {
    for (let bits = 0; bits < 16; bits++) {
      const step = state * 16 + bits;
      let node = state;
      for (let bit = 3; bit >= 0 && node !== FAIL; bit--) {
        const child = childOf(tree, node, (bits >> bit) & 1);
        if (child >= 0) {
          node = child;
        } else if (~child === EOS) {
          node = FAIL;
        } else {
          symbols[step] = ~child;
          node = 0;
        }
      }
      next[step] = node;
    }
  }
  return { next, symbols, accepting: acceptingStates(tree) };
}

function buildTree(): Tree {
  const tree: Tree = [[0, 0]];
  let code = 0;
  let bits = 0;
  for (const [length, symbols] of SYMBOLS_BY_BITS) {
    for (const symbol of symbols) {
      code *= 2 ** (length - bits);
      bits = length;
      insert(tree, code, length, symbol);
      code++;
    }
  }
  assert(code === 2 ** bits, 'every code has a meaning');
  return tree;
}

function insert(tree: Tree, code: number, length: number, symbol: number): void {
  let node = 0;
  for (let bit = length - 1; bit > 0; bit--) {
    const side = (code >>> bit) & 1;
    let child = childOf(tree, node, side);
    if (child === 0) {
      child = tree.push([0, 0]) - 1;
      setChild(tree, node, side, child);
    }
    node = child;
  }
  setChild(tree, node, code & 1, ~symbol);
}

function acceptingStates(tree: Tree): Uint8Array {
  const accepting = new Uint8Array(tree.length);
  let node = 0;
  for (let ones = 0; ones <= 7; ones++) {
    accepting[node] = 1;
    node = childOf(tree, node, 1);
  }
  return accepting;
}

function childOf(tree: Tree, node: number, side: number): number {
  const children = tree[node];
  assert(children !== undefined, 'nodes know their children');
  return side === 0 ? children[0] : children[1];
}

function setChild(tree: Tree, node: number, side: number, child: number): void {
  const children = tree[node];
  assert(children !== undefined, 'nodes know their children');
  children[side === 0 ? 0 : 1] = child;
}

function chars(text: string): readonly number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
