import type { MemberId } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import type { CallOptions } from '../client/kv-client.ts';
import type { CommandBody } from '../proto/command.ts';
import {
  AlarmAction,
  type AlarmRequest,
  type AlarmResponse,
  AlarmType,
  type DefragmentResponse,
  DowngradeAction,
  type DowngradeRequest,
  type DowngradeResponse,
  type MemberAddRequest,
  type MemberAddResponse,
  type MemberListResponse,
  type MemberPromoteRequest,
  type MemberPromoteResponse,
  type Member as MemberRecord,
  type MemberRemoveRequest,
  type MemberRemoveResponse,
  type MemberUpdateRequest,
  type MemberUpdateResponse,
  type MoveLeaderRequest,
  type MoveLeaderResponse,
  type ResponseHeader,
} from '../proto/gen/etcd.ts';
import type { ConfChange } from '../raft/types.ts';
import type { Deadline } from './deadline.ts';
import { addedMemberId } from './identity.ts';
import type { Member } from './member.ts';
import { resultOf } from './peers/peers.ts';
import { checkAdd, checkLearnerReady, checkPromote, checkRemove, peerUrlsOf } from './reconfiguration.ts';

/** Membership, leadership and alarms, as a client in the member's own process asks for them. */
export class LocalCluster implements ClusterClient {
  readonly #member: Member;

  constructor(member: Member) {
    this.#member = member;
  }

  async memberList(request: { readonly linearizable: boolean }, options?: CallOptions): Promise<MemberListResponse> {
    if (request.linearizable) await this.#barrier(options);
    this.#member.assertServing();
    return { header: this.#header(), members: this.#member.machine.members() };
  }

  async memberAdd({ peerURLs, isLearner }: MemberAddRequest, options?: CallOptions): Promise<MemberAddResponse> {
    this.#assertVoter();
    const urls = peerUrlsOf(peerURLs);
    const { config, doors } = this.#member;
    const ID = addedMemberId(urls, config.initialClusterToken, doors.clock.wallMs());
    const member: MemberRecord = { ID, name: '', peerURLs: urls, clientURLs: [], isLearner };
    if (this.#isStrict) checkAdd(this.#member.clusterView(), { isLearner });
    const type = isLearner ? 'add-learner' : 'add-voter';
    const members = await this.#change({ case: 'memberAdd', memberAdd: member }, { type, member: ID }, options);
    return { header: this.#header(), member, members };
  }

  async memberRemove({ ID }: MemberRemoveRequest, options?: CallOptions): Promise<MemberRemoveResponse> {
    this.#assertVoter();
    const { voters } = this.#member.machine.conf();
    if (voters.length === 1 && voters[0] === ID) throw new StoreError('NOT_ENOUGH_STARTED_MEMBERS');
    if (this.#isStrict) checkRemove(this.#member.clusterView(), ID);
    const change = { type: 'remove', member: ID as MemberId } as const;
    const members = await this.#change({ case: 'memberRemove', memberRemove: { ID } }, change, options);
    return { header: this.#header(), members };
  }

  async memberUpdate({ ID, peerURLs }: MemberUpdateRequest, options?: CallOptions): Promise<MemberUpdateResponse> {
    this.#assertVoter();
    const body = { case: 'memberUpdate', memberUpdate: { ID, peerURLs: peerUrlsOf(peerURLs) } } as const;
    const applied = await this.#member.propose(body, this.#member.deadline(options));
    return { header: this.#header(), members: membersOf(applied.outcome) };
  }

  /** Only the leader knows how far a learner is: it is asked, again and again while it changes. */
  async memberPromote(request: MemberPromoteRequest, options?: CallOptions): Promise<MemberPromoteResponse> {
    this.#assertVoter();
    const deadline = this.#member.deadline(options);
    const members = await this.#member.atLeader(deadline, {
      here: () => promoteHere(this.#member, request.ID, deadline),
      there: async (leader, timeoutMs) => {
        const answer = await this.#member.ask(leader, { case: 'memberPromote', memberPromote: request }, timeoutMs);
        return resultOf(answer, 'memberPromote').memberPromote.members;
      },
    });
    return { header: this.#header(), members };
  }

  async moveLeader({ targetID }: MoveLeaderRequest, options?: CallOptions): Promise<MoveLeaderResponse> {
    this.#assertVoter();
    await this.#member.moveLeader(targetID as MemberId, this.#member.deadline(options));
    return { header: undefined };
  }

  async alarm(request: AlarmRequest, options?: CallOptions): Promise<AlarmResponse> {
    this.#assertVoter();
    const deadline = this.#member.deadline(options);
    if (request.action === AlarmAction.GET) {
      await this.#member.readBarrier(deadline);
      return { header: this.#member.header(), alarms: this.#member.machine.alarms(request.alarm) };
    }
    if (request.action !== AlarmAction.ACTIVATE && request.action !== AlarmAction.DEACTIVATE)
      throw new StoreError('UNKNOWN', 'etcdserver: unknown method');
    if (request.alarm === AlarmType.NONE) return { header: this.#member.header(), alarms: [] };
    const active = request.action === AlarmAction.ACTIVATE;
    const { memberID, alarm } = request;
    const body = { case: 'alarm', alarm: { memberID, alarm, active, automatic: false } } as const;
    const { outcome } = await this.#member.propose(body, deadline);
    if (outcome.type === 'error') throw outcome.error;
    return { header: this.#member.header(), alarms: outcome.type === 'alarm' ? outcome.alarms : [] };
  }

  /** The backend gives space back by itself, without standing still. Source of the empty header: etcd maintenance.go. */
  async defragment(): Promise<DefragmentResponse> {
    this.#assertVoter();
    this.#member.assertServing();
    return { header: undefined };
  }

  /** There is no older version that could read this one's data. Source of texts and order: etcd's downgrade_cmd and version manager. */
  async downgrade({ action, version }: DowngradeRequest): Promise<DowngradeResponse> {
    this.#assertVoter();
    this.#member.assertServing();
    if (action === DowngradeAction.CANCEL) throw new StoreError('NO_DOWNGRADE');
    if (action !== DowngradeAction.VALIDATE && action !== DowngradeAction.ENABLE)
      throw new StoreError('UNKNOWN', 'etcdserver: unknown method');
    if (!/^\d+\.\d+(\.\d+)?([-+][0-9A-Za-z.+-]+)?$/.test(version)) throw new StoreError('DOWNGRADE_VERSION_MALFORMED');
    throw new StoreError('DOWNGRADE_TARGET_INVALID');
  }

  get #isStrict(): boolean {
    return this.#member.config.strictReconfigCheck ?? true;
  }

  async #change(
    body: CommandBody,
    change: ConfChange['changes'][number],
    options: CallOptions | undefined,
  ): Promise<readonly MemberRecord[]> {
    const { outcome } = await this.#member.proposeConfChange(body, [change], this.#member.deadline(options));
    return membersOf(outcome);
  }

  async #barrier(options: CallOptions | undefined): Promise<void> {
    this.#assertVoter();
    await this.#member.readBarrier(this.#member.deadline(options));
  }

  #assertVoter(): void {
    if (this.#member.isLearner) throw new StoreError('LEARNER_UNSUPPORTED');
  }

  #header(): ResponseHeader {
    return { ...this.#member.header(), revision: 0 };
  }
}

/** As the leader. Errors: NOT_LEADER, MEMBER_NOT_FOUND, NOT_LEARNER, LEARNER_NOT_READY, NOT_ENOUGH_STARTED_MEMBERS. */
export async function promoteHere(member: Member, id: bigint, deadline: Deadline): Promise<readonly MemberRecord[]> {
  checkLearnerReady(member.raftStatus(), id);
  if (member.config.strictReconfigCheck ?? true) checkPromote(member.clusterView());
  const body = { case: 'memberPromote', memberPromote: { ID: id } } as const;
  const change = { type: 'add-voter', member: id as MemberId } as const;
  const { outcome } = await member.proposeConfChange(body, [change], deadline);
  return membersOf(outcome);
}

function membersOf(outcome: Awaited<ReturnType<Member['propose']>>['outcome']): readonly MemberRecord[] {
  if (outcome.type === 'error') throw outcome.error;
  if (outcome.type !== 'member') throw new StoreError('INTERNAL', `a ${outcome.type} outcome of a change of members`);
  return outcome.members;
}
