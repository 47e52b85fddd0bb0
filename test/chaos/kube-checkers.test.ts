import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkElection, type ElectionRecord } from '../../chaos/checkers/elections.ts';
import { checkInformers, type HeldObject, type InformerStep } from '../../chaos/checkers/informers.ts';
import { checkLinearizability } from '../../chaos/checkers/linearizability.ts';
import { checkNamespaces, FURNITURE, type NamespaceLook } from '../../chaos/checkers/namespaces.ts';
import { checkLists, checkVersions, type SeenList, type SeenVersion } from '../../chaos/checkers/objects.ts';
import {
  type ObjectInput,
  type ObjectOperation,
  type ObjectOutput,
  partitionByObject,
} from '../../chaos/models/object.ts';

/** Each line: what was planted, and a word of what the checker says; no word: all is well. */
function expectAll(name: string, lines: readonly (readonly [string, readonly string[], string?])[]): void {
  for (const [planted, violations, word] of lines) {
    test(`${name}: ${planted}`, () => {
      if (word === undefined) assert.deepEqual(violations, []);
      else assert.match(violations.join('\n'), new RegExp(word));
    });
  }
}

// Objects, as a history. Every operation is over before the next one begins unless it says otherwise.

const create = (value: string): ObjectInput => ({ type: 'create', name: 'o', value });
const update = (expected: string, value: string): ObjectInput => ({ type: 'update', name: 'o', expected, value });
const remove = (expected?: string): ObjectInput => ({ type: 'delete', name: 'o', expected });
const get: ObjectInput = { type: 'get', name: 'o' };
const found = (value: string): ObjectOutput => ({ type: 'found', value });
const DONE: ObjectOutput = { type: 'done' };
const CONFLICT: ObjectOutput = { type: 'Conflict' };
const NOT_FOUND: ObjectOutput = { type: 'NotFound' };

type Line = readonly [input: ObjectInput, output: ObjectOutput | undefined, start?: number, end?: number];

function verdict(...lines: readonly Line[]): readonly string[] {
  const operations = lines.map(([input, output, start, end], i): ObjectOperation => {
    const over = output === undefined ? Number.POSITIVE_INFINITY : (end ?? 10 * i + 5);
    return { client: i, start: start ?? 10 * i, end: over, input, output };
  });
  const result = checkLinearizability(partitionByObject(operations));
  return result.type === 'linearizable' ? [] : [result.type];
}

expectAll('objects', [
  ['a life', verdict([create('a'), DONE], [update('a', 'b'), DONE], [remove('b'), DONE], [get, NOT_FOUND])],
  [
    'an unknown update that took effect',
    verdict([create('a'), DONE], [update('a', 'b'), undefined], [get, found('b')]),
  ],
  ['one that did not', verdict([create('a'), DONE], [update('a', 'b'), undefined], [get, found('a')])],
  [
    'an unknown delete and create that let a second create succeed',
    verdict([create('a'), DONE], [remove(), undefined], [create('b'), undefined], [get, found('b')]),
  ],
  [
    'a conflict by somebody at the same time',
    verdict([create('a'), DONE], [update('a', 'b'), DONE, 10, 30], [update('a', 'c'), CONFLICT, 12, 20]),
  ],
  ['a conflict although the version matches', verdict([create('a'), DONE], [update('a', 'b'), CONFLICT]), 'violation'],
  [
    'a conflict where nothing is',
    verdict([create('a'), DONE], [remove(), DONE], [update('a', 'b'), CONFLICT]),
    'violation',
  ],
  ['a lost update', verdict([create('a'), DONE], [update('a', 'b'), DONE], [get, found('a')]), 'violation'],
  [
    'two updates of one version',
    verdict([create('a'), DONE], [update('a', 'b'), DONE], [update('a', 'c'), DONE]),
    'violation',
  ],
  ['a lost create', verdict([create('a'), DONE], [get, NOT_FOUND]), 'violation'],
  ['a delete that came back', verdict([create('a'), DONE], [remove(), DONE], [get, found('a')]), 'violation'],
  ['a create where one was', verdict([create('a'), DONE], [create('b'), DONE]), 'violation'],
  ['AlreadyExists where nothing was', verdict([create('a'), { type: 'AlreadyExists' }]), 'violation'],
  ['NotFound of a create', verdict([create('a'), NOT_FOUND]), 'violation'],
]);

// Versions and lists.

const version = (name: string, resourceVersion: number, value: string, uid = `u-${name}`): SeenVersion => ({
  name,
  uid,
  resourceVersion,
  value,
});

expectAll('versions', [
  ['nothing', checkVersions([version('a', 2, 'x'), version('a', 2, 'x'), version('b', 3, 'y')])],
  ['a resourceVersion of two values', checkVersions([version('a', 2, 'x'), version('a', 2, 'y')]), 'is a=x and a=y'],
  ['a resourceVersion of two objects', checkVersions([version('a', 2, 'x'), version('b', 2, 'y')]), 'is a=x and b=y'],
  ['another uid', checkVersions([version('a', 2, 'x'), version('a', 2, 'x', 'other')]), 'resourceVersion 2'],
  ['a value written twice', checkVersions([version('a', 2, 'x'), version('a', 5, 'x')]), 'resourceVersions 2 and 5'],
]);

const listOf = (resourceVersion: number, ...items: readonly SeenVersion[]): SeenList => ({
  client: 1,
  resourceVersion,
  items,
});
const WRITES = [
  { ...version('a', 2, 'x'), start: 0, end: 1 },
  { ...version('a', 4, 'y'), start: 10, end: 11 },
];

expectAll('lists', [
  ['nothing', checkLists([listOf(3, version('a', 2, 'x')), listOf(4, version('a', 4, 'y'))], WRITES, [])],
  [
    'gone by an unknown delete',
    checkLists([listOf(9)], WRITES, [{ name: 'a', start: 5, end: Number.POSITIVE_INFINITY }]),
  ],
  ['a lost object', checkLists([listOf(9)], WRITES, [{ name: 'a', start: 5, end: 6 }]), 'lacks a=y'],
  ['an old version', checkLists([listOf(4, version('a', 2, 'x'))], WRITES, []), 'and not a=y'],
  ['something newer than itself', checkLists([listOf(3, version('a', 4, 'y'))], [], []), 'at 3 has a=y of 4'],
  ['something twice', checkLists([listOf(4, version('a', 2, 'x'), version('a', 4, 'y'))], [], []), 'a twice'],
  ['two of one moment', checkLists([listOf(4, version('a', 4, 'y')), listOf(4)], [], []), 'two lists at 4 differ'],
]);

// Informers: a is written at 2, 4 and 7, b is created at 5 and deleted at 6.

const held = (name: string, resourceVersion: number, replaces: number | undefined, uid = `u-${name}`): HeldObject => ({
  name,
  uid,
  resourceVersion,
  value: `${name}${resourceVersion}`,
  replaces,
});
const event = (kind: 'ADDED' | 'MODIFIED' | 'DELETED', object: HeldObject): InformerStep => ({
  type: 'event',
  kind,
  object,
});
const list = (revision: number, ...objects: readonly HeldObject[]): InformerStep => ({
  type: 'list',
  revision,
  objects,
});
const bookmark = (revision: number): InformerStep => ({ type: 'bookmark', revision });

const [A2, A4, A7, B5] = [held('a', 2, 0), held('a', 4, 2), held('a', 7, 4), held('b', 5, 0)];
/** An object's last state comes with the resourceVersion of its deletion. */
const B6 = { ...B5, resourceVersion: 6 };
const BEGIN = list(3, A2);
const EVENTS = [event('MODIFIED', A4), event('ADDED', B5), event('DELETED', B6), event('MODIFIED', A7)] as const;
const [MODIFIED_4, ADDED_5, DELETED_6, MODIFIED_7] = EVENTS;

/** What is said of one informer that was told so, beside one that was told everything. */
const told = (...steps: readonly InformerStep[]): readonly string[] =>
  checkInformers(
    [
      { name: 'good', steps: [BEGIN, ...EVENTS] },
      { name: 'bad', steps },
    ],
    [{ name: 'a', resourceVersion: 7, value: 'a7' }],
    [A7],
  );

expectAll('informers', [
  ['nothing', told(BEGIN, bookmark(3), ...EVENTS, bookmark(9))],
  ['a list on the way', told(BEGIN, MODIFIED_4, list(5, A4, B5), DELETED_6, MODIFIED_7)],
  ['a list instead of what is gone', told(BEGIN, list(7, A7))],
  ['a missed change', told(BEGIN, MODIFIED_4, MODIFIED_7), 'from 3 to 7 and was not told b=b5 at 5'],
  ['a missed change that the next one tells', told(BEGIN, ADDED_5, DELETED_6, MODIFIED_7), 'replaced 4, and held 2'],
  [
    'a change skipped by a bookmark',
    told(BEGIN, ...EVENTS.slice(0, 3), bookmark(9)),
    'from 3 to 9 and was not told a=a7',
  ],
  [
    'a change told twice',
    told(BEGIN, MODIFIED_4, MODIFIED_4, ADDED_5, DELETED_6, MODIFIED_7),
    'at 4 after it had come to 4',
  ],
  ['changes out of order', told(BEGIN, ADDED_5, MODIFIED_4, DELETED_6, MODIFIED_7), 'at 4 after it had come to 5'],
  ['a bookmark that goes back', told(BEGIN, MODIFIED_4, bookmark(3), ADDED_5, DELETED_6, MODIFIED_7), 'bookmark for 3'],
  ['a list that goes back', told(BEGIN, ...EVENTS, list(5, A4, B5)), 'listed 5 after it had come to 7'],
  ['a list that lacks something', told(BEGIN, MODIFIED_4, list(5, A4), DELETED_6, MODIFIED_7), 'listed at 5 no b'],
  ['a list with something old', told(list(4, A2), ADDED_5, DELETED_6, MODIFIED_7), 'listed at 4 a=a2 of 2'],
  [
    'an added object that is there',
    told(BEGIN, event('ADDED', A4), ADDED_5, DELETED_6, MODIFIED_7),
    'and held it of 2',
  ],
  ['a modified object that is not', told(list(3), MODIFIED_4, ADDED_5, DELETED_6, MODIFIED_7), 'and did not hold it'],
  [
    'another uid',
    told(BEGIN, event('MODIFIED', { ...A4, uid: 'v' }), ADDED_5, DELETED_6, MODIFIED_7),
    'another object',
  ],
  [
    'another last state',
    told(BEGIN, MODIFIED_4, ADDED_5, event('DELETED', { ...B6, value: 'z' }), MODIFIED_7),
    'as z, and held b5',
  ],
  [
    'two stories of one revision',
    told(BEGIN, event('MODIFIED', { ...A4, value: 'z' }), ADDED_5, DELETED_6, MODIFIED_7),
    'where another one was told a=a4',
  ],
  ['another end', told(BEGIN, ...EVENTS.slice(0, 3)), 'ended with a=a4 of 4, where it is a=a7 of 7'],
  [
    'an acknowledged write that nobody was told of',
    checkInformers([{ name: 'one', steps: [BEGIN, bookmark(9)] }], [{ name: 'a', resourceVersion: 7, value: 'a7' }]),
    'was not told a=a7 at 7',
  ],
  [
    'an acknowledged write that was told as another one',
    checkInformers([{ name: 'one', steps: [BEGIN, ...EVENTS] }], [{ name: 'a', resourceVersion: 4, value: 'z' }]),
    'acknowledged with 4, and told as a=a4',
  ],
]);

// Elections: x leads at 2 and 3, y at 5.

const ELECTION: ElectionRecord = {
  versions: [
    { resourceVersion: 2, holder: 'x', transitions: 0 },
    { resourceVersion: 3, holder: 'x', transitions: 0 },
    { resourceVersion: 5, holder: 'y', transitions: 1 },
    { resourceVersion: 6, holder: '', transitions: 1 },
  ],
  updates: [
    { by: 'x', replaces: 0, resourceVersion: 2 },
    { by: 'x', replaces: 2, resourceVersion: 3 },
    { by: 'y', replaces: 3, resourceVersion: 5 },
  ],
  terms: [
    { holder: 'x', transitions: 0, from: 0, until: 20 },
    { holder: 'y', transitions: 1, from: 25, until: 60 },
  ],
  writes: [
    { by: 'x', token: 0, sequence: 1, replaces: 0, resourceVersion: 4 },
    { by: 'y', token: 1, sequence: 3, replaces: 6, resourceVersion: 7 },
  ],
};
const [X, Y] = ELECTION.terms as [ElectionRecord['terms'][number], ElectionRecord['terms'][number]];
const election = (planted: Partial<ElectionRecord>): readonly string[] =>
  checkElection({
    versions: [...ELECTION.versions, ...(planted.versions ?? [])],
    updates: [...ELECTION.updates, ...(planted.updates ?? [])],
    terms: planted.terms ?? ELECTION.terms,
    writes: [...ELECTION.writes, ...(planted.writes ?? [])],
  });

expectAll('elections', [
  ['nothing', election({})],
  ['two leaders', election({ terms: [X, { ...Y, from: 19 }] }), 'two leaders: y .* and x'],
  ['two leaders, one of long ago', election({ terms: [{ ...X, until: 90 }, Y] }), 'two leaders'],
  [
    'transitions that fall',
    election({ versions: [{ resourceVersion: 8, holder: 'x', transitions: 0 }] }),
    'transitions fell',
  ],
  [
    'a holder without a transition',
    election({ versions: [{ resourceVersion: 8, holder: 'z', transitions: 1 }] }),
    'without a transition',
  ],
  [
    'two holders of one version',
    election({ versions: [{ resourceVersion: 5, holder: 'z', transitions: 1 }] }),
    'one version',
  ],
  [
    'two updates of one version',
    election({ updates: [{ by: 'z', replaces: 2, resourceVersion: 4 }] }),
    'although x had written 3',
  ],
  ['an update that is older', election({ updates: [{ by: 'z', replaces: 9, resourceVersion: 8 }] }), 'not newer'],
  [
    'a write of an old leader',
    election({ writes: [{ by: 'x', token: 0, sequence: 4, replaces: 7, resourceVersion: 9 }] }),
    'after y with token 1',
  ],
  [
    'a token of two',
    election({ writes: [{ by: 'z', token: 1, sequence: 4, replaces: 7, resourceVersion: 9 }] }),
    "was y's",
  ],
  [
    'a lost write',
    election({ writes: [{ by: 'y', token: 1, sequence: 3, replaces: 7, resourceVersion: 9 }] }),
    'had written 3',
  ],
]);

// Namespaces.

const look = (fate: NamespaceLook['fate'], isThere: boolean, ...objects: readonly string[]): readonly string[] =>
  checkNamespaces([{ name: 'n', fate, isThere, objects }]);

expectAll('namespaces', [
  ['one that stays', look('kept', true, ...FURNITURE, 'configmaps/mine')],
  ['one that went', look('deleted', false)],
  ['one of which nobody knows', look('unknown', true)],
  ['one that is lost', look('kept', false), 'was acknowledged and is not there'],
  [
    'one that stays forever',
    look('deleted', true, 'configmaps/mine'),
    'deleted and is still there, with configmaps/mine',
  ],
  ['something left behind', look('deleted', false, 'configmaps/mine'), 'is gone and left configmaps/mine'],
  ['nothing in it', look('kept', true, 'serviceaccounts/default'), 'lacks configmaps/kube-root-ca.crt'],
]);
