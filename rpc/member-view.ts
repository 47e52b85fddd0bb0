/** What the edge must know of its member at once, without a call. */
export interface MemberView {
  hasLeader(): boolean;
  isLearner(): boolean;
}

/** For an edge before a cluster elsewhere, whose own members do the checks. */
export const REMOTE_MEMBER: MemberView = { hasLeader: () => true, isLearner: () => false };
