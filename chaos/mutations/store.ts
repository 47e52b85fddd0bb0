import { type Mutation, planted } from './mutation.ts';

/** What can be wrong with the store: transactions, compaction, hashes. */
export const STORE_MUTATIONS: readonly Mutation[] = [
  planted('txn-half-applied', {
    story: 'a transaction stops in the middle',
    file: 'storage/mvcc/txn.js',
    find: 'const responses = [];\n    for (let i = 0; i < path.ops.length; i++) {',
    replace:
      'const responses = [];\n    for (let i = 0; i < path.ops.length - (store.revision % 7 === 0 ? 1 : 0); i++) {',
  }),
  planted('nested-compare-of-the-outer-branch', {
    story: 'a nested transaction takes the branch of the one around it',
    file: 'storage/mvcc/txn.js',
    find: 'nested.set(i, choosePath(store, op.requestTxn));',
    replace: 'nested.set(i, choosePath(store, succeeded ? { ...op.requestTxn, compare: [] } : op.requestTxn));',
  }),
  planted('compare-of-a-range-looks-at-one-key', {
    story: 'a compare of a range holds when its first key satisfies it',
    file: 'storage/mvcc/compare.js',
    find: 'liveKeys(store, compare.key, compare.rangeEnd, 0)',
    replace: 'liveKeys(store, compare.key, compare.rangeEnd, 1)',
  }),
  planted('compare-sees-nothing', {
    story: 'a compare of the create revision always holds: two owners of a lock',
    file: 'storage/mvcc/compare.js',
    find: 'return satisfies(result, records.createRevision(id) - numberOperand(compare));',
    replace: 'return true;',
  }),
  planted('txn-reads-what-is-being-compacted', {
    story:
      'etcd #18667: a transaction may read a compacted revision for as long as its rows are there, which is another time on each member',
    profile: 'slow-watchers',
    file: 'storage/mvcc/txn.js',
    find: 'const oldest = store.compactRevision === 0 ? -1 : store.compactRevision;',
    replace: 'const oldest = store.changes.first < store.changes.end ? store.changes.main(store.changes.first) : -1;',
  }),
  planted('compaction-takes-the-newest', {
    story: 'compaction deletes the revision that a key has at the compact revision',
    profile: 'slow-watchers',
    file: 'storage/mvcc/compaction.js',
    find: 'return lists.isTombstone(list, i) && lists.main(list, i) < compactRevision ? i + 1 : i;',
    replace: 'return i + 1;',
  }),
  planted('sweep-takes-tombstones-first', {
    story:
      'useless rows are deleted from the backend, tombstones before what they hide: a key that was deleted is back after a restart',
    profile: 'slow-watchers',
    file: 'member/space-reclaimer.js',
    find: '.filter(({ key, value }) => !machine.isWanted(key, value))',
    replace: '.filter(({ key, value }) => key.length === 17 && !machine.isWanted(key, value))',
  }),
  planted('sweep-takes-what-is-only-old', {
    story: 'a row that a newer revision follows is deleted from the backend, though it can still be read',
    profile: 'slow-watchers',
    file: 'storage/mvcc/compaction.js',
    find: 'if (lists.sub(list, i) === at.sub)\n            return true;',
    replace: 'if (lists.sub(list, i) === at.sub)\n            return false;',
  }),
  planted('tombstone-lost', {
    story:
      'etcd #18089, #19179: compaction drops a tombstone at the compact revision, a watch that starts there misses the delete',
    profile: 'slow-watchers',
    file: 'storage/mvcc/compaction.js',
    find: 'return lists.isTombstone(list, i) && lists.main(list, i) < compactRevision ? i + 1 : i;',
    replace: 'return lists.isTombstone(list, i) ? i + 1 : i;',
  }),
];
