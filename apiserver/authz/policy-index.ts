import type { CachedObject, CacheEvent, ResourceCache } from '../cache/types.ts';
import type { UserInfo } from '../request.ts';
import { at, isArray, isObject, type Json, type KubeObject, textAt } from '../scheme/json.ts';
import type { PolicyRule } from './authorizer.ts';

/** Someone a binding names. */
export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly namespace: string;
}

export interface Binding {
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding';
  readonly name: string;
  /** '' for ClusterRoleBinding. */
  readonly namespace: string;
  readonly subjects: readonly Subject[];
  readonly roleKind: string;
  readonly roleName: string;
}

/** The caches of the four RBAC kinds. */
export interface RbacCaches {
  readonly clusterRoles: ResourceCache;
  readonly clusterRoleBindings: ResourceCache;
  readonly roles: ResourceCache;
  readonly roleBindings: ResourceCache;
}

/** The bindings that concern a user, found by who they name and not by reading them all; follows the caches. */
export class PolicyIndex {
  readonly #caches: RbacCaches;
  /** `namespace` -> subject key -> bindings by name; '' holds the ClusterRoleBindings. */
  readonly #bySubject = new Map<string, Map<string, Map<string, Binding>>>();
  readonly #rules = new WeakMap<CachedObject, readonly PolicyRule[]>();
  readonly #unsubscribe: (() => void)[] = [];

  constructor(caches: RbacCaches) {
    this.#caches = caches;
  }

  /** Resolves when all four caches are filled and indexed. */
  async start(): Promise<void> {
    const { clusterRoles, clusterRoleBindings, roles, roleBindings } = this.#caches;
    await Promise.all([clusterRoles.ready(), clusterRoleBindings.ready(), roles.ready(), roleBindings.ready()]);
    for (const cache of [clusterRoleBindings, roleBindings]) {
      this.#unsubscribe.push(cache.subscribe((events) => this.#follow(events)));
      for (const object of cache.list()) this.#put(bindingOf(object.object()));
    }
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** Bindings of `namespace` ('' = ClusterRoleBindings) that name the user or a group of theirs, with the subject that does. */
  bindingsFor(user: UserInfo, namespace: string): readonly { readonly binding: Binding; readonly subject: Subject }[] {
    const here = this.#bySubject.get(namespace);
    if (here === undefined) return [];
    const found = new Map<string, { binding: Binding; subject: Subject }>();
    for (const key of keysOf(user)) {
      for (const binding of here.get(key)?.values() ?? []) {
        if (found.has(binding.name)) continue;
        const subject = binding.subjects.find((s) => keyOf(s) === key);
        if (subject !== undefined) found.set(binding.name, { binding, subject });
      }
    }
    return [...found.values()];
  }

  /** The rules of the role that a binding refers to; a text when it does not exist. */
  rulesOf(binding: Pick<Binding, 'roleKind' | 'roleName' | 'namespace'>): readonly PolicyRule[] | string {
    const isCluster = binding.roleKind === 'ClusterRole';
    const cached = isCluster
      ? this.#caches.clusterRoles.get('', binding.roleName)
      : this.#caches.roles.get(binding.namespace, binding.roleName);
    if (cached === undefined) {
      return `${isCluster ? 'clusterrole' : 'role'}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleName)} not found`;
    }
    let rules = this.#rules.get(cached);
    if (rules === undefined) this.#rules.set(cached, (rules = rulesIn(cached.object())));
    return rules;
  }

  #follow(events: readonly CacheEvent[]): void {
    for (const { type, object, previous } of events) {
      if (previous !== undefined) this.#remove(bindingOf(previous.object()));
      if (type === 'DELETED') this.#remove(bindingOf(object.object()));
      else this.#put(bindingOf(object.object()));
    }
  }

  #put(binding: Binding): void {
    for (const subject of binding.subjects) {
      const here = getOrAdd(this.#bySubject, binding.namespace, () => new Map<string, Map<string, Binding>>());
      getOrAdd(here, keyOf(subject), () => new Map<string, Binding>()).set(binding.name, binding);
    }
  }

  #remove(binding: Binding): void {
    const here = this.#bySubject.get(binding.namespace);
    if (here === undefined) return;
    for (const subject of binding.subjects) {
      const bindings = here.get(keyOf(subject));
      bindings?.delete(binding.name);
      if (bindings?.size === 0) here.delete(keyOf(subject));
    }
    if (here.size === 0) this.#bySubject.delete(binding.namespace);
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

const SERVICE_ACCOUNT_PREFIX = 'system:serviceaccount:';

/** A service account is reached both as itself and as the user of that name. */
function keyOf(subject: Subject): string {
  if (subject.kind === 'Group') return `g ${subject.name}`;
  if (subject.kind === 'User') return `u ${subject.name}`;
  return `u ${SERVICE_ACCOUNT_PREFIX}${subject.namespace}:${subject.name}`;
}

const keysOf = (user: UserInfo): readonly string[] => [`u ${user.name}`, ...user.groups.map((group) => `g ${group}`)];

/** Reads a RoleBinding or ClusterRoleBinding. A service account without a namespace is one of the binding's own. */
export function bindingOf(object: KubeObject): Binding {
  const namespace = textAt(object, 'metadata', 'namespace');
  const subjects = at(object, 'subjects');
  return {
    kind: object.kind === 'ClusterRoleBinding' ? 'ClusterRoleBinding' : 'RoleBinding',
    name: textAt(object, 'metadata', 'name'),
    namespace,
    subjects: (isArray(subjects) ? subjects : []).flatMap((subject) => subjectIn(subject, namespace)),
    roleKind: textAt(object, 'roleRef', 'kind'),
    roleName: textAt(object, 'roleRef', 'name'),
  };
}

function subjectIn(value: Json, bindingNamespace: string): readonly Subject[] {
  const kind = textAt(value, 'kind');
  const name = textAt(value, 'name');
  if (kind === 'User' || kind === 'Group') return [{ kind, name, namespace: '' }];
  if (kind !== 'ServiceAccount') return [];
  const namespace = textAt(value, 'namespace');
  return [{ kind, name, namespace: namespace === '' ? bindingNamespace : namespace }];
}

/** The rules of a Role or ClusterRole. */
export function rulesIn(role: KubeObject): readonly PolicyRule[] {
  const rules = role['rules'];
  return isArray(rules) ? rules.filter(isObject).map(ruleIn) : [];
}

function ruleIn(rule: Json): PolicyRule {
  const list = (name: string): readonly string[] | undefined => {
    const value = at(rule, name);
    return isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;
  };
  const optional = (name: 'apiGroups' | 'resources' | 'resourceNames' | 'nonResourceURLs'): Partial<PolicyRule> => {
    const value = list(name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    verbs: list('verbs') ?? [],
    ...optional('apiGroups'),
    ...optional('resources'),
    ...optional('resourceNames'),
    ...optional('nonResourceURLs'),
  };
}
