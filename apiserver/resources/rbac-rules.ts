import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import { at, isArray, isObject, type Json, type KubeObject, textAt } from '../scheme/json.ts';
import { pathSegment, subdomainName } from '../scheme/names.ts';
import { column } from './columns.ts';

/** What holds for roles and bindings alike. Source: Kubernetes apis/rbac/validation. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** The rules of a role, or of a cluster role. */
export function validateRules(object: KubeObject, namespaced: boolean): readonly FieldError[] {
  return itemsOf(object['rules']).flatMap((rule, i) => validateRule(rule, namespaced, `rules[${i}]`));
}

function validateRule(rule: Json, namespaced: boolean, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const count = (name: string): number => itemsOf(at(rule, name)).length;
  if (count('verbs') === 0) errors.push(fieldRequired(`${field}.verbs`, 'verbs must contain at least one value'));
  if (count('nonResourceURLs') > 0) {
    const refuse = (why: string): void => {
      errors.push(fieldInvalid(`${field}.nonResourceURLs`, at(rule, 'nonResourceURLs'), why));
    };
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
    if (count('apiGroups') + count('resources') + count('resourceNames') > 0) {
      refuse('rules cannot apply to both regular resources and non-resource URLs');
    }
    return errors;
  }
  if (count('apiGroups') === 0) {
    errors.push(fieldRequired(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (count('resources') === 0) {
    errors.push(fieldRequired(`${field}.resources`, 'resource rules must supply at least one resource'));
  }
  if (count('resourceNames') > 0 && count('resources') > 1) {
    errors.push(fieldRequired(`${field}.resourceNames`, 'resource names cannot apply to multiple resources'));
  }
  return errors;
}

/** roleRef and subjects in full: the API groups that go without saying are said. Mutates. */
export function defaultBinding(object: KubeObject): void {
  const role = object['roleRef'];
  if (isObject(role) && !role['apiGroup']) role['apiGroup'] = RBAC_GROUP;
  for (const subject of itemsOf(object['subjects'])) {
    if (!isObject(subject) || subject['apiGroup']) continue;
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') subject['apiGroup'] = RBAC_GROUP;
  }
}

/** The role and the subjects of a binding. */
export function validateBinding(object: KubeObject, namespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const group = textAt(object, 'roleRef', 'apiGroup');
  if (group !== RBAC_GROUP) errors.push(fieldNotSupported('roleRef.apiGroup', group, [RBAC_GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = textAt(object, 'roleRef', 'kind');
  if (!kinds.includes(kind)) errors.push(fieldNotSupported('roleRef.kind', kind, kinds));
  const name = textAt(object, 'roleRef', 'name');
  if (name === '') errors.push(fieldRequired('roleRef.name', ''));
  else for (const text of pathSegment(name, false)) errors.push(fieldInvalid('roleRef.name', name, text));
  errors.push(
    ...itemsOf(object['subjects']).flatMap((subject, i) => validateSubject(subject, namespaced, `subjects[${i}]`)),
  );
  return errors;
}

/** A binding is for one role for ever: whoever may change subjects must not change what they get. */
export function validateBindingUpdate(next: KubeObject, old: KubeObject): readonly FieldError[] {
  if (sameJson(next['roleRef'], old['roleRef'])) return [];
  return [fieldInvalid('roleRef', next['roleRef'], 'cannot change roleRef')];
}

function validateSubject(subject: Json, namespaced: boolean, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(subject, 'name');
  const kind = textAt(subject, 'kind');
  const group = textAt(subject, 'apiGroup');
  if (name === '') errors.push(fieldRequired(`${field}.name`, ''));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') {
        for (const text of subdomainName(name, false)) errors.push(fieldInvalid(`${field}.name`, name, text));
      }
      if (group !== '') errors.push(fieldNotSupported(`${field}.apiGroup`, group, ['']));
      if (!namespaced && textAt(subject, 'namespace') === '') errors.push(fieldRequired(`${field}.namespace`, ''));
      break;
    case 'User':
    case 'Group':
      if (name === '') errors.push(fieldInvalid(`${field}.name`, name, `${kind.toLowerCase()} name cannot be empty`));
      if (group !== RBAC_GROUP) errors.push(fieldNotSupported(`${field}.apiGroup`, group, [RBAC_GROUP]));
      break;
    default:
      errors.push(fieldNotSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

const itemsOf = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : []);

/** When a role was made, as a moment: roles are old, an age says little. */
export const createdAtColumn = column('Created At', 'When the object was made.', (object) =>
  textAt(object, 'metadata', 'creationTimestamp'),
);

const namesOf = (object: KubeObject, kind: string): string =>
  itemsOf(object['subjects'])
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${textAt(subject, 'namespace')}/${textAt(subject, 'name')}`
        : textAt(subject, 'name'),
    )
    .join(', ');

/** `Role/name` or `ClusterRole/name`. */
export const roleColumn = column(
  'Role',
  'The role that is granted.',
  (binding) => `${textAt(binding, 'roleRef', 'kind')}/${textAt(binding, 'roleRef', 'name')}`,
);
/** Who is granted the role, in wide output. */
export const subjectColumns = [
  column('Users', 'Users that get it.', (binding) => namesOf(binding, 'User'), { priority: 1 }),
  column('Groups', 'Groups that get it.', (binding) => namesOf(binding, 'Group'), { priority: 1 }),
  column('ServiceAccounts', 'Service accounts that get it.', (binding) => namesOf(binding, 'ServiceAccount'), {
    priority: 1,
  }),
] as const;
