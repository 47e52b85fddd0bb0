import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Index } from '../../base/brand.ts';
import { Pending, PendingCommands } from '../../member/pending.ts';

const FIRST_ID = 0xffff_ffff_ffff_0000n;

function pending(id: bigint): Pending {
  const proposal = { type: 'normal', data: new Uint8Array(0) } as const;
  const deadline = { atMs: 0, signal: undefined, code: 'TIMEOUT' } as const;
  const nothing = (): void => undefined;
  return new Pending({ id, proposal, startMs: 0, deadline }, { resolve: nothing, reject: nothing }, nothing);
}

function taken(commands: PendingCommands, index: number): Pending[] {
  const found: Pending[] = [];
  commands.takePlaced(index as Index, (one) => found.push(one));
  return found;
}

type Step =
  | { readonly do: 'add'; readonly count: number }
  | { readonly do: 'delete'; readonly which: number }
  | { readonly do: 'place'; readonly which: number; readonly index: number }
  | { readonly do: 'take'; readonly index: number }
  | { readonly do: 'forget'; readonly index: number };

// Indexes that share their lowest bits, and some that do not.
const index = fc.integer({ min: 1, max: 6 }).chain((low) => fc.constantFrom(low, low + 1024, low + 8 * 1024));
const which = fc.nat({ max: 5000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), count: fc.constantFrom(1, 3, 400) }),
  fc.record({ do: fc.constant('delete' as const), which }),
  fc.record({ do: fc.constant('place' as const), which, index }),
  fc.record({ do: fc.constant('take' as const), index }),
  fc.record({ do: fc.constant('forget' as const), index }),
);

test('pending commands are found by id and by index as in two maps, however many there are and whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const commands = new PendingCommands(FIRST_ID);
      const byId = new Map<bigint, Pending>();
      const placed = new Set<Pending>();
      const all: Pending[] = [];
      for (const one of steps) {
        const chosen = 'which' in one ? all[one.which % all.length] : undefined;
        if (one.do === 'add') {
          for (let i = 0; i < one.count; i++) {
            const added = pending(commands.nextId());
            assert.equal(byId.has(added.id), false, 'no id is given twice');
            commands.add(added);
            byId.set(added.id, added);
            all.push(added);
          }
        } else if (one.do === 'delete' && chosen !== undefined) {
          commands.delete(chosen);
          byId.delete(chosen.id);
        } else if (one.do === 'place' && chosen !== undefined && !placed.has(chosen)) {
          commands.place(chosen, one.index as Index);
          placed.add(chosen);
        } else if (one.do === 'take') {
          const expected = [...placed].filter((each) => each.index === one.index);
          assert.deepEqual(new Set(taken(commands, one.index)), new Set(expected));
          for (const each of expected) placed.delete(each);
        } else if (one.do === 'forget') {
          commands.forgetPlaced(one.index as Index);
          for (const each of [...placed]) if (each.index <= one.index) placed.delete(each);
        }
        assert.equal(commands.size, byId.size);
      }
      for (const each of all) {
        assert.equal(commands.get(each.id), byId.get(each.id));
        assert.equal(commands.has(each), byId.has(each.id));
      }
      assert.deepEqual(new Set(commands.values()), new Set(byId.values()));
    }),
    { numRuns: 300 },
  );
});

test('one that waits for ever is passed by, and the others are told in the order in which they came', () => {
  const commands = new PendingCommands(FIRST_ID);
  const patient = pending(commands.nextId());
  commands.add(patient);
  let last = patient.id;
  for (let i = 0; i < 5000; i++) {
    const next = pending(commands.nextId());
    assert.ok(next.id > last);
    last = next.id;
    commands.add(next);
    assert.equal(commands.get(next.id), next);
    commands.delete(next);
    assert.equal(commands.get(next.id), undefined);
  }
  assert.equal(commands.get(patient.id), patient);
  commands.delete(patient);
  const several = Array.from({ length: 700 }, () => {
    const one = pending(commands.nextId());
    commands.add(one);
    return one;
  });
  assert.deepEqual([...commands.values()], several);
});

test('ids of other members and of other lives are nobody here', () => {
  const commands = new PendingCommands(FIRST_ID);
  const own = pending(commands.nextId());
  commands.add(own);
  assert.equal(commands.get(0n), undefined);
  assert.equal(commands.get(FIRST_ID), undefined);
  assert.equal(commands.get(own.id + 1n), undefined);
  assert.equal(commands.get(own.id - 1024n), undefined);
  assert.equal(commands.get(own.id), own);
});
