import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { Clock } from '../io/doors.ts';
import type {
  LeaseKeepAliveResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
  ResponseHeader,
} from '../proto/gen/etcd.ts';
import { Deadlines } from '../storage/lease/deadlines.ts';
import type { Applied, Machine } from '../storage/machine/machine.ts';
import { atLeader } from './at-leader.ts';
import { type Deadline, pause } from './deadline.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { PeerQuestion, PeerResult } from './peers/calls.ts';
import { resultOf } from './peers/peers.ts';

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly machine: () => Machine;
  readonly electionMs: number;
  readonly leader: () => MemberId;
  readonly isLeader: () => boolean;
  /** Resolves when this member was leader after the call, and its state is as new as the cluster's was. */
  readonly confirmLeadership: (deadline: Deadline) => Promise<void>;
  readonly ask: (member: MemberId, call: PeerQuestion, timeoutMs: number) => Promise<PeerResult>;
  readonly revoke: (id: bigint) => void;
  readonly header: () => ResponseHeader;
}

/**
 * Leases are granted and revoked through the log; when they end is known to the leader alone, and by its own clock. Renewals and
 * questions about the time that is left go to the leader, which first makes sure that it still is one.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #deadlines = new Deadlines();
  #isPrimary = false;
  #nextCheckMs = 0;

  /** Renewals while this member led. */
  renewed = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /**
   * This member leads and has applied an entry of its own term: nothing that the leader before did can be missing. Once it has
   * taken over, a no-op.
   */
  promote(): void {
    if (this.#isPrimary) return;
    const { clock, machine, electionMs } = this.#options;
    const leases = machine()
      .leaseIds()
      .map((id) => ({ id, ttlSeconds: machine().lease(id)?.grantedTtlSeconds ?? 0 }));
    this.#deadlines.promote(leases, { nowMs: clock.nowMs(), extendMs: electionMs });
    this.#isPrimary = true;
  }

  demote(): void {
    this.#isPrimary = false;
    this.#deadlines.demote();
  }

  applied(leases: Applied['leases']): void {
    for (const lease of leases) {
      if (lease.type === 'granted') this.#deadlines.granted(lease.id, lease.ttlSeconds, this.#options.clock.nowMs());
      else this.#deadlines.revoked(lease.id);
    }
  }

  /** Proposes to revoke what has run out. Returns how many. */
  tick(): number {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#isPrimary || nowMs < this.#nextCheckMs) return 0;
    this.#nextCheckMs = nowMs + MEMBER_LIMITS.leaseCheckMs;
    const expired = this.#deadlines.expired(nowMs, MEMBER_LIMITS.maxRevokesPerCheck);
    for (const id of expired) this.#options.revoke(id);
    return expired.length;
  }

  /** Renews a lease wherever its leader is; TTL 0 when there is no such lease. Errors: TIMEOUT, those of the deadline. */
  async keepAlive(id: bigint, deadline: Deadline): Promise<LeaseKeepAliveResponse> {
    const call = { case: 'leaseKeepAlive', leaseKeepAlive: { ID: id } } as const;
    return atLeader(this.#options, deadline, {
      here: () => this.keepAliveHere(id, deadline),
      there: async (leader, timeoutMs) =>
        resultOf(await this.#options.ask(leader, call, timeoutMs), 'leaseKeepAlive').leaseKeepAlive,
    });
  }

  /** What is left of a lease; TTL -1 when there is no such lease. Errors: TIMEOUT, those of the deadline. */
  async timeToLive(request: LeaseTimeToLiveRequest, deadline: Deadline): Promise<LeaseTimeToLiveResponse> {
    const call = { case: 'leaseTimeToLive', leaseTimeToLive: request } as const;
    return atLeader(this.#options, deadline, {
      here: () => this.timeToLiveHere(request, deadline),
      there: async (leader, timeoutMs) =>
        resultOf(await this.#options.ask(leader, call, timeoutMs), 'leaseTimeToLive').leaseTimeToLive,
    });
  }

  /** As the leader. Errors: NOT_LEADER. */
  async keepAliveHere(id: bigint, deadline: Deadline): Promise<LeaseKeepAliveResponse> {
    const { clock, machine, header } = this.#options;
    await this.#ensurePrimary(deadline);
    const filled = header(); // before it is renewed, as etcd does
    while (machine().lease(id) !== undefined) {
      const ttl = this.#deadlines.renew(id, clock.nowMs());
      if (ttl !== undefined) {
        this.renewed++;
        return { header: filled, ID: id, TTL: ttl };
      }
      // It has run out but is still there: whether it goes is decided by the log.
      if (clock.nowMs() >= deadline.atMs) throw new StoreError('TIMEOUT');
      await pause(clock, MEMBER_LIMITS.proposeRetryMs);
      if (!this.#isPrimary) throw new StoreError('NOT_LEADER');
    }
    return { header: filled, ID: id, TTL: 0 };
  }

  /** As the leader. Errors: NOT_LEADER. */
  async timeToLiveHere(request: LeaseTimeToLiveRequest, deadline: Deadline): Promise<LeaseTimeToLiveResponse> {
    const { clock, machine, header } = this.#options;
    await this.#ensurePrimary(deadline);
    const lease = machine().lease(request.ID);
    const remainingMs = this.#deadlines.remainingMs(request.ID, clock.nowMs());
    if (lease === undefined || remainingMs === undefined) {
      return { header: header(), ID: request.ID, TTL: -1, grantedTTL: 0, keys: [] };
    }
    const TTL = Math.max(0, Math.floor(remainingMs / 1000));
    return {
      header: header(),
      ID: request.ID,
      TTL,
      grantedTTL: lease.grantedTtlSeconds,
      keys: request.keys ? lease.keys : [],
    };
  }

  async #ensurePrimary(deadline: Deadline): Promise<void> {
    const { isLeader, confirmLeadership } = this.#options;
    if (!isLeader()) throw new StoreError('NOT_LEADER');
    await confirmLeadership(deadline);
    if (!this.#isPrimary) throw new StoreError('NOT_LEADER');
  }
}
