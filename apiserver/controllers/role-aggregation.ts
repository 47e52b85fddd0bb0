import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { builtIn, type Controller, type ControllerServices, isConflict, isNotFound, unless } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

/** Fills ClusterRoles that have an aggregationRule with the rules of the roles it selects. Source: KCM clusterroleaggregation. */
export function roleAggregation(services: ControllerServices): Controller {
  return {
    name: 'role-aggregation',
    async start() {
      const clusterRoles = builtIn(services.catalog, 'rbac.authorization.k8s.io', 'v1', 'clusterroles');
      if (clusterRoles === undefined) return async () => {};
      const cache = services.registry.cache(clusterRoles);
      await cache.ready();
      const queue = new WorkQueue(aggregate, {
        onFailure: (key, error) => services.onTrouble(`aggregation of ${key}`, error),
      });
      const addAll = (): void => {
        for (const role of cache.list()) if (isObject(role.object()['aggregationRule'])) queue.add(role.name);
      };
      const unsubscribe = cache.subscribe(addAll);
      addAll();
      return async () => {
        unsubscribe();
        await queue.close();
      };

      async function aggregate(name: string): Promise<void> {
        const role = cache.get('', name)?.object();
        if (clusterRoles === undefined || role === undefined || !isObject(role['aggregationRule'])) return;
        const rules = aggregatedRules(
          role,
          cache.list().map((other) => other.object()),
        );
        if (sameRules(role['rules'], rules)) return;
        const change = (current: KubeObject | undefined): KubeObject => ({ ...current, rules });
        await unless(
          services.registry.update(clusterRoles, '', name, change),
          (error) => isNotFound(error) || isConflict(error),
        );
      }
    },
  };
}

/** The rules of every selected role, in the order of their names, each rule once. */
export function aggregatedRules(role: KubeObject, all: readonly KubeObject[]): Json[] {
  const selectors = at(role, 'aggregationRule', 'clusterRoleSelectors');
  const rules = new Map<string, Json>();
  const byName = [...all].sort((a, b) => (textAt(a, 'metadata', 'name') < textAt(b, 'metadata', 'name') ? -1 : 1));
  for (const selector of isArray(selectors) ? selectors : []) {
    for (const other of byName) {
      if (textAt(other, 'metadata', 'name') === textAt(role, 'metadata', 'name') || !selects(selector, other)) continue;
      for (const rule of isArray(other['rules']) ? other['rules'] : []) rules.set(JSON.stringify(rule), rule);
    }
  }
  return [...rules.values()];
}

const sameRules = (now: Json | undefined, wanted: readonly Json[]): boolean =>
  JSON.stringify(now ?? []) === JSON.stringify(wanted);

function selects(selector: Json, role: KubeObject): boolean {
  const found = at(role, 'metadata', 'labels');
  const labels: JsonObject = isObject(found) ? found : {};
  const wanted = at(selector, 'matchLabels');
  const expressions = at(selector, 'matchExpressions');
  const matches = Object.entries(isObject(wanted) ? wanted : {}).every(([key, value]) => labels[key] === value);
  return matches && (isArray(expressions) ? expressions : []).every((expression) => holds(expression, labels));
}

function holds(expression: Json, labels: JsonObject): boolean {
  const value = labels[textAt(expression, 'key')];
  const values = at(expression, 'values');
  const among = isArray(values) && value !== undefined && values.includes(value);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return among;
    case 'NotIn':
      return !among;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
