import { type Mutation, planted } from './mutation.ts';

/** What can be wrong with watches. */
export const WATCH_MUTATIONS: readonly Mutation[] = [
  planted('watch-loses-an-event-when-slow', {
    story: 'etcd #17529: a watcher whose client does not read goes on after the revision that did not fit',
    profile: 'slow-watchers',
    file: 'watch/hub.js',
    find: 'this.#fallBehind(watcher, first.revision);',
    replace: 'this.#fallBehind(watcher, first.revision + 1);',
  }),
  planted('watch-tells-twice', {
    story: 'a watcher that fell behind goes on with the revision that it was told last',
    profile: 'slow-watchers',
    file: 'watch/hub.js',
    find: 'this.#fallBehind(watcher, first.revision);',
    replace: 'this.#fallBehind(watcher, first.revision - 1);',
  }),
  planted('watch-event-doubled', {
    story: 'etcd #17247: a transaction of several changes tells one of them twice',
    file: 'storage/mvcc/store.js',
    find: 'this.#sub = 0;\n        return this.#changes;',
    replace:
      'this.#sub = 0;\n        return this.#changes.length > 1 ? [...this.#changes, this.#changes[0]] : this.#changes;',
  }),
  planted('watch-splits-a-revision', {
    story: 'catching up counts events instead of revisions, and cuts a transaction in two',
    profile: 'slow-watchers',
    file: 'storage/mvcc/history.js',
    find: 'if (main !== newest && ++revisions > limitRevisions)',
    replace: 'if (++revisions > limitRevisions)',
  }),
  planted('watch-fragments-unmarked', {
    story: 'fragments of one response look like whole ones: half a transaction is acted upon',
    profile: 'slow-watchers',
    file: 'watch/delivery.js',
    find: 'fragment: i < runs.length - 1',
    replace: 'fragment: false',
  }),
  planted('watch-progress-too-early', {
    story: 'etcd #15220: a progress notification overtakes events that are still owed',
    profile: 'slow-watchers',
    file: 'watch/hub.js',
    find: 'if (!stream.progressRequested || stream.behindCount > 0 || stream.hasUnreadProgress)',
    replace: 'if (!stream.progressRequested || stream.hasUnreadProgress)',
  }),
  planted('watch-of-the-future-told-old-events', {
    story: 'etcd #20221: a watch that starts at a later revision is told of earlier ones',
    profile: 'slow-watchers',
    file: 'watch/watcher.js',
    find: 'next: request.startRevision === 0 ? revision + 1 : request.startRevision,',
    replace: 'next: request.startRevision === 0 ? revision + 1 : Math.min(request.startRevision, revision + 1),',
  }),
  planted('watch-of-the-future-told-old-progress', {
    story: 'etcd #20221: and is told how far the store is before it has come to where the watch starts',
    file: 'watch/hub.js',
    find: ' && watcher.startRevision <= this.#revision)',
    replace: ')',
  }),
  planted('watch-travels-back-in-time', {
    story: 'etcd #15271: when a snapshot takes the place of the store, watchers begin again where they once started',
    profile: 'snapshots',
    file: 'watch/hub.js',
    find: 'watcher.next = Math.max(watcher.next, offered);',
    replace: '',
  }),
  planted('watch-forgets-a-snapshot', {
    story: 'watchers are not told that a snapshot took the place of the store: what it covers is never delivered',
    profile: 'snapshots',
    file: 'member/composition.js',
    find: 'this.watches.reset(revision, compactRevision);',
    replace: '',
  }),
  planted('watch-ended-without-need', {
    story: 'a watch that starts at the compact revision itself, which is still there, is cancelled',
    profile: 'slow-watchers',
    file: 'watch/hub.js',
    find: 'if (watcher.next < this.#compactRevision)',
    replace: 'if (watcher.next <= this.#compactRevision)',
  }),
  planted('prev-kv-off-by-one', {
    story: 'a watch that catches up is told the new value as the previous one',
    file: 'storage/mvcc/history.js',
    find: 'versionAt(lists, list, main - 1)',
    replace: 'versionAt(lists, list, main)',
  }),
];
