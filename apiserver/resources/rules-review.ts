import type { ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, kind, list, message, shape, text } from '../scheme/shapes.ts';
import { question } from './question.ts';
import type { BuiltInServices } from './services.ts';

export const resourceRule: Schema = shape(
  'io.k8s.api.authorization.v1.ResourceRule',
  'What may be done to resources.',
  {
    verbs: list(1, 'string', 'Verbs; * is all.', { required: true, listType: 'atomic' }),
    apiGroups: list(2, 'string', 'API groups; * is all.', { listType: 'atomic' }),
    resources: list(3, 'string', 'Resources; * is all.', { listType: 'atomic' }),
    resourceNames: list(4, 'string', 'Names; empty is all.', { listType: 'atomic' }),
  },
);

export const nonResourceRule: Schema = shape(
  'io.k8s.api.authorization.v1.NonResourceRule',
  'What may be done to paths.',
  {
    verbs: list(1, 'string', 'Verbs; * is all.', { required: true, listType: 'atomic' }),
    nonResourceURLs: list(2, 'string', 'Paths; * is all.', { listType: 'atomic' }),
  },
);

export const selfSubjectRulesReviewSpec: Schema = shape(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec',
  'What is asked.',
  {
    namespace: text(1, 'Namespace to list rules of.'),
  },
);

export const subjectRulesReviewStatus: Schema = shape(
  'io.k8s.api.authorization.v1.SubjectRulesReviewStatus',
  'The rules found.',
  {
    resourceRules: list(1, resourceRule, 'On resources; order means nothing.', { required: true, listType: 'atomic' }),
    nonResourceRules: list(2, nonResourceRule, 'On paths; order means nothing.', {
      required: true,
      listType: 'atomic',
    }),
    incomplete: bool(3, 'There may be more rules than these.', { required: true }),
    evaluationError: text(4, 'What went wrong while gathering.'),
  },
);

export const selfSubjectRulesReview: Schema = kind(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview' },
  'Asks for the rules one has in a namespace. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, selfSubjectRulesReviewSpec, 'What is asked.', { required: true }),
    status: message(3, subjectRulesReviewStatus, 'The answer.'),
  },
);

/** SelfSubjectRulesReview. Source: Kubernetes authorization.k8s.io/v1. */
export function selfSubjectRulesReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authorization.k8s.io',
      kind: 'SelfSubjectRulesReview',
      plural: 'selfsubjectrulesreviews',
      scope: 'Cluster',
      schema: selfSubjectRulesReview,
    },
    services.reviewSelfRules,
  );
}
