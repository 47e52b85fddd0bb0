import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../base/prng.ts';
import { Arena, NO_BLOCK, sizeFor } from '../../../storage/mvcc/arena.ts';

const UNIT_BYTES = 8;
const UNIT_WORDS = UNIT_BYTES / 4;

interface Held {
  readonly block: number;
  readonly units: number;
  readonly fill: number;
}

function fill(arena: Arena, block: number, units: number, word: number): void {
  const at = arena.wordAt(block);
  arena.words(block).fill(word, at, at + units * UNIT_WORDS);
}

function assertFilled(arena: Arena, { block, units, fill: word }: Held): void {
  const at = arena.wordAt(block);
  const words = arena.words(block).subarray(at, at + units * UNIT_WORDS);
  assert.equal(words.length, units * UNIT_WORDS, 'a block lies within its chunk');
  assert.ok(words.every((found) => found === word));
}

test('blocks of all sizes keep what is theirs, whatever others come and go', () => {
  const random = new Prng(5);
  const arena = new Arena(UNIT_BYTES);
  const held: Held[] = [];
  for (let i = 1; i <= 30_000; i++) {
    if (held.length > 2000 || (held.length > 0 && random.chance(0.3))) {
      const at = random.between(0, held.length - 1);
      const [gone] = held.splice(at, 1);
      assert.ok(gone !== undefined);
      assertFilled(arena, gone);
      arena.give(gone.block, gone.units);
      continue;
    }
    const units = random.chance(0.0005)
      ? random.between(60_000, 90_000)
      : random.between(1, random.chance(0.1) ? 300 : 20);
    const block = arena.take(units);
    assert.notEqual(block, NO_BLOCK);
    assert.ok(block < arena.limit);
    fill(arena, block, sizeFor(units), i);
    held.push({ block, units, fill: i });
  }
  for (const each of held) assertFilled(arena, each);
});

test('memory that was given back goes to the next of the same size', () => {
  const arena = new Arena(UNIT_BYTES);
  for (const units of [1, 7, 64, 65, 1000, 70_000]) {
    const blocks = Array.from({ length: 5 }, () => arena.take(units));
    for (const block of blocks) arena.give(block, units);
    const again = Array.from({ length: 5 }, () => arena.take(units));
    assert.deepEqual(again.toSorted(), blocks.toSorted(), `${units} units`);
  }
});

test('the numbers of a block in their three shapes are the same memory', () => {
  const arena = new Arena(UNIT_BYTES);
  arena.take(3);
  const block = arena.take(2);
  const at = arena.wordAt(block);
  arena.floats(block)[at / 2] = 1;
  assert.deepEqual([...arena.words(block).subarray(at, at + 2)], [0, 0x3ff00000]);
  assert.deepEqual([...arena.bytes(block).subarray(at * 4 + 6, at * 4 + 8)], [0xf0, 0x3f]);
});

test('an arena that was taken from an image has the same blocks and the same room', () => {
  const arena = new Arena(UNIT_BYTES);
  const held: Held[] = [5, 300, 70_000, 1, 90_000, 64].map((units, i) => ({
    block: arena.take(units),
    units,
    fill: i,
  }));
  for (const { block, units, fill: word } of held) fill(arena, block, sizeFor(units), word);
  const [small, , large] = held as [Held, Held, Held];
  arena.give(small.block, small.units);
  arena.give(large.block, large.units);
  const again = new Arena(UNIT_BYTES);
  const { numbers, pieces } = arena.image();
  const kept = JSON.parse(JSON.stringify(numbers)) as typeof numbers;
  assert.ok(again.restore({ numbers: kept, pieces: pieces.map((piece) => Uint8Array.from(piece)) }));
  for (const each of held) if (each !== small && each !== large) assertFilled(again, each);
  for (const units of [5, 70_000, 5, 1, 2000]) {
    const block = again.take(units);
    assert.equal(block, arena.take(units), 'both take the same place');
    fill(again, block, sizeFor(units), 99);
  }
  for (const each of held) if (each !== small && each !== large) assertFilled(again, each);
});

test('an image that cannot be of an arena is not taken', () => {
  const arena = new Arena(UNIT_BYTES);
  arena.take(3);
  const { numbers, pieces } = arena.image();
  const first = pieces[0] as Uint8Array;
  assert.equal(new Arena(UNIT_BYTES).restore({ numbers, pieces: [] }), false);
  assert.equal(new Arena(UNIT_BYTES).restore({ numbers, pieces: [first.slice(0, -4)] }), false);
  assert.equal(new Arena(UNIT_BYTES).restore({ numbers: { ...numbers, next: numbers.end + 1 }, pieces }), false);
});
