import { at, isArray, isObject, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';

export type ConditionType = 'Established' | 'NamesAccepted' | 'NonStructuralSchema' | 'Terminating';

/** One condition of a CRD's status. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export function conditionOf(crd: KubeObject, type: ConditionType): JsonObject | undefined {
  const conditions = at(crd, 'status', 'conditions');
  return isArray(conditions) ? conditions.filter(isObject).find((condition) => condition['type'] === type) : undefined;
}

export const isTrue = (crd: KubeObject, type: ConditionType): boolean =>
  textAt(conditionOf(crd, type), 'status') === 'True';

/** Sets a condition in place; its transition time moves only when its status does. Answers whether anything changed. */
export function setCondition(crd: KubeObject, condition: Condition, now: string): boolean {
  const status = statusOf(crd);
  const conditions = isArray(status['conditions']) ? status['conditions'] : [];
  const old = conditionOf(crd, condition.type);
  if (
    old !== undefined &&
    old['status'] === condition.status &&
    old['reason'] === condition.reason &&
    old['message'] === condition.message
  ) {
    return false;
  }
  const lastTransitionTime = old?.['status'] === condition.status ? (old['lastTransitionTime'] ?? now) : now;
  const next: JsonObject = {
    type: condition.type,
    status: condition.status,
    lastTransitionTime,
    reason: condition.reason,
    message: condition.message,
  };
  status['conditions'] =
    old === undefined ? [...conditions, next] : conditions.map((one) => (one === old ? next : one));
  return true;
}

/** The status of a CRD, made when it is not there. */
export function statusOf(crd: KubeObject): JsonObject {
  if (!isObject(crd['status']))
    crd['status'] = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
  return crd['status'] as JsonObject;
}
