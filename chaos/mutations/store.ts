import type { Mutation } from './mutation.ts';

/** What can be wrong with the store, its watches and its leases. */
export const STORE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'applied-index-behind',
    story: 'the applied index is not the data’s own: an entry is applied again after a restart (etcd #11651, #13766)',
    file: 'storage/machine/create.js',
    find: 'rows.push(appliedRow(applied, appliedTerm));',
    replace: 'rows.push(appliedRow(Math.max(1, applied - 1), appliedTerm));',
  },
  {
    name: 'applied-index-ahead',
    story: 'the applied index is written ahead of the data: an entry is lost on this member (etcd 3.5.0-3.5.2, #13766)',
    file: 'storage/machine/create.js',
    find: 'rows.push(appliedRow(applied, appliedTerm));',
    replace: 'rows.push(appliedRow(applied + 1, appliedTerm));',
  },
  {
    name: 'txn-half-applied',
    story: 'a transaction stops in the middle',
    file: 'storage/mvcc/txn.js',
    find: 'const responses = [];\n    for (let i = 0; i < path.ops.length; i++) {',
    replace:
      'const responses = [];\n    for (let i = 0; i < path.ops.length - (store.revision % 7 === 0 ? 1 : 0); i++) {',
  },
  {
    name: 'revision-used-again',
    story:
      'after a restart the store continues at an earlier revision (etcd #17780: compaction forgot the newest revision)',
    file: 'storage/mvcc/restore.js',
    find: 'this.#store.revision = Math.max(this.#store.revision, at.main);',
    replace: 'this.#store.revision = Math.max(this.#store.revision, at.main - 1);',
  },
  {
    name: 'compaction-takes-the-newest',
    story: 'compaction deletes the revision that a key has at the compact revision',
    file: 'storage/mvcc/compaction.js',
    find: 'return tombstoneAt(list, i) && mainAt(list, i) < compactRevision ? i + 2 : i;',
    replace: 'return i + 2;',
  },
  {
    name: 'tombstone-lost',
    story: 'compaction deletes a tombstone at the compact revision: a watch that starts there misses it (etcd #19179)',
    file: 'storage/mvcc/compaction.js',
    find: 'return tombstoneAt(list, i) && mainAt(list, i) < compactRevision ? i + 2 : i;',
    replace: 'return tombstoneAt(list, i) ? i + 2 : i;',
  },
  {
    name: 'prev-kv-off-by-one',
    story: 'a watch that catches up is told the new value as the previous one',
    file: 'storage/mvcc/history.js',
    find: 'versionAt(list, main - 1)',
    replace: 'versionAt(list, main)',
  },
  {
    name: 'watch-loses-an-event-when-slow',
    story: 'a watcher whose client does not read goes on after the revision that did not fit (etcd #17529)',
    file: 'watch/hub.js',
    find: 'this.#fallBehind(watcher, revision);',
    replace: 'this.#fallBehind(watcher, revision + 1);',
  },
  {
    name: 'watch-progress-too-early',
    story: 'a progress notification overtakes events that are still owed (etcd #15220)',
    file: 'watch/hub.js',
    find: 'if (!stream.progressRequested || stream.behindCount > 0 || stream.hasUnreadProgress)',
    replace: 'if (!stream.progressRequested || stream.hasUnreadProgress)',
  },
  {
    name: 'watch-tells-twice',
    story: 'catching up begins at the last revision that was delivered',
    file: 'watch/hub.js',
    find: 'watcher.next = through + 1;',
    replace: 'watcher.next = through;',
  },
  {
    name: 'watch-splits-a-revision',
    story: 'catching up counts events instead of revisions, and cuts a transaction in two',
    file: 'storage/mvcc/history.js',
    find: 'if (main !== newest && ++revisions > limitRevisions)',
    replace: 'if (++revisions > limitRevisions)',
  },
  {
    name: 'watch-forgets-a-snapshot',
    story: 'watchers are not told that a snapshot took the place of the store: what it covers is never delivered',
    file: 'member/composition.js',
    find: 'this.watches.reset(revision, compactRevision);',
    replace: '',
  },
  {
    name: 'lease-ends-at-a-change-of-leader',
    story:
      'a new leader counts from the time of the grant instead of giving the full TTL again (etcd lessor, checkpoints)',
    file: 'storage/lease/deadlines.js',
    find: 'this.#add(id, ttlSeconds, options.nowMs + options.extendMs);',
    replace: 'this.#add(id, ttlSeconds, options.nowMs - ttlSeconds * 900);',
  },
  {
    name: 'lease-revoked-by-an-old-leader',
    story: 'a leader that was deposed goes on revoking by its own old deadlines (etcd #15247)',
    file: 'member/lease-keeper.js',
    find: 'demote() {\n        this.#isPrimary = false;\n        this.#deadlines.demote();',
    replace: 'demote() {',
  },
  {
    name: 'lease-renewed-by-an-old-leader',
    story: 'a renewal is acknowledged by a leader that does not ask whether it still is one',
    file: 'member/lease-keeper.js',
    find: 'await confirmLeadership(deadline);',
    replace: '',
  },
  {
    name: 'restored-without-leases',
    story: 'leases are not in what a member restores from: their keys live for ever there',
    file: 'storage/machine/restore.js',
    find: 'return lessor.grant(ID, TTL) === undefined;',
    replace: 'return ID !== TTL;',
  },
  {
    name: 'lease-keys-forgotten',
    story: 'a restored key does not hang on its lease any more',
    file: 'storage/mvcc/store.js',
    find: 'this.#links.attach(record.lease, record.key);',
    replace: ';',
  },
  {
    name: 'compare-sees-nothing',
    story: 'a compare of the create revision always holds: two owners of a lock',
    file: 'storage/mvcc/compare.js',
    find: 'return satisfies(result, record.createRevision - numberOperand(compare));',
    replace: 'return true;',
  },
];
