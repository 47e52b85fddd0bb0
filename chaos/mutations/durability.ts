import { type Mutation, planted } from './mutation.ts';

/** What can be wrong with the way that promises reach a disk, and come back from it. */
export const DURABILITY_MUTATIONS: readonly Mutation[] = [
  planted('lost-hard-state', {
    story: 'Raft paper §5.2: term and vote are not written, a member that restarts votes again in a term',
    file: 'member/driver.js',
    find: '{ hardState: ready.hardState, entries: ready.entries }',
    replace: '{ hardState: undefined, entries: ready.entries }',
  }),
  planted('fsync-skipped', {
    story: 'entries are acknowledged when the kernel has them',
    profile: 'blackouts',
    file: 'member/driver.js',
    find: '{ sync: ready.mustSync }',
    replace: '{ sync: false }',
  }),
  planted('acknowledged-before-written', {
    story: 'Raft thesis §10.2.1: append responses and votes leave together with what needs no disk',
    profile: 'blackouts',
    file: 'member/driver.js',
    find: 'send(ready.messages);',
    replace: 'send([...ready.messages, ...ready.messagesAfterPersist]);',
  }),
  {
    name: 'alone-acknowledged-first',
    story: 'etcd #14370: a cluster of one commits, applies and answers before its only disk has the entry',
    profile: 'alone',
    edits: [
      {
        file: 'raft/log.js',
        find: 'return Math.min(this.#commit, this.#stable);',
        replace: 'return this.#commit;',
      },
      {
        file: 'raft/leader.js',
        find: 'leaveJointWhenDue(core, leadership);\n    replicate',
        replace:
          'leaveJointWhenDue(core, leadership);\n    if (leadership.progress.get(core.id)?.advanceTo(core.log.lastIndex))\n        advanceCommit(core, leadership);\n    replicate',
      },
    ],
  },
  {
    name: 'failed-fsync-ignored',
    story: 'fsyncgate: the error is swallowed, and what the kernel dropped counts as written',
    profile: 'rot',
    edits: [
      {
        file: 'storage/wal/segmented-wal.js',
        find: 'await this.#segment.sync();',
        replace: 'await this.#segment.sync().catch(() => undefined);',
      },
      // Most writes are durable when they end, without an fsync of their own.
      {
        file: 'storage/wal/segment.js',
        find: '{ durable: isSynced });',
        replace: '{ durable: isSynced }).catch(() => undefined);',
      },
    ],
  },
  planted('torn-tail-accepted', {
    story: 'a record is taken for whole without its checksum',
    profile: 'blackouts',
    file: 'storage/wal/frame.js',
    find: 'if (checksum !== header.bodyChecksum)',
    replace: 'if (start > end)',
  }),
  planted('log-released-unsynced', {
    story: 'the log is shortened before the backend has synced what its oldest entries did',
    profile: 'blackouts',
    file: 'member/log-compactor.js',
    find: 'await replica.writer.backend.sync();',
    replace: '',
  }),
  planted('applied-index-behind', {
    story: 'etcd #11651: the applied index is not the data’s own, an entry is applied again after a restart',
    file: 'storage/machine/create.js',
    find: 'rows.push(appliedRow(applied, appliedTerm));',
    replace: 'rows.push(appliedRow(Math.max(1, applied - 1), appliedTerm));',
  }),
  planted('applied-index-ahead', {
    story:
      'etcd #13766 (3.5.0 to 3.5.2): the applied index is written ahead of the data, an entry is lost on this member',
    file: 'storage/machine/create.js',
    find: 'rows.push(appliedRow(applied, appliedTerm));',
    replace: 'rows.push(appliedRow(applied + 1, appliedTerm));',
  }),
  planted('revision-used-again', {
    story: 'etcd #17780: after a restart the store goes on at an earlier revision',
    file: 'storage/mvcc/restore.js',
    find: 'this.#store.revision = Math.max(this.#store.revision, at.main);',
    replace: 'this.#store.revision = Math.max(this.#store.revision, at.main - 1);',
  }),
  planted('created-anew-by-a-restart', {
    story: 'a restored key is as if it had just been created: locks and compares of the create revision break',
    file: 'storage/mvcc/restore.js',
    find: 'keys.records.setNewest(id, fields.createRevision, main, sub, fields.version);',
    replace: 'keys.records.setNewest(id, main, main, sub, fields.version);',
  }),
  planted('record-given-twice-after-a-checkpoint', {
    story: 'after a start from what a clean stop has kept, a new key takes the record of another',
    profile: 'members',
    file: 'storage/mvcc/arena.js',
    find: 'this.#next = numbers.next;',
    replace: 'this.#next = Math.max(1, numbers.next - 1);',
  }),
  planted('other-values-in-a-checkpoint', {
    story: 'what is read later of a checkpoint is not what was there',
    profile: 'snapshots',
    file: 'storage/mvcc/slabs.js',
    find: 'bytes: slab.bytes.subarray(0, used)',
    replace: 'bytes: slab.bytes.slice(0, used).reverse()',
  }),
  planted('restored-without-users', {
    story: 'etcd #14571: users and roles of a member that restarted are not those of the others',
    profile: 'blackouts',
    file: 'storage/machine/restore.js',
    find: 'return restoreAuthRow(this.#state.auth, key, value);',
    replace: 'return true;',
  }),
  planted('snapshot-newer-than-its-data', {
    story: 'a snapshot is named after what is applied now, and holds what was written a moment ago',
    profile: 'snapshots',
    file: 'member/snapshot-transfer.js',
    find: 'const meta = await metaOf(view);',
    replace:
      'const { applied: index, appliedTerm: term } = replica.machine;\n            const meta = { ...(await metaOf(view)), index, term };',
  }),
];
