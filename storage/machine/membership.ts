import { StoreError } from '../../base/store-error.ts';
import type { Member } from '../../proto/gen/etcd.ts';
import { EMPTY_CONF_STATE } from '../../raft/membership.ts';
import type { ConfState } from '../../raft/types.ts';
import { MACHINE_LIMITS } from './limits.ts';

/**
 * Who belongs to the cluster: records with names and addresses, the ids that were removed and never come back, and the
 * configuration that consensus uses. Source of the rules: etcd's ValidateConfigurationChange.
 */
export class Membership {
  readonly #members = new Map<bigint, Member>();
  readonly #removed = new Set<bigint>();
  conf: ConfState = EMPTY_CONF_STATE;

  get(id: bigint): Member | undefined {
    return this.#members.get(id);
  }

  /** Ascending by id. */
  all(): readonly Member[] {
    return [...this.#members.values()].sort((a, b) => (a.ID < b.ID ? -1 : 1));
  }

  isRemoved(id: bigint): boolean {
    return this.#removed.has(id);
  }

  /** Errors: MEMBER_NOT_FOUND for an id that was removed, MEMBER_EXISTS, PEER_URL_EXISTS, TOO_MANY_LEARNERS. */
  checkAdd(member: Member): StoreError | undefined {
    if (this.#removed.has(member.ID)) return new StoreError('MEMBER_NOT_FOUND');
    if (this.#members.has(member.ID)) return new StoreError('MEMBER_EXISTS');
    if (this.#usesUrl(member.ID, member.peerURLs)) return new StoreError('PEER_URL_EXISTS');
    const learners = this.all().filter(({ isLearner }) => isLearner).length;
    return member.isLearner && learners >= MACHINE_LIMITS.maxLearners ? new StoreError('TOO_MANY_LEARNERS') : undefined;
  }

  /** Errors: MEMBER_NOT_FOUND, NOT_LEARNER. */
  checkPromote(id: bigint): StoreError | undefined {
    const member = this.#members.get(id);
    if (member === undefined) return new StoreError('MEMBER_NOT_FOUND');
    return member.isLearner ? undefined : new StoreError('NOT_LEARNER');
  }

  /** Errors: MEMBER_NOT_FOUND. */
  checkRemove(id: bigint): StoreError | undefined {
    return this.#members.has(id) ? undefined : new StoreError('MEMBER_NOT_FOUND');
  }

  /** Errors: MEMBER_NOT_FOUND, PEER_URL_EXISTS. */
  checkUpdate(id: bigint, peerURLs: readonly string[]): StoreError | undefined {
    if (!this.#members.has(id)) return new StoreError('MEMBER_NOT_FOUND');
    return this.#usesUrl(id, peerURLs) ? new StoreError('PEER_URL_EXISTS') : undefined;
  }

  set(member: Member): void {
    this.#members.set(member.ID, member);
  }

  remove(id: bigint): void {
    this.#members.delete(id);
    this.#removed.add(id);
  }

  #usesUrl(id: bigint, urls: readonly string[]): boolean {
    return this.all().some((member) => member.ID !== id && member.peerURLs.some((url) => urls.includes(url)));
  }
}
