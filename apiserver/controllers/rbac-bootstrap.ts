import { AUTOUPDATE_ANNOTATION, bootstrapPolicy } from '../authz/policy/bootstrap.ts';
import { bindingOf, rulesIn } from '../authz/policy-index.ts';
import { uncovered } from '../authz/rules.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { copyJson } from '../scheme/defaults.ts';
import { isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import {
  builtIn,
  type ControllerServices,
  forEachBounded,
  isAlreadyThere,
  isConflict,
  isNotFound,
  unless,
} from './controller.ts';
import { CONTROLLER_LIMITS } from './limits.ts';

const GROUP = 'rbac.authorization.k8s.io';

interface Wanted {
  readonly definition: ResourceDefinition;
  readonly object: KubeObject;
}

/**
 * Brings the default roles and bindings about: makes the missing ones, and adds to the others the rules, subjects, labels and annotations they
 * lack; takes nothing away. An object whose autoupdate annotation is "false" is left alone. Safe to run on several servers at once.
 * Source: kubernetes rbac/reconciliation.
 */
export async function reconcilePolicy(services: ControllerServices): Promise<void> {
  await forEachBounded(await policyToWrite(services), CONTROLLER_LIMITS.bootstrapConcurrency, (wanted) =>
    write(services, wanted),
  );
}

/** What is missing or incomplete now. */
export async function policyToWrite(services: ControllerServices): Promise<readonly Wanted[]> {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy();
  const all = [
    ...wantedOf(services, 'clusterroles', clusterRoles),
    ...wantedOf(services, 'roles', roles),
    ...wantedOf(services, 'clusterrolebindings', clusterRoleBindings),
    ...wantedOf(services, 'rolebindings', roleBindings),
  ];
  await Promise.all(
    [...new Set(all.map(({ definition }) => definition))].map((d) => services.registry.cache(d).ready()),
  );
  return all.filter(({ definition, object }) => {
    const cached = services.registry
      .cache(definition)
      .get(textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
    return cached === undefined || completed(copyJson(cached.object()), object) !== undefined;
  });
}

function wantedOf(services: ControllerServices, plural: string, objects: readonly KubeObject[]): readonly Wanted[] {
  const definition = builtIn(services.catalog, GROUP, 'v1', plural);
  return definition === undefined ? [] : objects.map((object) => ({ definition, object }));
}

async function write({ registry }: ControllerServices, { definition, object }: Wanted): Promise<void> {
  const name = textAt(object, 'metadata', 'name');
  const namespace = textAt(object, 'metadata', 'namespace');
  if (registry.cache(definition).get(namespace, name) === undefined) {
    const created = await unless(registry.create(definition, namespace, object), isAlreadyThere);
    if (created !== undefined) return;
  }
  const current = await unless(registry.get(definition, namespace, name), isNotFound);
  if (current === undefined) return;
  if (roleChanged(current, object)) {
    // roleRef cannot change: the binding is made anew.
    await unless(registry.delete(definition, namespace, name), isNotFound);
    await unless(registry.create(definition, namespace, object), isAlreadyThere);
    return;
  }
  await unless(
    registry.update(definition, namespace, name, (now) =>
      now === undefined ? object : (completed(now, object) ?? now),
    ),
    (error) => isConflict(error) || isNotFound(error),
  );
}

function roleChanged(current: KubeObject, wanted: KubeObject): boolean {
  if (!isObject(wanted['roleRef'])) return false;
  const [now, then] = [bindingOf(current), bindingOf(wanted)];
  return now.roleKind !== then.roleKind || now.roleName !== then.roleName;
}

/** `current` with what it lacks of `wanted`; undefined when it lacks nothing or must not be touched. Changes `current`. */
function completed(current: KubeObject, wanted: KubeObject): KubeObject | undefined {
  if (textAt(current, 'metadata', 'annotations', AUTOUPDATE_ANNOTATION) === 'false') return undefined;
  let changed = false;
  for (const part of ['labels', 'annotations'] as const) changed = addMissing(current, wanted, part) || changed;
  if (isObject(wanted['roleRef'])) changed = addSubjects(current, wanted) || roleChanged(current, wanted) || changed;
  else changed = addRules(current, wanted) || changed;
  return changed ? current : undefined;
}

function addMissing(current: KubeObject, wanted: KubeObject, part: 'labels' | 'annotations'): boolean {
  const metadata = (current.metadata ??= {});
  const now: JsonObject = isObject(metadata[part]) ? metadata[part] : {};
  const then = wanted.metadata?.[part];
  const missing = Object.entries(isObject(then) ? then : {}).filter(([key]) => now[key] === undefined);
  if (missing.length > 0) metadata[part] = { ...now, ...Object.fromEntries(missing) };
  return missing.length > 0;
}

function addRules(current: KubeObject, wanted: KubeObject): boolean {
  if (isObject(wanted['aggregationRule'])) {
    if (isObject(current['aggregationRule'])) return false;
    current['aggregationRule'] = wanted['aggregationRule'];
    return true;
  }
  const missing = uncovered(rulesIn(current), rulesIn(wanted));
  if (missing.length === 0) return false;
  current['rules'] = [
    ...(isArray(current['rules']) ? current['rules'] : []),
    ...missing.map((rule) => ({ ...rule }) as unknown as Json),
  ];
  return true;
}

function addSubjects(current: KubeObject, wanted: KubeObject): boolean {
  const keyOf = (subject: Json): string => ['kind', 'namespace', 'name'].map((part) => textAt(subject, part)).join(' ');
  const now = isArray(current['subjects']) ? current['subjects'] : [];
  const then = isArray(wanted['subjects']) ? wanted['subjects'] : [];
  const missing = then.filter((subject) => !now.some((other) => keyOf(other) === keyOf(subject)));
  if (missing.length > 0) current['subjects'] = [...now, ...missing];
  return missing.length > 0;
}
