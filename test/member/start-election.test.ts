import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MemberId, NO_MEMBER } from '../../base/brand.ts';
import { SimClock } from '../../chaos/sim/clock.ts';
import { MEMBER_LIMITS } from '../../member/limits.ts';
import { StartElection } from '../../member/start-election.ts';
import type { RaftStatus } from '../../raft/types.ts';
import { RealCluster } from './kit.ts';

const id = (n: number): MemberId => BigInt(n) as MemberId;

/** Member `self` of three, 1 2 3, on a clock of its own. */
function starting(self: number, { listenTicks = 0 } = {}) {
  const clock = new SimClock();
  const connected = new Set<MemberId>();
  const raft = { term: 1, leader: NO_MEMBER, role: 'follower' };
  let campaigns = 0;
  const conf = { voters: [id(3), id(1), id(2)] };
  const election = new StartElection({
    clock,
    status: () => ({ ...raft, id: id(self), conf }) as unknown as RaftStatus,
    isConnected: (member) => connected.has(member),
    campaign: () => campaigns++,
    listenTicks,
  });
  return {
    election,
    raft,
    connect(member: number): void {
      connected.add(id(member));
      election.connected();
    },
    /** Campaigns since the last time. */
    campaigns(): number {
      const count = campaigns;
      campaigns = 0;
      return count;
    },
    settle: () => clock.run(MEMBER_LIMITS.startElectionSettleMs),
  };
}

test('the first of the founders stands as soon as it and another reach each other', async () => {
  const { election, connect, campaigns, settle } = starting(1);
  election.tick();
  connect(2);
  await settle();
  assert.equal(campaigns(), 0, 'what is answered would not come back');
  election.heard(id(2));
  assert.equal(campaigns(), 0);
  await settle();
  assert.equal(campaigns(), 1);
});

test('the others give each one before them a tick; a leader that may be there gets some more', () => {
  for (const [self, listenTicks, ticks] of [
    [1, 0, 1],
    [2, 0, 2],
    [3, 0, 3],
    [1, 2, 3],
    [3, 2, 5],
  ] as const) {
    const { election, connect, campaigns } = starting(self, { listenTicks });
    const other = self === 1 ? 2 : 1;
    connect(other);
    election.heard(id(other));
    for (let tick = 1; tick < ticks; tick++) {
      election.tick();
      assert.equal(campaigns(), 0, `member ${self}, tick ${tick}`);
    }
    election.tick();
    assert.equal(campaigns(), 1, `member ${self}, tick ${ticks}`);
  }
});

test('nobody stands early any more once somebody has, or when it took too long', () => {
  for (const change of [{ leader: id(2) }, { term: 2 }, { role: 'candidate' }]) {
    const { election, connect, campaigns, raft } = starting(1);
    connect(2);
    Object.assign(raft, change);
    election.heard(id(2));
    election.tick();
    Object.assign(raft, { term: 1, leader: NO_MEMBER, role: 'follower' });
    election.tick();
    assert.equal(campaigns(), 0, JSON.stringify(Object.keys(change)));
  }
  const { election, connect, campaigns } = starting(1);
  for (let tick = 0; tick <= MEMBER_LIMITS.startElectionTicks; tick++) election.tick();
  connect(2);
  election.heard(id(2));
  election.tick();
  assert.equal(campaigns(), 0);
});

test('a cluster has a leader long before an election timeout: founded, and started again', {
  timeout: 60_000,
}, async () => {
  const tickMs = 1000;
  const cluster = await RealCluster.create(3, { tickMs });
  for (const what of ['founded', 'started again']) {
    const startedMs = performance.now();
    await cluster.start();
    await cluster.leader();
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < 9 * tickMs, `${what}: ${tookMs} ms; no timeout is shorter than ${10 * tickMs} ms`);
    for (const name of cluster.names) await cluster.kill(name);
  }
});
