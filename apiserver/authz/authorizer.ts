import type { UserInfo } from '../request.ts';

/** What is to be allowed (Kubernetes authorizer.Attributes). */
export interface AccessAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly resourceRequest: boolean;
  readonly namespace: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Non-resource requests only. */
  readonly path: string;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface AccessDecision {
  readonly decision: 'allow' | 'deny' | 'no-opinion';
  readonly reason: string;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: AccessAttributes): Promise<AccessDecision>;
  /** The rules a user has in a namespace, for SelfSubjectRulesReview. */
  rulesFor(
    user: UserInfo,
    namespace: string,
  ): Promise<{ readonly rules: readonly PolicyRule[]; readonly incomplete: boolean; readonly error: string }>;
}
