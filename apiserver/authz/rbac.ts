import type { UserInfo } from '../request.ts';
import type { AccessAttributes, AccessDecision, Authorizer, PolicyRule } from './authorizer.ts';
import type { Binding, PolicyIndex, Subject } from './policy-index.ts';
import { ruleAllows } from './rules.ts';

/** --authorization-mode=RBAC over the caches of the four RBAC kinds. Cluster-wide bindings are asked before those of the namespace. */
export function rbacAuthorizer(index: PolicyIndex): Authorizer {
  return {
    name: 'RBAC',
    authorize: async (request: AccessAttributes) => decide(index, request),
    async rulesFor(user: UserInfo, namespace: string) {
      const { rules, errors } = heldRules(index, user, namespace);
      return { rules, incomplete: errors.length > 0, error: aggregate(errors) };
    },
  };
}

function decide(index: PolicyIndex, request: AccessAttributes): AccessDecision {
  const errors: string[] = [];
  for (const namespace of request.namespace === '' ? [''] : ['', request.namespace]) {
    for (const { binding, subject } of index.bindingsFor(request.user, namespace)) {
      const rules = index.rulesOf(binding);
      if (typeof rules === 'string') errors.push(rules);
      else if (rules.some((rule) => ruleAllows(rule, request))) {
        return { decision: 'allow', reason: `RBAC: allowed by ${describe(binding, subject)}` };
      }
    }
  }
  return { decision: 'no-opinion', reason: errors.length === 0 ? '' : `RBAC: ${aggregate(errors)}` };
}

/** All rules a user holds in a namespace ('' = cluster-wide only), and which roles are missing. */
export function heldRules(
  index: PolicyIndex,
  user: UserInfo,
  namespace: string,
): { readonly rules: readonly PolicyRule[]; readonly errors: readonly string[] } {
  const rules: PolicyRule[] = [];
  const errors: string[] = [];
  for (const where of namespace === '' ? [''] : ['', namespace]) {
    for (const { binding } of index.bindingsFor(user, where)) {
      const found = index.rulesOf(binding);
      if (typeof found === 'string') errors.push(found);
      else rules.push(...found);
    }
  }
  return { rules, errors };
}

function describe(binding: Binding, subject: Subject): string {
  const name = binding.kind === 'RoleBinding' ? `${binding.name}/${binding.namespace}` : binding.name;
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name;
  return `${binding.kind} ${JSON.stringify(name)} of ${binding.roleKind} ${JSON.stringify(binding.roleName)} to ${subject.kind} ${JSON.stringify(who)}`;
}

/** Errors as apimachinery joins them: repeated ones once, several in brackets. */
function aggregate(errors: readonly string[]): string {
  const unique = [...new Set(errors)];
  return unique.length <= 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`;
}
