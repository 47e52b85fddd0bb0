import { type Mutation, planted } from './mutation.ts';

/** What can be wrong with consensus. */
export const CONSENSUS_MUTATIONS: readonly Mutation[] = [
  planted('commit-of-an-old-term', {
    story: 'Raft paper, figure 8: a leader counts copies of entries of earlier terms',
    profile: 'figure-eight',
    file: 'raft/leader.js',
    find: 'if (reached <= log.commit || log.termOf(reached) !== core.term)',
    replace: 'if (reached <= log.commit)',
  }),
  planted('commit-counts-who-is-held-back', {
    story: 'thrifty replication: what is held back from a follower counts as if it were there',
    profile: 'unattended',
    file: 'raft/leader.js',
    find: '(voter) => leadership.progress.get(voter)?.match ?? 0)',
    replace:
      '(voter) => leadership.progress.get(voter)?.deferred ? log.lastIndex : (leadership.progress.get(voter)?.match ?? 0))',
  }),
  planted('votes-twice', {
    story: 'Raft paper §5.2: one vote in a term',
    profile: 'figure-eight',
    file: 'raft/follower.js',
    find: 'const isFree = core.vote === from || (core.vote === NO_MEMBER && core.leader === NO_MEMBER);',
    replace: 'const isFree = true;',
  }),
  planted('votes-for-a-short-log', {
    story: 'Raft paper §5.4.1: a vote goes to a log that is at least as complete',
    profile: 'slow-disks',
    file: 'raft/follower.js',
    find: 'const granted = mayVote && core.log.isUpToDate(message.lastIndex, message.lastTerm);',
    replace: 'const granted = mayVote;',
  }),
  planted('old-leader-obeyed', {
    story: 'Raft paper §5.1: messages of an older term are taken like others',
    profile: 'deposed',
    file: 'raft/dispatch.js',
    find: 'if (message.term < core.term)',
    replace: 'if (message.term < 0)',
  }),
  planted('append-without-the-term-check', {
    story: 'log matching, Raft paper §5.3: the entry before is there, its term is not looked at',
    profile: 'figure-eight',
    file: 'raft/follower.js',
    find: 'if (prev === message.prevIndex && log.termOf(prev) !== message.prevTerm)',
    replace: 'if (prev === message.prevIndex && log.termOf(prev) === undefined)',
  }),
  planted('commit-beyond-the-match', {
    story: 'a heartbeat tells a follower to commit what it may not have',
    file: 'raft/leader.js',
    find: 'commit: Math.min(match, core.log.commit)',
    replace: 'commit: core.log.commit',
  }),
  planted('read-without-a-quorum', {
    story: 'Raft thesis §6.4: ReadIndex is answered by a leader that may be deposed',
    profile: 'deposed',
    file: 'raft/leader.js',
    find: 'core.reads.confirm(context)',
    replace: 'core.reads.confirm(Number.POSITIVE_INFINITY)',
  }),
  planted('read-context-reused', {
    story: 'an answer to an earlier round confirms a new one (etcd raft, a context of ReadIndex used twice)',
    profile: 'deposed',
    file: 'raft/read-index.js',
    find: 'context: ++this.#lastContext,',
    replace: 'context: (this.#lastContext = 1),',
  }),
  planted('read-before-own-commit', {
    story: 'Raft thesis §6.4, etcd PR #21378: a new leader serves reads before it knows what is committed',
    profile: 'slow-disks',
    file: 'raft/leader.js',
    find: 'if (core.log.termOf(core.log.commit) !== core.term || !core.reads.start(core.log.commit))',
    replace: 'if (!core.reads.start(core.log.commit))',
  }),
  planted('read-before-applied', {
    story: 'a confirmed read does not wait until its index is applied',
    file: 'member/linearizable-reads.js',
    find: 'if (index > applied.index) {',
    replace: 'if (index < 0) {',
  }),
  planted('read-joins-a-round-under-way', {
    story: 'a read is served by a round that began before it',
    profile: 'far-apart',
    file: 'member/linearizable-reads.js',
    find: 'for (const waiter of round.waiters)',
    replace: 'for (const waiter of [...round.waiters, ...this.#waiting.splice(0)])',
  }),
  planted('retried-in-doubt', {
    story: 'a proposal is sent again although the first may have been received: applied twice',
    profile: 'far-apart',
    file: 'member/proposals.js',
    find: 'if (error instanceof NotSentError)',
    replace: 'if (error !== undefined)',
  }),
  planted('acknowledged-by-index', {
    story:
      'Raft paper §8: whatever is applied at its index counts as the proposal, though another leader put something else there',
    profile: 'deposed',
    file: 'member/proposals.js',
    find: 'takePlaced(applied.index, this.#overtaken);',
    replace: 'takePlaced(applied.index, (placed) => this.#pending.has(placed) && placed.resolve(applied));',
  }),
  planted('two-changes-at-once', {
    story: 'Ongaro, 2015: membership changes overlap, and majorities do not meet',
    profile: 'reconfigured',
    file: 'raft/leader.js',
    find: 'if (leadership.pendingConfIndex > core.log.applied)\n        return false;',
    replace: '',
  }),
  planted('configuration-not-kept', {
    story: 'who votes is not in what a member restores from: it counts by an old configuration',
    profile: 'members',
    file: 'storage/machine/commands/member.js',
    find: 'state.rows.push(confRow(state.membership.conf));',
    replace: '',
  }),
];
