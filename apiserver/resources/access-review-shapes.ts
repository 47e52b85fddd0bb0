/** What access reviews ask and answer with. Source: Kubernetes authorization.k8s.io/v1. */
import { fieldSelectorRequirement, labelSelectorRequirement } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, list, map, message, shape, text } from '../scheme/shapes.ts';

export const labelSelectorAttributes: Schema = shape(
  'io.k8s.api.authorization.v1.LabelSelectorAttributes',
  'A label selector that limits a request: raw or parsed.',
  {
    rawSelector: text(1, 'As in a query.'),
    requirements: list(2, labelSelectorRequirement, 'Parsed; all must hold.', { listType: 'atomic' }),
  },
);

export const fieldSelectorAttributes: Schema = shape(
  'io.k8s.api.authorization.v1.FieldSelectorAttributes',
  'A field selector that limits a request: raw or parsed.',
  {
    rawSelector: text(1, 'As in a query.'),
    requirements: list(2, fieldSelectorRequirement, 'Parsed; all must hold.', { listType: 'atomic' }),
  },
);

export const resourceAttributes: Schema = shape(
  'io.k8s.api.authorization.v1.ResourceAttributes',
  'A request on a resource.',
  {
    namespace: text(1, 'Namespace; empty is all of them, or none for cluster-scoped resources.'),
    verb: text(2, 'Verb; * is all.'),
    group: text(3, 'API group; * is all.'),
    version: text(4, 'API version; * is all.'),
    resource: text(5, 'Resource; * is all.'),
    subresource: text(6, 'Subresource; empty is none.'),
    name: text(7, 'Name of the object; empty is all.'),
    fieldSelector: message(8, fieldSelectorAttributes, 'Limits the objects by fields.', { optional: true }),
    labelSelector: message(9, labelSelectorAttributes, 'Limits the objects by labels.', { optional: true }),
  },
);

export const nonResourceAttributes: Schema = shape(
  'io.k8s.api.authorization.v1.NonResourceAttributes',
  'A request on a path that is no resource.',
  {
    path: text(1, 'Path of the URL.'),
    verb: text(2, 'HTTP method in lower case.'),
  },
);

export const subjectAccessReviewSpec: Schema = shape(
  'io.k8s.api.authorization.v1.SubjectAccessReviewSpec',
  'What is asked: exactly one of the two attributes.',
  {
    resourceAttributes: message(1, resourceAttributes, 'A request on a resource.', { optional: true }),
    nonResourceAttributes: message(2, nonResourceAttributes, 'A request on another path.', { optional: true }),
    user: text(3, 'Who asks.'),
    groups: list(4, 'string', 'Groups of the user.', { listType: 'atomic' }),
    extra: map(5, 'string-list', 'More about the user.'),
    uid: text(6, 'UID of the user.'),
  },
);

export const subjectAccessReviewStatus: Schema = shape(
  'io.k8s.api.authorization.v1.SubjectAccessReviewStatus',
  'The answer.',
  {
    allowed: bool(1, 'It is allowed.', { required: true }),
    denied: bool(4, 'It is denied, whatever others say.'),
    reason: text(2, 'Why.'),
    evaluationError: text(3, 'What went wrong while deciding; the answer may hold all the same.'),
  },
);
