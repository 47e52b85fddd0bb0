import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts';
import { forbidden, notFound } from '../errors.ts';
import { at, isObject, type KubeObject, textAt } from '../scheme/json.ts';
import type { AccessAttributes, Authorizer, PolicyRule } from './authorizer.ts';
import { type PolicyIndex, rulesIn } from './policy-index.ts';
import { heldRules } from './rbac.ts';
import { compact, describeRule, quotedList, uncovered } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const FULL_AUTHORITY: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * Nobody grants what they do not hold: who writes a role must hold its rules or have `escalate`, who writes a binding must hold the rules
 * of its role or have `bind`. Always on while RBAC is a mode; system:masters is exempt. Source: kubernetes rbac registry, policybased storage.
 */
export function escalationCheck(index: PolicyIndex, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalationCheck',
    async validate(request: AdmissionRequest): Promise<void> {
      const { definition, object, operation } = request;
      if (definition.group !== GROUP || object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE'))
        return;
      if (request.context.user.groups.includes('system:masters') || onlyGarbageCollectionChanged(request)) return;
      if (definition.plural.endsWith('bindings')) await checkBinding(request, object);
      else await checkRole(request, object);
    },
  };

  async function checkRole(request: AdmissionRequest, role: KubeObject): Promise<void> {
    const sameRules = request.oldObject !== undefined && same(request.oldObject['rules'], role['rules']);
    const sameAggregation = same(request.oldObject?.['aggregationRule'], role['aggregationRule']);
    if (request.oldObject !== undefined && sameRules && sameAggregation) return;
    const name = textAt(role, 'metadata', 'name');
    if (await allowed(request, 'escalate', request.definition.plural, name)) return;
    refuseUncovered(request, name, rulesIn(role));
    if (isObject(role['aggregationRule']) && !sameAggregation && !holds(request, FULL_AUTHORITY)) {
      throw forbidden(resource(request), name, 'must have cluster-admin privileges to use the aggregationRule');
    }
  }

  async function checkBinding(request: AdmissionRequest, binding: KubeObject): Promise<void> {
    const name = textAt(binding, 'metadata', 'name');
    const roleKind = textAt(binding, 'roleRef', 'kind');
    const roleName = textAt(binding, 'roleRef', 'name');
    const roleResource = roleKind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (await allowed(request, 'bind', roleResource, roleName)) return;
    const rules = index.rulesOf({ roleKind, roleName, namespace: request.namespace });
    if (typeof rules === 'string') throw notFound({ group: GROUP, resource: roleResource }, roleName);
    refuseUncovered(request, name, rules);
  }

  async function allowed(request: AdmissionRequest, verb: string, plural: string, name: string): Promise<boolean> {
    const attributes: AccessAttributes = {
      user: request.context.user,
      verb,
      resourceRequest: true,
      namespace: request.namespace,
      group: GROUP,
      version: '*',
      resource: plural,
      subresource: '',
      name,
      path: '',
    };
    return (await authorizer.authorize(attributes)).decision === 'allow';
  }

  function holds(request: AdmissionRequest, wanted: readonly PolicyRule[]): boolean {
    return uncovered(heldRules(index, request.context.user, request.namespace).rules, wanted).length === 0;
  }

  function refuseUncovered(request: AdmissionRequest, name: string, wanted: readonly PolicyRule[]): void {
    const { user } = request.context;
    const { rules, errors } = heldRules(index, user, request.namespace);
    const missing = uncovered(rules, wanted);
    if (missing.length === 0) return;
    const lines = [...new Set(compact(missing).map(describeRule))].sort();
    const unresolved = errors.length === 0 ? '' : `; resolution errors: [${errors.join(' ')}]`;
    throw forbidden(
      resource(request),
      name,
      `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${unresolved}`,
    );
  }
}

const resource = (request: AdmissionRequest) => ({ group: GROUP, resource: request.definition.plural });
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Owner references and finalizers may be changed by who holds nothing: garbage collection must go on. */
function onlyGarbageCollectionChanged({ object, oldObject }: AdmissionRequest): boolean {
  if (object === undefined || oldObject === undefined) return false;
  const rest = (of: KubeObject): unknown => {
    const metadata = at(of, 'metadata');
    const { ownerReferences: _o, finalizers: _f, managedFields: _m, ...kept } = isObject(metadata) ? metadata : {};
    return sorted({ ...of, metadata: kept });
  };
  return same(rest(object), rest(oldObject));
}

/** The same value with the keys of every object in order, so that equal values have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, v]) => [key, sorted(v)]));
}
