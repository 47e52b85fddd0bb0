import { CompareResult as Is, KVService as KV, LeaseService as L, type RequestOp } from '../../../../proto/gen/etcd.ts';
import { TXN_ERRORS } from '../differences.ts';
import { bytes, del, doDel, doGet, doNothing, doPut, doTxn, get, put, txn, when } from '../requests.ts';
import { ask, type Step } from '../step.ts';

const many = (count: number, op: (i: number) => RequestOp): readonly RequestOp[] =>
  Array.from({ length: count }, (_, i) => op(i));
const yes = doPut('t/result', 'yes');
const no = doPut('t/result', 'no');

/** Transactions: what is compared, what is done, and what is refused. */
export const TXN_STEPS: readonly Step[] = [
  ask('nothing at all', KV.Txn, txn([], [])),
  ask('grant 20', L.LeaseGrant, { ID: 20n, TTL: 1000 }),
  ask('put t/a', KV.Put, put('t/a', 'm', { lease: 20n })),
  ask('put t/a again', KV.Put, put('t/a', 'n')),
  ask('put t/b', KV.Put, put('t/b', 'n', { lease: 20n })),
  ...compares(),
  ask('all compares must hold', KV.Txn, txn([version('t/a', Is.GREATER, 0), version('t/a', Is.LESS, 0)], [yes], [no])),
  ask(
    'a compare without an operand',
    KV.Txn,
    txn([{ ...version('t/a', Is.EQUAL, 0), targetUnion: undefined }], [yes], [no]),
  ),
  ask('an operand of another target', KV.Txn, txn([{ ...version('t/a', Is.EQUAL, 2), target: 2 }], [yes], [no])),
  ask('a target that is not', KV.Txn, txn([{ ...version('t/a', Is.EQUAL, 2), target: 9 }], [yes], [no])),
  ask('a result that is not', KV.Txn, txn([version('t/a', 9, 2)], [yes], [no])),
  ask('a compare without a key', KV.Txn, txn([version('', Is.EQUAL, 0)], [yes], [no])),

  ask('only reads', KV.Txn, txn([], [doGet('t/a'), doGet('t/', { rangeEnd: 't0', countOnly: true })])),
  ask('only serializable reads', KV.Txn, txn([], [doGet('t/a', { serializable: true })])),
  ask('only reads, at old revisions', KV.Txn, txn([], [doGet('t/a', { revision: 24 }), doGet('t/b')])),
  ask('a read of the future', KV.Txn, txn([], [doGet('t/a', { revision: 1000 })])),
  ask('a read of what was compacted', KV.Txn, txn([], [doGet('t/a', { revision: 2 })])),
  ask('a write and a read of the future', KV.Txn, txn([], [doPut('t/x'), doGet('t/a', { revision: 1000 })])),
  ask('a write and a read of what was compacted', KV.Txn, txn([], [doPut('t/x'), doGet('t/a', { revision: 2 })])),
  ask('a read of the future in the other branch', KV.Txn, txn([], [doPut('t/x')], [doGet('t/a', { revision: 1000 })])),
  ask(
    'reads see writes before them',
    KV.Txn,
    txn([], [doGet('t/y'), doPut('t/y', '1'), doGet('t/y'), doPut('t/z'), doGet('t/', { rangeEnd: 't0' })]),
  ),
  ask('a delete before a read', KV.Txn, txn([], [doDel('t/y', { prevKv: true }), doGet('t/y')])),
  ask(
    'with what was',
    KV.Txn,
    txn(
      [],
      [doPut('t/z', '2', { prevKv: true }), doPut('t/new', '', { prevKv: true }), doDel('t/none', { prevKv: true })],
    ),
  ),
  ask(
    'a write and an old read',
    KV.Txn,
    txn([], [doPut('t/z', '3'), doGet('t/z', { revision: 25 }), doGet('t/a', { revision: 24 })]),
  ),
  ask('the revision of the transaction itself', KV.Txn, txn([], [doPut('t/z', '4'), doGet('t/z', { revision: 100 })])),
  ask('delete nothing', KV.Txn, txn([], [doDel('t/none')])),
  ask('a lease that is not', KV.Txn, txn([], [doPut('t/z'), doPut('t/y', '', { lease: 999n })])),
  ask('the value of nothing', KV.Txn, txn([], [doPut('t/q', 'x'), doPut('t/none', '', { ignoreValue: true })])),
  ask('the lease of nothing', KV.Txn, txn([], [doPut('t/none', '', { ignoreLease: true })])),
  ask(
    'two that cannot be done',
    KV.Txn,
    txn([], [doGet('t/a', { revision: 1000 }), doPut('t/z', '', { lease: 999n })]),
    { differs: TXN_ERRORS },
  ),
  ask(
    'the same, the other way round',
    KV.Txn,
    txn([], [doPut('t/z', '', { lease: 999n }), doGet('t/a', { revision: 1000 })]),
  ),
  ask('nothing of that was done', KV.Range, get('t/', { rangeEnd: 't0' })),
  ask(
    'keep value and lease',
    KV.Txn,
    txn([], [doPut('t/b', '', { ignoreValue: true, prevKv: true }), doPut('t/a', 'o', { ignoreLease: true })]),
  ),

  // Refused before anything is read.
  ask('an empty operation', KV.Txn, txn([], [doNothing])),
  ask('no key to read', KV.Txn, txn([], [doGet('')])),
  ask('no key to put', KV.Txn, txn([], [doPut('')])),
  ask('no key to delete', KV.Txn, txn([], [], [doDel('')])),
  ask('put twice', KV.Txn, txn([], [doPut('t/d'), doPut('t/d')])),
  ask('put and deleted', KV.Txn, txn([], [doPut('t/d'), doDel('t/d')])),
  ask('put and deleted in a range', KV.Txn, txn([], [doDel('t/', { rangeEnd: 't0' }), doPut('t/d')])),
  ask('put and deleted from a key on', KV.Txn, txn([], [doDel('t/', { rangeEnd: '\0' }), doPut('t/d')])),
  ask('put beside what is deleted', KV.Txn, txn([], [doDel('t/a', { rangeEnd: 't/d' }), doPut('t/d')])),
  ask('deleted twice', KV.Txn, txn([], [doDel('t/d'), doDel('t/d'), doDel('t/', { rangeEnd: 't/e' })])),
  ask('put in either branch', KV.Txn, txn([], [doPut('t/d')], [doPut('t/d')])),
  ask('put twice in the branch that is not taken', KV.Txn, txn([], [doPut('t/d')], [doPut('t/d'), doPut('t/d')])),
  ask('the value given though kept', KV.Txn, txn([], [doPut('t/d', 'x', { ignoreValue: true })])),
  ask('the lease given though kept', KV.Txn, txn([], [doPut('t/d', 'x', { ignoreLease: true, lease: 20n })])),
  ask(
    '128 operations',
    KV.Txn,
    txn(
      [],
      many(128, (i) => doPut(`t/many/${i}`)),
    ),
  ),
  ask(
    '129 operations',
    KV.Txn,
    txn(
      [],
      many(129, (i) => doPut(`t/many/${i}`)),
    ),
  ),
  ask(
    '129 in the branch that is not taken',
    KV.Txn,
    txn(
      [],
      [],
      many(129, (i) => doPut(`t/many/${i}`)),
    ),
  ),
  ask(
    '129 compares',
    KV.Txn,
    txn(
      Array.from({ length: 129 }, () => version('t/a', Is.EQUAL, 0)),
      [],
    ),
  ),
  ask('deletes of 128', KV.DeleteRange, del('t/many/', { rangeEnd: 't/many0' })),

  // Nested ones.
  ask('nested, and empty', KV.Txn, txn([], [doTxn(txn([], []))])),
  ask('nested reads', KV.Txn, txn([], [doTxn(txn([], [doGet('t/a')]))])),
  ask(
    'nested compares see the state before',
    KV.Txn,
    txn(
      [],
      [doPut('t/n', '1'), doTxn(txn([version('t/n', Is.EQUAL, 0)], [doPut('t/m', 'before')], [doPut('t/m', 'after')]))],
    ),
  ),
  ask(
    'nested reads see writes before them',
    KV.Txn,
    txn(
      [],
      [
        doPut('t/n', '2'),
        doTxn(txn([], [doGet('t/n')])),
        doTxn(txn([version('t/n', Is.EQUAL, 9)], [], [doDel('t/n', { prevKv: true }), doGet('t/n')])),
      ],
    ),
  ),
  ask(
    'nested three deep',
    KV.Txn,
    txn([], [doTxn(txn([], [doTxn(txn([version('t/a', Is.GREATER, 0)], [doPut('t/deep', '1')]))]))]),
  ),
  ask('nested duplicates', KV.Txn, txn([], [doPut('t/d'), doTxn(txn([], [doPut('t/d')]))])),
  ask('nested duplicates in two', KV.Txn, txn([], [doTxn(txn([], [doPut('t/d')])), doTxn(txn([], [doPut('t/d')]))])),
  ask('the same in both branches of one', KV.Txn, txn([], [doTxn(txn([], [doPut('t/d', '1')], [doPut('t/d', '2')]))])),
  ask('nested put of what is deleted outside', KV.Txn, txn([], [doDel('t/d'), doTxn(txn([], [doPut('t/d')]))])),
  ask('nested delete of what is put outside', KV.Txn, txn([], [doPut('t/d'), doTxn(txn([], [doDel('t/d')]))])),
  ask(
    'nested delete of what another puts',
    KV.Txn,
    txn([], [doTxn(txn([], [doPut('t/d')])), doTxn(txn([], [doDel('t/d')]))]),
  ),
  ask('a nested empty operation', KV.Txn, txn([], [doTxn(txn([], [doNothing]))])),
  ask('a nested compare without a key', KV.Txn, txn([], [doTxn(txn([version('', Is.EQUAL, 0)], []))])),
  ask(
    'nested reads of the future',
    KV.Txn,
    txn([], [doPut('t/o'), doTxn(txn([], [doGet('t/a', { revision: 1000 })]))]),
  ),
  ask(
    '128 in all, nested',
    KV.Txn,
    txn(
      [],
      [
        doTxn(
          txn(
            [],
            many(127, (i) => doPut(`t/many/${i}`)),
          ),
        ),
      ],
    ),
  ),
  ask(
    '129 in all, nested',
    KV.Txn,
    txn(
      [],
      [
        doTxn(
          txn(
            [],
            many(128, (i) => doPut(`t/many/${i}`)),
          ),
        ),
      ],
    ),
  ),
  ask('all of t', KV.Range, get('t/', { rangeEnd: 't0', keysOnly: true })),
  ask('delete all of t', KV.DeleteRange, del('t/', { rangeEnd: 't0' })),
];

function version(key: string, result: number, of: number) {
  return when(key, result, { case: 'version', version: of });
}

function compares(): Step[] {
  const operands = [
    { case: 'version', version: 2 },
    { case: 'createRevision', createRevision: 24 },
    { case: 'modRevision', modRevision: 25 },
    { case: 'value', value: bytes('n') },
    { case: 'lease', lease: 20n },
  ] as const;
  const results = { '=': Is.EQUAL, '>': Is.GREATER, '<': Is.LESS, '!=': Is.NOT_EQUAL };
  const ranges = [
    ['t/a', ''],
    ['t/none', ''],
    ['t/a', 't/c'],
    ['u', 'v'],
    ['t/a', '\0'],
  ] as const;
  return operands.flatMap((operand) =>
    Object.entries(results).flatMap(([sign, result]) =>
      ranges.map(([key, rangeEnd]) =>
        ask(
          `if ${key}${rangeEnd === '' ? '' : ' …'} ${operand.case} ${sign}`,
          KV.Txn,
          txn(
            [when(key, result, operand, { rangeEnd })],
            [doGet('t/a', { keysOnly: true })],
            [doGet('t/b', { keysOnly: true })],
          ),
        ),
      ),
    ),
  );
}
