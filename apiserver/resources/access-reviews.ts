import type { ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, message, shape } from '../scheme/shapes.ts';
import {
  nonResourceAttributes,
  resourceAttributes,
  subjectAccessReviewSpec,
  subjectAccessReviewStatus,
} from './access-review-shapes.ts';
import { question } from './question.ts';
import type { BuiltInServices } from './services.ts';

export const subjectAccessReview: Schema = kind(
  'io.k8s.api.authorization.v1.SubjectAccessReview',
  { group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview' },
  'Asks whether a user may do something. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, subjectAccessReviewSpec, 'What is asked.', { required: true }),
    status: message(3, subjectAccessReviewStatus, 'The answer.'),
  },
);

export const localSubjectAccessReview: Schema = kind(
  'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  { group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview' },
  'Asks whether a user may do something in one namespace. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, subjectAccessReviewSpec, 'What is asked.', { required: true }),
    status: message(3, subjectAccessReviewStatus, 'The answer.'),
  },
);

export const selfSubjectAccessReviewSpec: Schema = shape(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec',
  'What is asked: exactly one of the two attributes.',
  {
    resourceAttributes: message(1, resourceAttributes, 'A request on a resource.', { optional: true }),
    nonResourceAttributes: message(2, nonResourceAttributes, 'A request on another path.', { optional: true }),
  },
);

export const selfSubjectAccessReview: Schema = kind(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview' },
  'Asks whether one may do something. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, selfSubjectAccessReviewSpec, 'What is asked.', { required: true }),
    status: message(3, subjectAccessReviewStatus, 'The answer.'),
  },
);

/** LocalSubjectAccessReview. Source: Kubernetes authorization.k8s.io/v1. */
export function localSubjectAccessReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authorization.k8s.io',
      kind: 'LocalSubjectAccessReview',
      plural: 'localsubjectaccessreviews',
      scope: 'Namespaced',
      schema: localSubjectAccessReview,
    },
    services.reviewLocalAccess,
  );
}

/** SelfSubjectAccessReview. Source: Kubernetes authorization.k8s.io/v1. */
export function selfSubjectAccessReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authorization.k8s.io',
      kind: 'SelfSubjectAccessReview',
      plural: 'selfsubjectaccessreviews',
      scope: 'Cluster',
      schema: selfSubjectAccessReview,
    },
    services.reviewSelfAccess,
  );
}

/** SubjectAccessReview. Source: Kubernetes authorization.k8s.io/v1. */
export function subjectAccessReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authorization.k8s.io',
      kind: 'SubjectAccessReview',
      plural: 'subjectaccessreviews',
      scope: 'Cluster',
      schema: subjectAccessReview,
    },
    services.reviewSubjectAccess,
  );
}
