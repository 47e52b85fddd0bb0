import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { RevisionLog } from '../../chaos/checkers/revision-log.ts';
import { checkRefused, checkTransactions, madeRevision, type TxnRecord } from '../../chaos/checkers/transactions.ts';
import { runTxn, type TxnAnswer } from '../../chaos/models/txn.ts';
import {
  type Compare,
  CompareResult,
  CompareTarget,
  EMPTY_COMPARE,
  EMPTY_DELETE_RANGE_REQUEST,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type RequestOp,
  type TxnRequest,
} from '../../proto/gen/etcd.ts';

const put = (key: string, value: string): RequestOp => ({
  request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(value), prevKv: true } },
});
const range = (revision = 0, limit = 0): RequestOp => ({
  request: {
    case: 'requestRange',
    requestRange: { ...EMPTY_RANGE_REQUEST, key: 'a', rangeEnd: 'z', revision, limit },
  },
});
const remove = (key: string): RequestOp => ({
  request: { case: 'requestDeleteRange', requestDeleteRange: { ...EMPTY_DELETE_RANGE_REQUEST, key, prevKv: true } },
});
const nested = (requestTxn: TxnRequest): RequestOp => ({ request: { case: 'requestTxn', requestTxn } });
const created = (key: string, createRevision: number, rangeEnd = ''): Compare => ({
  ...EMPTY_COMPARE,
  key,
  rangeEnd,
  result: CompareResult.EQUAL,
  target: CompareTarget.CREATE,
  targetUnion: { case: 'createRevision', createRevision },
});
const txn = (compare: readonly Compare[], success: readonly RequestOp[], failure: readonly RequestOp[] = []) => ({
  compare,
  success,
  failure,
});

/** a=1 at 2; a=2 and b=1 at 3; a is deleted at 4. */
function log(): RevisionLog {
  const revisions = new RevisionLog();
  revisions.record(2, [{ key: 'a', value: '1', previous: undefined }]);
  revisions.record(3, [
    { key: 'a', value: '2', previous: '1' },
    { key: 'b', value: '1', previous: undefined },
  ]);
  revisions.record(4, [{ key: 'a', value: undefined, previous: '2' }]);
  return revisions;
}

/** What the model says at a revision, as if a store had said it; `planted` changes it. */
function record(
  request: TxnRequest,
  revision: number,
  planted: (answer: TxnAnswer) => TxnAnswer = (x) => x,
): TxnRecord {
  const state = log().stateAt(revision - 1);
  const place = (from: typeof state, at: number) => ({
    state: from,
    revision: at,
    past: (n: number) => log().stateAt(n),
  });
  const asWrite = runTxn(request, place(state, revision));
  const result = asWrite.state === state ? runTxn(request, place(log().stateAt(revision), revision + 1)) : asWrite;
  return { client: 1, request, revision, answer: planted(result.answer) as TxnRecord['answer'] };
}

/** The answer with its first operation's answer replaced. */
const first =
  (change: (answer: TxnAnswer) => TxnAnswer) =>
  (answer: TxnAnswer): TxnAnswer =>
    answer.type === 'txn'
      ? { ...answer, answers: answer.answers.map((one, i) => (i === 0 ? change(one) : one)) }
      : answer;

const WRITE = txn([created('b', 0)], [put('a', '2'), put('b', '1'), range()]);
const READ = txn([], [range(2), range(0, 1)]);
const NESTED = txn([], [nested(txn([created('a', 2)], [remove('a')], [put('a', 'x')])), range()]);

const CASES: readonly (readonly [string, TxnRecord, string?])[] = [
  ['a write', record(WRITE, 3)],
  ['a read, of now and of the past', record(READ, 3)],
  ['a nested one', record(NESTED, 4)],
  ['a write at another revision', { ...record(WRITE, 3), revision: 2 }, 'as a write'],
  ['a write of which half is missing', record(txn([], [put('a', '2')]), 3), 'b is 1'],
  ['a write that is not there', record(txn([], [put('c', '9')]), 3), 'as a write'],
  [
    'the other branch',
    record(WRITE, 3, (answer) => (answer.type === 'txn' ? { ...answer, succeeded: false } : answer)),
    'success',
  ],
  [
    'a previous value that was not',
    record(
      WRITE,
      3,
      first((answer) => (answer.type === 'put' ? { type: 'put', previous: undefined } : answer)),
    ),
    'a put over nothing',
  ],
  [
    'a read of another moment',
    record(
      READ,
      3,
      first((answer) => (answer.type === 'range' ? { ...answer, rows: [], count: 0 } : answer)),
    ),
    'told 0 keys',
  ],
  [
    'a range that hides that there is more',
    record(
      txn([], [range(0, 1)]),
      3,
      first((answer) => (answer.type === 'range' ? { ...answer, more: false } : answer)),
    ),
    'told 2 keys:',
  ],
  [
    'a nested one that deleted nothing',
    record(
      NESTED,
      4,
      first((answer) =>
        answer.type === 'txn' ? { ...answer, answers: [{ type: 'delete', deleted: 0, previous: [] }] } : answer,
      ),
    ),
    'told 0 deleted',
  ],
];

for (const [name, one, word] of CASES) {
  test(`transactions: ${name}`, () => {
    const violations = checkTransactions(log(), [one]).join('\n');
    if (word === undefined) assert.equal(violations, '');
    else assert.ok(violations.includes(word), violations);
  });
}

test('a compare of a range holds when every key satisfies it, and for none at all as for one that is not there', () => {
  const run = (compare: Compare, revision: number): boolean =>
    runTxn(txn([compare], []), { state: log().stateAt(revision), revision: 9, past: () => new Map() }).answer.succeeded;
  assert.equal(run(created('a', 2, 'z'), 2), true);
  assert.equal(run(created('a', 2, 'z'), 3), false);
  assert.equal(run(created('x', 0, 'z'), 3), true);
});

test('which transactions made their revision', () => {
  assert.equal(madeRevision(log(), record(WRITE, 3)), true);
  assert.equal(madeRevision(log(), record(READ, 3)), false);
});

test('a refused transaction has left nothing', () => {
  assert.deepEqual(checkRefused(log(), [{ client: 1, values: ['9'] }]), []);
  assert.match(checkRefused(log(), [{ client: 1, values: ['2'] }]).join(), /2 is there at revision 3/);
});
