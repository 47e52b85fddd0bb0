import { StoreError } from '../base/store-error.ts';
import type { CallOptions, KvClient, WatchStream } from '../client/kv-client.ts';
import type { CommandBody } from '../proto/command.ts';
import type {
  CompactionRequest,
  CompactionResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeRequest,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseHeader,
  SnapshotResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
} from '../proto/gen/etcd.ts';
import { checkDeleteRangeRequest, checkPutRequest, checkRangeRequest, checkTxnRequest } from '../proto/validate.ts';
import type { Outcome } from '../storage/machine/machine.ts';
import { isReadOnlyTxn, isSerializableTxn } from '../storage/mvcc/txn.ts';
import { withDeadline } from './deadline.ts';
import { EtcdSnapshots } from './etcd-snapshots.ts';
import { LocalWatchStream } from './local-watch.ts';
import type { Member } from './member.ts';

/** The store as a client in the member's own process sees it: everything that the gRPC server serves, without a socket. */
export function localClient(member: Member): KvClient {
  return new LocalClient(member);
}

class LocalClient implements KvClient {
  readonly #member: Member;
  readonly #snapshots: EtcdSnapshots;

  constructor(member: Member) {
    this.#member = member;
    this.#snapshots = new EtcdSnapshots(member);
  }

  async range(request: RangeRequest, options?: CallOptions): Promise<RangeResponse> {
    checkRangeRequest(request);
    if (!request.serializable) await this.#barrier(options);
    this.#member.assertServing();
    const plan = this.#member.machine.range(request);
    if (plan.type === 'error') throw plan.error;
    const { kvs, more, count, revision } =
      plan.type === 'ready' ? plan : plan.finish(await this.#fetch(plan.revisions, options));
    return { header: this.#member.header(revision), kvs, more, count };
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResponse> {
    checkPutRequest(request);
    const { response } = await this.#propose({ case: 'put', put: request }, 'put', options);
    return { ...response, header: this.#header(response.header) };
  }

  async deleteRange(request: DeleteRangeRequest, options?: CallOptions): Promise<DeleteRangeResponse> {
    checkDeleteRangeRequest(request);
    const { response } = await this.#propose({ case: 'deleteRange', deleteRange: request }, 'deleteRange', options);
    return { ...response, header: this.#header(response.header) };
  }

  async txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    checkTxnRequest(request);
    if (isReadOnlyTxn(request)) return this.#readTxn(request, options);
    const { response } = await this.#propose({ case: 'txn', txn: request }, 'txn', options);
    return { ...response, header: this.#header(response.header) };
  }

  async compact(request: CompactionRequest, options?: CallOptions): Promise<CompactionResponse> {
    const { response } = await this.#propose({ case: 'compaction', compaction: request }, 'compact', options);
    if (request.physical) {
      const { clock } = this.#member.doors;
      await withDeadline(clock, this.#member.deadline(options), this.#member.replica.compactedPhysically());
    }
    return { header: this.#header(response.header) };
  }

  watch(options?: { readonly requireLeader?: boolean }): WatchStream {
    return new LocalWatchStream(this.#member, { requireLeader: options?.requireLeader ?? false });
  }

  async leaseGrant(request: LeaseGrantRequest, options?: CallOptions): Promise<LeaseGrantResponse> {
    const { times, doors } = this.#member;
    const chosen = request.ID === 0n ? positiveId(doors.random.bytes(8)) : request.ID;
    const leaseGrant = { ID: chosen, TTL: Math.max(request.TTL, times.minLeaseSeconds) };
    const { response } = await this.#propose({ case: 'leaseGrant', leaseGrant }, 'leaseGrant', options);
    return { ...response, header: this.#header(response.header) };
  }

  async leaseRevoke(request: LeaseRevokeRequest, options?: CallOptions): Promise<LeaseRevokeResponse> {
    const { response } = await this.#propose({ case: 'leaseRevoke', leaseRevoke: request }, 'leaseRevoke', options);
    return { header: this.#header(response.header) };
  }

  async leaseKeepAlive(id: bigint, options?: CallOptions): Promise<LeaseKeepAliveResponse> {
    this.#assertVoter();
    const header = this.#member.header(); // before it is renewed, as etcd does
    const renewed = await this.#member.leases.keepAlive(id, this.#member.deadline(options));
    return { ...renewed, header };
  }

  async leaseTimeToLive(request: LeaseTimeToLiveRequest, options?: CallOptions): Promise<LeaseTimeToLiveResponse> {
    this.#assertVoter();
    const left = await this.#member.leases.timeToLive(request, this.#member.deadline(options));
    return { ...left, header: this.#member.header() };
  }

  async leaseLeases(options?: CallOptions): Promise<LeaseLeasesResponse> {
    await this.#barrier(options);
    const leases = this.#member.machine.leaseIds().map((ID) => ({ ID }));
    return { header: this.#member.header(), leases };
  }

  async memberList(request: { readonly linearizable: boolean }, options?: CallOptions): Promise<MemberListResponse> {
    if (request.linearizable) await this.#barrier(options);
    this.#member.assertServing();
    return { header: { ...this.#member.header(), revision: 0 }, members: this.#member.machine.members() };
  }

  async status(options?: CallOptions): Promise<StatusResponse> {
    const member = this.#member;
    member.assertServing();
    const size = await withDeadline(member.doors.clock, member.deadline(options), member.replica.writer.backend.size());
    const { leader, term, commit, applied } = member.raftStatus();
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
      errors: leader === 0n ? ['etcdserver: no leader'] : [],
      isLearner: member.isLearner,
      storageVersion: member.config.serverVersion.replace(/^(\d+\.\d+)\..*$/, '$1.0'),
    };
  }

  async hashKv(request: { readonly revision: number }, options?: CallOptions): Promise<HashKVResponse> {
    const member = this.#member;
    member.assertServing();
    return withDeadline(member.doors.clock, member.deadline(options), member.hashKv(request.revision));
  }

  snapshot(options?: CallOptions): AsyncIterable<SnapshotResponse> {
    return this.#snapshots.stream(options);
  }

  /** The member goes on; it belongs to whoever started it. */
  async close(): Promise<void> {}

  async #readTxn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    if (!isSerializableTxn(request)) await this.#barrier(options);
    this.#member.assertServing();
    const plan = this.#member.machine.readTxn(request);
    if (plan.type === 'error') throw plan.error;
    const { response } = plan.type === 'ready' ? plan : plan.finish(await this.#fetch(plan.revisions, options));
    return { ...response, header: this.#header(response.header) };
  }

  async #propose<T extends Outcome['type']>(
    body: CommandBody,
    expected: T,
    options: CallOptions | undefined,
  ): Promise<Extract<Outcome, { type: T }>> {
    this.#assertVoter();
    if (addsData(body)) this.#member.assertSpace();
    const { outcome } = await this.#member.propose(body, this.#member.deadline(options));
    if (outcome.type === 'error') throw outcome.error;
    if (outcome.type !== expected) throw new StoreError('INTERNAL', `a ${outcome.type} outcome of a ${expected}`);
    return outcome as Extract<Outcome, { type: T }>;
  }

  async #barrier(options: CallOptions | undefined): Promise<void> {
    this.#assertVoter();
    await this.#member.readBarrier(this.#member.deadline(options));
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

/** Whether a command can make the store larger: those are refused when there is no space. Source: etcd quota.go. */
function addsData(body: CommandBody): boolean {
  if (body.case === 'put' || body.case === 'leaseGrant') return true;
  return body.case === 'txn' && (body.txn.success.some(hasPut) || body.txn.failure.some(hasPut));
}

function hasPut({ request }: RequestOp): boolean {
  if (request?.case === 'requestPut') return true;
  if (request?.case !== 'requestTxn') return false;
  return request.requestTxn.success.some(hasPut) || request.requestTxn.failure.some(hasPut);
}

/** A lease id of etcd's kind: 63 bits, not 0. */
function positiveId(bytes: Uint8Array): bigint {
  let id = 0n;
  for (const byte of bytes) id = (id << 8n) | BigInt(byte);
  return BigInt.asUintN(63, id) || 1n;
}
