import type { UserInfo } from '../request.ts';
import type { AccessAttributes, AccessDecision, Authorizer, PolicyRule } from './authorizer.ts';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
const rulesOf = (rules: readonly PolicyRule[]) => async () => ({ rules, incomplete: false, error: '' });

/** --authorization-mode=AlwaysAllow. */
export const alwaysAllow: Authorizer = {
  name: 'AlwaysAllow',
  authorize: async () => ({ decision: 'allow', reason: '' }),
  rulesFor: rulesOf(EVERYTHING),
};

/** --authorization-mode=AlwaysDeny. */
export const alwaysDeny: Authorizer = {
  name: 'AlwaysDeny',
  authorize: async () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }),
  rulesFor: rulesOf([]),
};

/** Members of system:masters may do everything, whatever the modes say: the way back in when roles are broken. */
export const mastersAuthorizer: Authorizer = {
  name: 'system:masters',
  async authorize(request: AccessAttributes): Promise<AccessDecision> {
    return request.user.groups.includes('system:masters')
      ? { decision: 'allow', reason: '' }
      : { decision: 'no-opinion', reason: '' };
  },
  async rulesFor(user: UserInfo) {
    return { rules: user.groups.includes('system:masters') ? EVERYTHING : [], incomplete: false, error: '' };
  },
};

/** Asks each in turn: the first that allows or denies decides; when none does, all their reasons are told. */
export function authorizerUnion(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: 'union',
    async authorize(request: AccessAttributes): Promise<AccessDecision> {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = await authorizer.authorize(request);
        if (decision.decision !== 'no-opinion') return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { decision: 'no-opinion', reason: reasons.join('\n') };
    },
    async rulesFor(user: UserInfo, namespace: string) {
      const all = await Promise.all(authorizers.map((authorizer) => authorizer.rulesFor(user, namespace)));
      return {
        rules: all.flatMap((one) => one.rules),
        incomplete: all.some((one) => one.incomplete),
        error: all
          .map((one) => one.error)
          .filter((error) => error !== '')
          .join(', '),
      };
    },
  };
}
