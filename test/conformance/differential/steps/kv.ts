import { KVService as KV, LeaseService as L, SortOrder, SortTarget } from '../../../../proto/gen/etcd.ts';
import { INVALID_SORT, INVALID_SORT_TARGET } from '../differences.ts';
import { del, get, put } from '../requests.ts';
import { ask, type Step } from '../step.ts';

const ALL = { rangeEnd: '\0' };
const A = { rangeEnd: 'b' };

/** Keys one by one and in ranges, in an empty store first. */
export const KV_STEPS: readonly Step[] = [
  ask('nothing in an empty store', KV.Range, get('a')),
  ask('no key', KV.Range, get('')),
  ask('no key, but a range', KV.Range, get('', ALL)),
  ask('future of an empty store', KV.Range, get('a', { revision: 2 })),
  ask('revision 1 of an empty store', KV.Range, get('a', { revision: 1 })),
  ask('a negative revision', KV.Range, get('a', { revision: -1 })),
  ask('delete nothing', KV.DeleteRange, del('a')),
  ask('delete nothing in a range', KV.DeleteRange, del('a', ALL)),
  ask('delete no key', KV.DeleteRange, del('')),
  ask('compact an empty store at 0', KV.Compact, { revision: 0, physical: false }),
  ask('compact an empty store at -1', KV.Compact, { revision: -1, physical: false }),
  ask('compact the future of an empty store', KV.Compact, { revision: 2, physical: false }),
  ask('put no key', KV.Put, put('')),
  ask('put a', KV.Put, put('a', '1')),
  ask('put a again, with what was', KV.Put, put('a', '2', { prevKv: true })),
  ask('put the same value', KV.Put, put('a', '2', { prevKv: true })),
  ask('put without a value', KV.Put, put('a/empty')),
  ask('put bytes', KV.Put, put('a/\xff\x00', '\x00\xff\n')),
  ask('put a new key, with what was', KV.Put, put('a/1', 'x', { prevKv: true })),
  ask('keep the value', KV.Put, put('a/1', '', { ignoreValue: true, prevKv: true })),
  ask('keep the value and give one', KV.Put, put('a/1', 'x', { ignoreValue: true })),
  ask('keep the value of nothing', KV.Put, put('none', '', { ignoreValue: true })),
  ask('keep the lease of nothing', KV.Put, put('none', 'x', { ignoreLease: true })),
  ask('keep the lease and give one', KV.Put, put('a/1', 'x', { ignoreLease: true, lease: 1n })),
  ask('keep the lease where there is none', KV.Put, put('a/1', 'y', { ignoreLease: true })),
  ask('keep both', KV.Put, put('a/1', '', { ignoreLease: true, ignoreValue: true })),
  ask('a lease that is not', KV.Put, put('a/1', 'y', { lease: 99n })),
  ask('a negative lease', KV.Put, put('a/1', 'y', { lease: -1n })),
  ask('grant 10', L.LeaseGrant, { ID: 10n, TTL: 1000 }),
  ask('put with a lease', KV.Put, put('a/leased', 'x', { lease: 10n })),
  ask('keep the lease where there is one', KV.Put, put('a/leased', 'y', { ignoreLease: true, prevKv: true })),
  ask('leave the lease', KV.Put, put('a/leased', 'z', { prevKv: true })),
  ...['b/5', 'b/3', 'b/4', 'b/1', 'b/2', 'b/2', 'b/1'].map((key, i) =>
    ask(`put ${key}`, KV.Put, put(key, `v${9 - i}`)),
  ),

  // Ranges.
  ask('one key', KV.Range, get('a')),
  ask('one key, not there', KV.Range, get('a/')),
  ask('a range', KV.Range, get('a', A)),
  ask('everything', KV.Range, get('\0', ALL)),
  ask('from a key on', KV.Range, get('b/3', ALL)),
  ask('a range that ends before it begins', KV.Range, get('b', { rangeEnd: 'a' })),
  ask('a range that ends where it begins', KV.Range, get('b', { rangeEnd: 'b' })),
  ask('serializable', KV.Range, get('a', { ...A, serializable: true })),
  ask('keys only', KV.Range, get('a', { ...A, keysOnly: true })),
  ask('count only', KV.Range, get('a', { ...A, countOnly: true })),
  ask('count only, limited', KV.Range, get('a', { ...A, countOnly: true, limit: 1 })),
  ask('count and keys only', KV.Range, get('a', { ...A, countOnly: true, keysOnly: true })),
  ...[1, 2, 6, 7, 100, -1].map((limit) => ask(`limit ${limit}`, KV.Range, get('a', { ...A, limit }))),
  ask('limit 1 of one', KV.Range, get('a', { limit: 1 })),
  ...sorts(),
  ...[-1, 3].map((sortOrder) =>
    ask(`sort order ${sortOrder}`, KV.Range, get('b/', { rangeEnd: 'b0', sortOrder }), { differs: INVALID_SORT }),
  ),
  ...[-1, 5].map((sortTarget) =>
    ask(`sort target ${sortTarget}`, KV.Range, get('b/', { rangeEnd: 'b0', sortTarget }), {
      differs: INVALID_SORT_TARGET,
    }),
  ),
  ...filters(),

  // History.
  ...[1, 2, 3, 4, 9, 13, 14].map((revision) =>
    ask(`everything at ${revision}`, KV.Range, get('\0', { ...ALL, revision })),
  ),
  ask('counted at 9', KV.Range, get('\0', { ...ALL, revision: 9, countOnly: true })),
  ask('keys at 9, limited', KV.Range, get('\0', { ...ALL, revision: 9, keysOnly: true, limit: 2 })),
  ask(
    'descending at 14',
    KV.Range,
    get('b/', { rangeEnd: 'b0', revision: 14, sortOrder: SortOrder.DESCEND, limit: 2 }),
  ),
  ask('the future', KV.Range, get('a', { revision: 100 })),
  ask('delete b/2', KV.DeleteRange, del('b/2', { prevKv: true })),
  ask('delete it again', KV.DeleteRange, del('b/2', { prevKv: true })),
  ask('put it anew', KV.Put, put('b/2', 'new', { prevKv: true })),
  ask('version 1 again', KV.Range, get('b/2')),
  ask('as it was', KV.Range, get('b/2', { revision: 15 })),
  ask('delete a range', KV.DeleteRange, del('b/3', { rangeEnd: 'b/5', prevKv: true })),
  ask('delete from a key on', KV.DeleteRange, del('b/5', ALL)),
  ask('delete a range that ends before it begins', KV.DeleteRange, del('b', { rangeEnd: 'a' })),
  ask('compact at 14', KV.Compact, { revision: 14, physical: false }),
  ask('compact at 14 again', KV.Compact, { revision: 14, physical: false }),
  ask('compact at 3', KV.Compact, { revision: 3, physical: true }),
  ask('compact the future', KV.Compact, { revision: 1000, physical: false }),
  ask('compacted', KV.Range, get('a', { revision: 13 })),
  ask('at the compact revision', KV.Range, get('\0', { ...ALL, revision: 14 })),
  ask('after it', KV.Range, get('\0', { ...ALL, revision: 15 })),
  ask('a negative revision after a compaction', KV.Range, get('a', { revision: -5 })),
  ask('delete everything', KV.DeleteRange, del('\0', { ...ALL, prevKv: true })),
  ask('nothing is left', KV.Range, get('\0', ALL)),
  ask('compact at now', KV.Compact, { revision: 22, physical: true }),
];

function sorts(): Step[] {
  const orders = { none: SortOrder.NONE, ascend: SortOrder.ASCEND, descend: SortOrder.DESCEND };
  const targets = {
    key: SortTarget.KEY,
    version: SortTarget.VERSION,
    create: SortTarget.CREATE,
    mod: SortTarget.MOD,
    value: SortTarget.VALUE,
  };
  return Object.entries(targets).flatMap(([target, sortTarget]) =>
    Object.entries(orders).flatMap(([order, sortOrder]) =>
      [0, 2].map((limit) =>
        ask(
          `by ${target}, ${order}${limit === 0 ? '' : `, the first ${limit}`}`,
          KV.Range,
          get('b/', { rangeEnd: 'b0', sortTarget, sortOrder, limit }),
        ),
      ),
    ),
  );
}

function filters(): Step[] {
  const bounds = [{ minModRevision: 13 }, { maxModRevision: 14 }, { minCreateRevision: 13 }, { maxCreateRevision: 13 }];
  const both = [
    { minModRevision: 13, maxModRevision: 15 },
    { minModRevision: 16, maxModRevision: 13 },
  ];
  return [...bounds, ...both].flatMap((bound) =>
    [{}, { limit: 1 }, { countOnly: true }, { keysOnly: true }].map((more) =>
      ask(`only ${JSON.stringify({ ...bound, ...more })}`, KV.Range, get('\0', { ...ALL, ...bound, ...more })),
    ),
  );
}
