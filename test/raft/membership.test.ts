import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MemberId } from '../../base/brand.ts';
import { decodeConfChange, encodeConfChange } from '../../raft/conf-change.ts';
import { changeConfiguration, configurationOf, confStateOf, EMPTY_CONF_STATE } from '../../raft/membership.ts';
import type { ConfChange, ConfState } from '../../raft/types.ts';

const NO_CONTEXT = new Uint8Array(0);

function ids(text: string): MemberId[] {
  return text === '' ? [] : text.split(' ').map((id) => BigInt(id) as MemberId);
}

/** `voters / outgoing / learners / learnersNext [auto]`, all but the first optional. */
function conf(text: string): ConfState {
  const autoLeave = text.endsWith(' auto');
  const [voters = '', votersOutgoing = '', learners = '', learnersNext = ''] = text
    .replace(/ auto$/, '')
    .split('/')
    .map((part) => part.trim());
  return {
    voters: ids(voters),
    votersOutgoing: ids(votersOutgoing),
    learners: ids(learners),
    learnersNext: ids(learnersNext),
    autoLeave,
  };
}

/** `v4` adds a voter, `l4` a learner, `r4` removes. */
function change(text: string, transition: ConfChange['transition'] = 'auto'): ConfChange {
  const types = { v: 'add-voter', l: 'add-learner', r: 'remove' } as const;
  const words = text === '' ? [] : text.split(' ');
  const changes = words.map((word) => ({
    type: types[word[0] as keyof typeof types],
    member: BigInt(word.slice(1)) as MemberId,
  }));
  return { transition, changes, context: NO_CONTEXT };
}

test('a configuration and what a change makes of it', () => {
  const table: [string, ConfChange, string | undefined][] = [
    ['', change('v1'), '1'],
    ['1', change('v2'), '1 2'],
    ['1 2 3', change('r2'), '1 3'],
    ['1', change('r1'), undefined],
    ['1', change('l1'), undefined],
    ['1 2', change('l2'), '1 //2'],
    ['1 2 // 3', change('v3'), '1 2 3'],
    ['1 2 // 3', change('l3'), '1 2 // 3'],
    ['1 2 // 3', change('r3'), '1 2'],
    ['1 2', change('r9'), '1 2'],
    ['1 2 3', change('v4 r3'), '1 2 4 / 1 2 3 auto'],
    ['1 2 3', change('v4', 'joint-implicit'), '1 2 3 4 / 1 2 3 auto'],
    ['1 2 3', change('v4', 'joint-explicit'), '1 2 3 4 / 1 2 3'],
    ['1 2 3', change('l3 v4'), '1 2 4 / 1 2 3 // 3 auto'],
    ['1 2 3', change('l3 v3'), '1 2 3 / 1 2 3 auto'],
    ['1 2 3', change('r1 r2 r3'), undefined],
    ['', change('v1 v2'), undefined],
    ['1 2 4 / 1 2 3 // 3 auto', change(''), '1 2 4 // 3'],
    ['1 2 4 / 1 2 3', change(''), '1 2 4'],
    ['1 2 3', change(''), undefined],
    ['1 2 4 / 1 2 3', change('v5'), undefined],
  ];
  for (const [before, what, after] of table) {
    const result = changeConfiguration(configurationOf(conf(before)), what);
    const actual = result.type === 'changed' ? confStateOf(result.configuration) : undefined;
    const expected = after === undefined ? undefined : conf(after);
    assert.deepEqual(
      actual,
      expected,
      `${before}: ${JSON.stringify(what.changes, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`,
    );
  }
});

const anyChange: fc.Arbitrary<ConfChange> = fc.record({
  transition: fc.constantFrom('auto', 'joint-implicit', 'joint-explicit'),
  changes: fc.array(
    fc
      .tuple(fc.constantFrom('add-voter', 'add-learner', 'remove'), fc.bigInt({ min: 1n, max: 6n }))
      .map(([type, id]) => ({ type, member: id as MemberId })),
    { maxLength: 4 },
  ),
  context: fc.constant(NO_CONTEXT),
});

test('whatever the changes: somebody votes, voters do not learn, one step changes one vote', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), (changes) => {
      let configuration = configurationOf({ ...EMPTY_CONF_STATE, voters: ids('1 2 3') });
      for (const what of changes) {
        const result = changeConfiguration(configuration, what);
        if (result.type === 'refused') continue;
        const { voters, outgoing, learners, learnersNext } = result.configuration;
        assert(voters.size > 0);
        for (const learner of learners) assert(!voters.has(learner) && !outgoing.has(learner));
        for (const next of learnersNext) assert(outgoing.has(next) && !voters.has(next));
        if (outgoing.size === 0 && configuration.outgoing.size === 0) {
          const before = configuration.voters;
          const difference =
            [...voters].filter((id) => !before.has(id)).length + [...before].filter((id) => !voters.has(id)).length;
          assert(difference <= 1);
        }
        configuration = result.configuration;
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('a change survives its encoding', () => {
  const changeWithContext = fc.tuple(anyChange, fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(changeWithContext, ([what, context]) => {
      const decoded = decodeConfChange(encodeConfChange({ ...what, context }));
      assert.deepEqual({ ...decoded, context: [...(decoded?.context ?? [])] }, { ...what, context: [...context] });
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('bytes that are no change are told from one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const decoded = decodeConfChange(bytes);
      if (decoded !== undefined) assert.deepEqual(encodeConfChange(decoded), bytes);
    }),
    { numRuns: 500, seed: 1 },
  );
  const bytes = encodeConfChange(change('v4 l5'));
  for (let length = 0; length < bytes.length; length++)
    assert.equal(decodeConfChange(bytes.subarray(0, length)), undefined);
});
