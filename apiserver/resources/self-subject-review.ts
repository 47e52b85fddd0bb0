import type { ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { kind, message, shape } from '../scheme/shapes.ts';
import { question } from './question.ts';
import type { BuiltInServices } from './services.ts';
import { userInfo } from './user-info.ts';

export const selfSubjectReviewStatus: Schema = shape(
  'io.k8s.api.authentication.v1.SelfSubjectReviewStatus',
  'Who the asker is.',
  {
    userInfo: message(1, userInfo, 'The asker.'),
  },
);

export const selfSubjectReview: Schema = kind(
  'io.k8s.api.authentication.v1.SelfSubjectReview',
  { group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview' },
  'Asks who one is. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    status: message(2, selfSubjectReviewStatus, 'The answer.'),
  },
);

/** SelfSubjectReview. Source: Kubernetes authentication.k8s.io/v1. */
export function selfSubjectReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authentication.k8s.io',
      kind: 'SelfSubjectReview',
      plural: 'selfsubjectreviews',
      scope: 'Cluster',
      schema: selfSubjectReview,
    },
    services.reviewSelf,
  );
}
