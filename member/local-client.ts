import { StoreError } from '../base/store-error.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import type { CallCredentials, CallOptions, KvClient, WatchStream } from '../client/kv-client.ts';
import type { CommandBody } from '../proto/command.ts';
import type { Identity } from '../proto/gen/command.ts';
import {
  AlarmAction,
  AlarmType,
  type CompactionRequest,
  type CompactionResponse,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type HashKVResponse,
  type HashResponse,
  type LeaseGrantRequest,
  type LeaseGrantResponse,
  type LeaseKeepAliveResponse,
  type LeaseLeasesResponse,
  type LeaseRevokeRequest,
  type LeaseRevokeResponse,
  type LeaseTimeToLiveRequest,
  type LeaseTimeToLiveResponse,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type ResponseHeader,
  type SnapshotResponse,
  type StatusResponse,
  type TxnRequest,
  type TxnResponse,
} from '../proto/gen/etcd.ts';
import { checkDeleteRangeRequest, checkPutRequest, checkRangeRequest, checkTxnRequest } from '../proto/validate.ts';
import {
  checkEach,
  checkLeaseKeys,
  checkRange,
  checkRoot,
  checkSomebody,
  checkTxn,
  type Rights,
} from '../storage/auth/authorize.ts';
import { isFenced } from '../storage/machine/alarms.ts';
import type { ActiveAlarm, Outcome } from '../storage/machine/machine.ts';
import { isReadOnlyTxn, isSerializableTxn } from '../storage/mvcc/txn.ts';
import { type Access, OWN_ACCESS, publicAccess } from './auth/access.ts';
import type { RightsCheck } from './auth/auth-gate.ts';
import { deadlineOf, withDeadline } from './deadline.ts';
import { EtcdSnapshots } from './etcd-snapshots.ts';
import { LocalCluster } from './local-cluster.ts';
import { LocalWatchStream } from './local-watch.ts';
import type { Member } from './member.ts';
import { type Accepted, Proposed } from './proposed.ts';
import { streamRange } from './range-stream.ts';
import { alarmName } from './upkeep.ts';

/**
 * The store as the member's own process sees it: everything that the gRPC server serves, without a socket. Nobody is asked who they are:
 * for whom others reach is `publicClient`.
 */
export function localClient(member: Member): KvClient {
  return new LocalClient(member, OWN_ACCESS);
}

/** The store as a member's clients see it: always in the name of whom the call's credentials name. */
export function publicClient(member: Member): KvClient {
  return new LocalClient(member, publicAccess(member));
}

class LocalClient implements KvClient {
  readonly #member: Member;
  readonly #access: Access;
  readonly #snapshots: EtcdSnapshots;
  readonly #cluster: LocalCluster;

  constructor(member: Member, access: Access) {
    this.#member = member;
    this.#access = access;
    this.#snapshots = new EtcdSnapshots(member);
    this.#cluster = new LocalCluster(member);
  }

  async range(request: RangeRequest, options?: CallOptions): Promise<RangeResponse> {
    checkRangeRequest(request);
    if (!request.serializable) await this.#barrier(options);
    const known = this.#access.who(options);
    const who = known instanceof Promise ? await known : known;
    this.#member.assertServing();
    this.#assertMay(who, (rights) => checkRange(rights, request));
    this.#member.countRange();
    const plan = this.#member.machine.range(request);
    if (plan.type === 'error') throw plan.error;
    const { kvs, more, count, revision } =
      plan.type === 'ready' ? plan : plan.finish(await this.#fetch(plan.revisions, options));
    return { header: this.#member.header(revision), kvs, more, count };
  }

  rangeStream(request: RangeRequest, options?: CallOptions): AsyncIterable<RangeResponse> {
    return streamRange(request, (piece) => this.range(piece, options));
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResponse> {
    checkPutRequest(request);
    const { outcome, revision } = await this.#propose({ case: 'put', put: request }, 'put', options);
    return { header: this.#member.header(revision), prevKv: outcome.prevKv };
  }

  async deleteRange(request: DeleteRangeRequest, options?: CallOptions): Promise<DeleteRangeResponse> {
    checkDeleteRangeRequest(request);
    const { response } = await this.#outcomeOf({ case: 'deleteRange', deleteRange: request }, 'deleteRange', options);
    return { ...response, header: this.#header(response.header) };
  }

  async txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    checkTxnRequest(request, this.#member.config.maxTxnOps);
    if (isReadOnlyTxn(request)) return this.#readTxn(request, options);
    const { response } = await this.#outcomeOf({ case: 'txn', txn: request }, 'txn', options);
    return { ...response, header: this.#header(response.header) };
  }

  async compact(request: CompactionRequest, options?: CallOptions): Promise<CompactionResponse> {
    const { response } = await this.#outcomeOf({ case: 'compaction', compaction: request }, 'compact', options);
    if (request.physical) {
      // The server sets itself no limit here: a million keys take their time. Source: etcd v3_server.go, Compact.
      const { clock } = this.#member.doors;
      const callers = deadlineOf(clock, options, Number.POSITIVE_INFINITY);
      await withDeadline(clock, callers, this.#member.compactedPhysically());
    }
    return { header: this.#header(response.header) };
  }

  watch(options?: { readonly requireLeader?: boolean; readonly credentials?: CallCredentials }): WatchStream {
    const { requireLeader = false, credentials } = options ?? {};
    return new LocalWatchStream(this.#member, {
      requireLeader,
      access: this.#access,
      ...(credentials !== undefined && { credentials }),
    });
  }

  async leaseGrant(request: LeaseGrantRequest, options?: CallOptions): Promise<LeaseGrantResponse> {
    const { times, doors } = this.#member;
    const chosen = request.ID === 0n ? positiveId(doors.random.bytes(8)) : request.ID;
    const leaseGrant = { ID: chosen, TTL: Math.max(request.TTL, times.minLeaseSeconds) };
    const { response } = await this.#outcomeOf({ case: 'leaseGrant', leaseGrant }, 'leaseGrant', options);
    return { ...response, header: this.#header(response.header) };
  }

  async leaseRevoke(request: LeaseRevokeRequest, options?: CallOptions): Promise<LeaseRevokeResponse> {
    const { response } = await this.#outcomeOf({ case: 'leaseRevoke', leaseRevoke: request }, 'leaseRevoke', options);
    return { header: this.#header(response.header) };
  }

  async leaseKeepAlive(id: bigint, options?: CallOptions): Promise<LeaseKeepAliveResponse> {
    this.#assertVoter();
    await this.#mayRenew(id, options);
    const header = this.#member.header(); // before it is renewed, as etcd does
    const renewed = await this.#member.leases.keepAlive(id, this.#member.deadline(options));
    return { ...renewed, header };
  }

  async leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: CallOptions): Promise<LeaseTimeToLiveResponse> {
    this.#assertVoter();
    await this.#demand(checkSomebody, options);
    const left = await this.#member.leases.timeToLive(request, this.#member.deadline(options));
    if (left.keys.length > 0) await this.#demand((rights) => checkEach(rights, 'read', left.keys), options);
    return { ...left, header: this.#member.header() };
  }

  async leaseLeases(options?: CallOptions): Promise<LeaseLeasesResponse> {
    await this.#barrier(options);
    const who = await this.#access.who(options);
    const { machine } = this.#member;
    this.#assertMay(who, (rights) => checkSomebody(rights) ?? checkAllLeases(rights, machine));
    return { header: this.#member.header(), leases: machine.leaseIds().map((ID) => ({ ID })) };
  }

  memberList: ClusterClient['memberList'] = async (request, options) => {
    await this.#demand(checkSomebody, options);
    return this.#cluster.memberList(request, options);
  };
  memberAdd: ClusterClient['memberAdd'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.memberAdd(request, options);
  };
  memberRemove: ClusterClient['memberRemove'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.memberRemove(request, options);
  };
  memberUpdate: ClusterClient['memberUpdate'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.memberUpdate(request, options);
  };
  memberPromote: ClusterClient['memberPromote'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.memberPromote(request, options);
  };
  moveLeader: ClusterClient['moveLeader'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.moveLeader(request, options);
  };
  alarm: ClusterClient['alarm'] = async (request, options) => {
    await this.#demand(request.action === AlarmAction.GET ? checkSomebody : checkRoot, options);
    return this.#cluster.alarm(request, options);
  };
  defragment: ClusterClient['defragment'] = async (options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.defragment();
  };
  downgrade: ClusterClient['downgrade'] = async (request, options) => {
    await this.#demand(checkRoot, options);
    return this.#cluster.downgrade(request);
  };

  async status(options?: CallOptions): Promise<StatusResponse> {
    const member = this.#member;
    member.assertRunning();
    await this.#demand(checkSomebody, options);
    const size = await withDeadline(member.doors.clock, member.deadline(options), member.replica.writer.backend.size());
    const { leader, term, commit, applied } = member.raftStatus();
    // Another member that has fenced itself is no reason not to be sent to this one.
    const isOurs = (active: ActiveAlarm): boolean => !isFenced(active) || active.memberID === member.id;
    return {
      header: member.header(),
      version: member.config.serverVersion,
      dbSize: size.totalBytes,
      dbSizeInUse: size.liveBytes,
      dbSizeQuota: member.config.quotaBytes ?? 0,
      leader,
      raftTerm: term,
      raftIndex: commit,
      raftAppliedIndex: applied,
      errors: [
        ...(leader === 0n ? ['etcdserver: no leader'] : []),
        ...member.machine.alarms(AlarmType.NONE).filter(isOurs).map(alarmText),
      ],
      isLearner: member.isLearner,
      downgradeInfo: { enabled: false, targetVersion: '' },
      storageVersion: member.config.serverVersion.replace(/^(\d+\.\d+)\..*$/, '$1.0'),
    };
  }

  async hashKv(request: { readonly revision: number }, options?: CallOptions): Promise<HashKVResponse> {
    const member = this.#member;
    member.assertRunning();
    await this.#demand(checkRoot, options);
    return withDeadline(member.doors.clock, member.deadline(options), member.hashKv(request.revision));
  }

  async hash(options?: CallOptions): Promise<HashResponse> {
    await this.#demand(checkRoot, options);
    return { header: this.#member.header(), hash: await this.#snapshots.hash(options) };
  }

  async *snapshot(options?: CallOptions): AsyncGenerator<SnapshotResponse, void> {
    await this.#demand(checkRoot, options);
    yield* this.#snapshots.stream(options);
  }

  /** The member goes on; it belongs to whoever started it. */
  async close(): Promise<void> {}

  async #readTxn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    if (!isSerializableTxn(request)) await this.#barrier(options);
    const who = await this.#access.who(options);
    this.#member.assertServing();
    const leases = { get: (id: bigint) => this.#member.machine.lease(id) };
    this.#assertMay(who, (rights) => checkTxn(rights, leases, request));
    const plan = this.#member.machine.readTxn(request);
    if (plan.type === 'error') throw plan.error;
    const { response } = plan.type === 'ready' ? plan : plan.finish(await this.#fetch(plan.revisions, options));
    return { ...response, header: this.#header(response.header) };
  }

  async #outcomeOf<T extends Outcome['type']>(
    body: CommandBody,
    expected: T,
    options: CallOptions | undefined,
  ): Promise<Extract<Outcome, { type: T }>> {
    return (await this.#propose(body, expected, options)).outcome;
  }

  /** Errors are thrown at once, or those of the promise. */
  #propose<T extends Outcome['type']>(
    body: CommandBody,
    expected: T,
    options: CallOptions | undefined,
  ): Promise<Accepted<T>> {
    this.#assertVoter();
    const member = this.#member;
    member.assertServing();
    const proposed = new Proposed(member, body, expected, member.deadline(options));
    return this.#access.run(options?.credentials, proposed.deadline, proposed);
  }

  #assertMay(who: Identity | undefined, check: RightsCheck): void {
    const refusal = this.#access.refusal(who, check);
    if (refusal !== undefined) throw refusal;
  }

  /** For what is not read from this member's state in one turn. */
  async #demand(check: RightsCheck, options: CallOptions | undefined): Promise<void> {
    this.#assertMay(await this.#access.who(options), check);
  }

  /** To renew a lease is to keep its keys: one must be able to write them. */
  async #mayRenew(id: bigint, options: CallOptions | undefined): Promise<void> {
    const { machine } = this.#member;
    if (this.#access === OWN_ACCESS || !machine.auth.enabled) return;
    await this.#barrier(options); // what hangs on the lease must be known
    const leases = { get: () => this.#member.machine.lease(id) };
    await this.#demand((rights) => checkSomebody(rights) ?? checkLeaseKeys(rights, 'write', leases, id), options);
  }

  #barrier(options: CallOptions | undefined): Promise<void> {
    this.#assertVoter();
    return this.#member.readBarrier(this.#member.deadline(options));
  }

  #fetch(
    revisions: Parameters<Member['replica']['writer']['readRevisions']>[0],
    options?: CallOptions,
  ): Promise<readonly Uint8Array[]> {
    const { doors, replica } = this.#member;
    return withDeadline(doors.clock, this.#member.deadline(options), replica.writer.readRevisions(revisions));
  }

  #header(header: ResponseHeader | undefined): ResponseHeader {
    return this.#member.header(header?.revision);
  }

  /** A learner serves only what may be stale. Source: etcd, isRPCSupportedForLearner. */
  #assertVoter(): void {
    if (this.#member.isLearner) throw new StoreError('LEARNER_UNSUPPORTED');
  }
}

/** As etcd's status names an alarm: the text form of its message, blank at the end included. */
function alarmText(active: ActiveAlarm): string {
  return `memberID:${active.memberID} alarm:${alarmName(active)} `;
}

/** Who may not read a key may not learn that a lease holds it: nor, as in etcd, see the list at all. */
function checkAllLeases(rights: Rights, machine: Member['machine']): StoreError | undefined {
  if (!rights.auth.enabled || checkRoot(rights) === undefined) return undefined;
  for (const id of machine.leaseIds()) {
    const error = checkEach(rights, 'read', machine.lease(id)?.keys ?? []);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** A lease id of etcd's kind: 63 bits, not 0. */
function positiveId(bytes: Uint8Array): bigint {
  let id = 0n;
  for (const byte of bytes) id = (id << 8n) | BigInt(byte);
  return BigInt.asUintN(63, id) || 1n;
}
