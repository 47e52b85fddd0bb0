import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../../../base/assert.ts';
import type { AcknowledgedUpdate, LeaseVersion, Term } from '../../checkers/elections.ts';
import type { KubeClient, Outcome, Place } from './client.ts';
import type { Fields, KubeObject } from './object.ts';

/** How client-go names them; the values are a fifth of what kube-controller-manager uses. */
export const ELECTION = {
  leaseDurationMs: 3_000,
  renewDeadlineMs: 2_000,
  retryPeriodMs: 400,
} as const;

assert(ELECTION.renewDeadlineMs < ELECTION.leaseDurationMs, 'a leader gives up before others may take over');
assert(ELECTION.retryPeriodMs * 2 < ELECTION.renewDeadlineMs, 'a leader tries to renew more than once');

/** A lease as it is read. */
interface LeaseRecord {
  readonly holder: string;
  readonly durationMs: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
}

/**
 * One candidate, as client-go's LeaderElector over a LeaseLock: it takes a lease that it has not seen change for as long as the lease says,
 * renews it while it leads, and gives up when that does not get through in time. Source: client-go tools/leaderelection/leaderelection.go.
 */
export class Elector {
  readonly identity: string;
  readonly versions: LeaseVersion[] = [];
  readonly updates: AcknowledgedUpdate[] = [];
  readonly terms: Term[] = [];
  readonly #api: KubeClient;
  readonly #place: Place;
  #observed: { readonly object: KubeObject; readonly record: LeaseRecord; readonly atMs: number } | undefined;
  /** While it leads: since when, with which token, and until when it may think so. */
  #term: { readonly fromMs: number; readonly token: number; untilMs: number } | undefined;

  constructor(api: KubeClient, place: Place, identity: string) {
    this.#api = api;
    this.#place = place;
    this.identity = identity;
  }

  /** The fencing token of its term; undefined when it does not lead, or may not think so any more. */
  get token(): number | undefined {
    return this.#term !== undefined && performance.now() < this.#term.untilMs ? this.#term.token : undefined;
  }

  /** Stands for election until `until` aborts; gives the lease back then when it holds it. */
  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.#tryAcquireOrRenew();
      if (this.#term !== undefined && performance.now() >= this.#term.untilMs) this.#endTerm(this.#term.untilMs);
      await sleep(ELECTION.retryPeriodMs);
    }
    await this.#release();
  }

  async #tryAcquireOrRenew(): Promise<void> {
    const isLeader = this.token !== undefined;
    // Who leads tries with what it knows first; a read is only needed when that is stale.
    if (isLeader && this.#observed !== undefined && (await this.#write(this.#observed))) return;
    const found = await this.#api.get(this.#place, CALL);
    if (found.type === 'refused' && found.status.reason === 'NotFound') {
      await this.#write(undefined);
      return;
    }
    if (found.type !== 'done') return;
    this.#observe(found.value);
    const observed = this.#observed;
    if (observed === undefined) return;
    const { holder, durationMs } = observed.record;
    const isFree = holder === '' || holder === this.identity || observed.atMs + durationMs <= performance.now();
    if (holder !== this.identity) this.#endTerm(performance.now());
    if (isFree) await this.#write(observed);
  }

  /** Creates or updates the lease in its own name. Resolves to whether that was acknowledged. */
  async #write(observed: { readonly object: KubeObject; readonly record: LeaseRecord } | undefined): Promise<boolean> {
    const now = microTime();
    const mine = observed?.record.holder === this.identity;
    const record: LeaseRecord = {
      holder: this.identity,
      durationMs: ELECTION.leaseDurationMs,
      acquireTime: mine ? observed.record.acquireTime : now,
      renewTime: now,
      transitions: observed === undefined ? 0 : observed.record.transitions + (mine ? 0 : 1),
    };
    const sentMs = performance.now();
    const outcome = await this.#put(record, observed?.object);
    if (outcome.type !== 'done') return false;
    this.#acknowledged(outcome.value, observed?.object.resourceVersion ?? 0);
    if (this.#term !== undefined && this.#term.token !== record.transitions) this.#endTerm(this.#term.untilMs);
    const untilMs = sentMs + ELECTION.renewDeadlineMs;
    if (this.#term === undefined) this.#term = { fromMs: performance.now(), token: record.transitions, untilMs };
    else this.#term.untilMs = untilMs;
    return true;
  }

  /** So that the next one need not wait. */
  async #release(): Promise<void> {
    const observed = this.#observed;
    const isLeader = this.token !== undefined;
    // It stops to lead before it says so.
    this.#endTerm(performance.now());
    if (!isLeader || observed === undefined) return;
    const record: LeaseRecord = { ...observed.record, holder: '', durationMs: 1_000, renewTime: microTime() };
    const outcome = await this.#put(record, observed.object);
    if (outcome.type === 'done') this.#acknowledged(outcome.value, observed.object.resourceVersion);
  }

  #put(record: LeaseRecord, replaced: KubeObject | undefined): Promise<Outcome<KubeObject>> {
    const lease = leaseOf(this.#place.name, record, replaced?.resourceVersion);
    return replaced === undefined
      ? this.#api.create(this.#place, lease, CALL)
      : this.#api.update(this.#place, lease, CALL);
  }

  #acknowledged(object: KubeObject, replaces: number): void {
    this.updates.push({ by: this.identity, replaces, resourceVersion: object.resourceVersion });
    this.#observe(object);
  }

  /** The time counts from when a change was seen first, by the own clock: those of others need not agree. */
  #observe(object: KubeObject): void {
    const record = recordOf(object);
    this.versions.push({
      resourceVersion: object.resourceVersion,
      holder: record.holder,
      transitions: record.transitions,
    });
    const isNew = this.#observed?.object.resourceVersion !== object.resourceVersion;
    this.#observed = { object, record, atMs: isNew ? performance.now() : (this.#observed?.atMs ?? 0) };
  }

  #endTerm(untilMs: number): void {
    if (this.#term === undefined) return;
    const { fromMs, token } = this.#term;
    this.terms.push({
      holder: this.identity,
      transitions: token,
      from: fromMs,
      until: Math.min(untilMs, this.#term.untilMs),
    });
    this.#term = undefined;
  }
}

/** client-go bounds a call of an election by half of the renew deadline. */
const CALL = { timeoutMs: ELECTION.renewDeadlineMs / 2 };

/** meta/v1 MicroTime. */
const microTime = (): string => `${new Date().toISOString().slice(0, -1)}000Z`;

function leaseOf(name: string, record: LeaseRecord, resourceVersion: number | undefined): Fields {
  const version = resourceVersion === undefined ? {} : { resourceVersion: String(resourceVersion) };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...version },
    spec: {
      holderIdentity: record.holder,
      leaseDurationSeconds: record.durationMs / 1_000,
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

function recordOf({ spec }: KubeObject): LeaseRecord {
  const text = (name: string): string => (typeof spec[name] === 'string' ? spec[name] : '');
  const number = (name: string): number => (typeof spec[name] === 'number' ? spec[name] : 0);
  return {
    holder: text('holderIdentity'),
    durationMs: number('leaseDurationSeconds') * 1_000,
    acquireTime: text('acquireTime'),
    renewTime: text('renewTime'),
    transitions: number('leaseTransitions'),
  };
}
