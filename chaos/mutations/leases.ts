import { type Mutation, planted } from './mutation.ts';

/** What can be wrong with leases, and with the locks that rest on them. */
export const LEASE_MUTATIONS: readonly Mutation[] = [
  planted('lease-ends-at-a-change-of-leader', {
    story: 'a new leader counts from the time of the grant instead of giving the full TTL again',
    profile: 'leases',
    file: 'storage/lease/deadlines.js',
    find: 'this.#add(id, ttlSeconds, options.nowMs + options.extendMs);',
    replace: 'this.#add(id, ttlSeconds, options.nowMs - ttlSeconds * 900);',
  }),
  planted('lease-deadlines-of-an-earlier-office', {
    story:
      'a leader that was deposed and comes back goes on with the deadlines that it had: renewals elsewhere do not count',
    profile: 'leases',
    file: 'member/lease-keeper.js',
    find: 'demote() {\n        this.#isPrimary = false;\n        this.#deadlines.demote();',
    replace: 'demote() {',
  }),
  planted('lease-revoked-by-an-old-leader', {
    story:
      'etcd #12528, #15247: what a deposed leader wants to revoke is handed on to its successor, which has renewed it',
    profile: 'leases',
    file: 'member/composition.js',
    find: "const data = sealCommand(this.#freshId(), { case: 'leaseRevoke', leaseRevoke: { ID } });\n                this.driver.append({ type: 'normal', data });",
    replace:
      "void this.proposals.propose({ case: 'leaseRevoke', leaseRevoke: { ID } }, this.#member.deadline()).catch(() => undefined);",
  }),
  planted('lease-renewed-by-an-old-leader', {
    story: 'etcd #15247: a renewal is acknowledged by a leader that does not ask whether it still is one',
    profile: 'leases',
    file: 'member/lease-keeper.js',
    find: 'await confirmLeadership(deadline);',
    replace: '',
  }),
  planted('lease-renewal-not-armed', {
    story: 'a renewal is acknowledged, the alarm clock stays where it was',
    profile: 'leases',
    file: 'storage/lease/deadlines.js',
    find: 'this.#wake(deadline, deadline.atMs);',
    replace: '',
  }),
  planted('lease-takes-a-detached-key', {
    story: 'a key that was put on another lease, or on none, goes with the first one',
    profile: 'leases',
    file: 'storage/mvcc/store.js',
    find: 'if (before !== 0n)\n            this.#links.detach(before, name);\n        if (lease',
    replace: 'if (lease',
  }),
  planted('restored-without-leases', {
    story: 'leases are not in what a member restores from: their keys live for ever there',
    profile: 'leases',
    file: 'storage/machine/restore.js',
    find: 'return lessor.grant(ID, TTL) === undefined;',
    replace: 'return ID !== TTL;',
  }),
  planted('lease-keys-forgotten', {
    story: 'a restored key does not hang on its lease any more',
    profile: 'leases',
    file: 'storage/mvcc/restore.js',
    find: 'store.link(key, id, fields.lease);',
    replace: 'keys.records.setLease(id, fields.lease);',
  }),
];
