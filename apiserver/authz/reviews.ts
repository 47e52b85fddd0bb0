import { badRequest, type FieldError, fieldInvalid, invalid } from '../errors.ts';
import type { RequestContext, UserInfo } from '../request.ts';
import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import type { AccessAttributes, Authorizer, PolicyRule } from './authorizer.ts';

const GROUP = 'authorization.k8s.io';

/** SubjectAccessReview: may somebody do something? Errors: 422 as kube-apiserver. */
export async function reviewSubjectAccess(review: KubeObject, authorizer: Authorizer): Promise<KubeObject> {
  refuse('SubjectAccessReview', [...attributesErrors(review), ...subjectErrors(review)]);
  return answer(review, subjectOf(review), authorizer);
}

/** SelfSubjectAccessReview: `kubectl auth can-i`. */
export async function reviewSelfAccess(
  review: KubeObject,
  context: RequestContext,
  authorizer: Authorizer,
): Promise<KubeObject> {
  refuse('SelfSubjectAccessReview', attributesErrors(review));
  return answer(review, context.user, authorizer);
}

/** LocalSubjectAccessReview: the same for one namespace, which the URL names. */
export async function reviewLocalAccess(
  review: KubeObject,
  namespace: string,
  authorizer: Authorizer,
): Promise<KubeObject> {
  const path = at(review, 'spec', 'nonResourceAttributes');
  const disallowed = isObject(path)
    ? [fieldInvalid('spec.nonResourceAttributes', path, 'disallowed on this kind of request')]
    : [];
  refuse('LocalSubjectAccessReview', [...attributesErrors(review), ...subjectErrors(review), ...disallowed]);
  if (textAt(review, 'spec', 'resourceAttributes', 'namespace') !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
  return answer(review, subjectOf(review), authorizer);
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: GROUP, kind }, '', errors);
}

/** SelfSubjectRulesReview: `kubectl auth can-i --list`. */
export async function reviewSelfRules(
  review: KubeObject,
  context: RequestContext,
  authorizer: Authorizer,
): Promise<KubeObject> {
  const namespace = textAt(review, 'spec', 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, incomplete, error } = await authorizer.rulesFor(context.user, namespace);
  return {
    ...review,
    metadata: review.metadata ?? {},
    status: {
      resourceRules: rules.filter((rule) => (rule.resources?.length ?? 0) > 0).map(resourceRule),
      nonResourceRules: rules.filter((rule) => (rule.nonResourceURLs?.length ?? 0) > 0).map(nonResourceRule),
      incomplete,
      ...(error === '' ? {} : { evaluationError: error }),
    },
  };
}

const resourceRule = (rule: PolicyRule): JsonObject => ({
  verbs: [...rule.verbs],
  ...(rule.apiGroups === undefined ? {} : { apiGroups: [...rule.apiGroups] }),
  ...(rule.resources === undefined ? {} : { resources: [...rule.resources] }),
  ...(rule.resourceNames === undefined ? {} : { resourceNames: [...rule.resourceNames] }),
});
const nonResourceRule = (rule: PolicyRule): JsonObject => ({
  verbs: [...rule.verbs],
  nonResourceURLs: [...(rule.nonResourceURLs ?? [])],
});

function attributesErrors(review: KubeObject): FieldError[] {
  const resource = at(review, 'spec', 'resourceAttributes');
  const path = at(review, 'spec', 'nonResourceAttributes');
  if (isObject(resource) && isObject(path)) {
    return [
      fieldInvalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes'),
    ];
  }
  if (!isObject(resource) && !isObject(path)) {
    return [
      fieldInvalid(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ];
  }
  return [];
}

function subjectErrors(review: KubeObject): FieldError[] {
  const groups = at(review, 'spec', 'groups');
  if (textAt(review, 'spec', 'user') !== '' || (isArray(groups) && groups.length > 0)) return [];
  return [fieldInvalid('spec.user', '', 'at least one of user or group must be specified')];
}

function subjectOf(review: KubeObject): UserInfo {
  const extra = at(review, 'spec', 'extra');
  const entries = isObject(extra) ? Object.entries(extra).map(([key, values]) => [key, texts(values)] as const) : [];
  return {
    name: textAt(review, 'spec', 'user'),
    uid: textAt(review, 'spec', 'uid'),
    groups: texts(at(review, 'spec', 'groups')),
    extra: Object.fromEntries(entries),
  };
}

const texts = (value: Json | undefined): readonly string[] =>
  isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

async function answer(review: KubeObject, user: UserInfo, authorizer: Authorizer): Promise<KubeObject> {
  const { decision, reason } = await authorizer.authorize(attributesOf(review, user));
  return {
    ...review,
    metadata: review.metadata ?? {},
    status: {
      allowed: decision === 'allow',
      ...(decision === 'deny' ? { denied: true } : {}),
      ...(reason === '' ? {} : { reason }),
    },
  };
}

function attributesOf(review: KubeObject, user: UserInfo): AccessAttributes {
  const resource = at(review, 'spec', 'resourceAttributes');
  const none = { namespace: '', group: '', version: '', resource: '', subresource: '', name: '', path: '' };
  if (!isObject(resource)) {
    const path = at(review, 'spec', 'nonResourceAttributes');
    return { ...none, user, resourceRequest: false, verb: textAt(path, 'verb'), path: textAt(path, 'path') };
  }
  const version = textAt(resource, 'version');
  return {
    ...none,
    user,
    resourceRequest: true,
    verb: textAt(resource, 'verb'),
    namespace: textAt(resource, 'namespace'),
    group: textAt(resource, 'group'),
    version: version === '' ? '*' : version,
    resource: textAt(resource, 'resource'),
    subresource: textAt(resource, 'subresource'),
    name: textAt(resource, 'name'),
  };
}
