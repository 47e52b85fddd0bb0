import type { ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, kind, list, message, shape, text } from '../scheme/shapes.ts';
import { question } from './question.ts';
import type { BuiltInServices } from './services.ts';
import { userInfo } from './user-info.ts';

export const tokenReviewSpec: Schema = shape('io.k8s.api.authentication.v1.TokenReviewSpec', 'What to review.', {
  token: text(1, 'The bearer token.', { required: true }),
  audiences: list(2, 'string', 'Audiences the asker answers to; the token must be for one of them.', {
    listType: 'atomic',
  }),
});

export const tokenReviewStatus: Schema = shape('io.k8s.api.authentication.v1.TokenReviewStatus', 'What came of it.', {
  authenticated: bool(1, 'The token is good.'),
  user: message(2, userInfo, 'Whose it is.'),
  audiences: list(4, 'string', 'Which of the audiences asked for the token is for.', { listType: 'atomic' }),
  error: text(3, 'Why it could not be checked.'),
});

export const tokenReview: Schema = kind(
  'io.k8s.api.authentication.v1.TokenReview',
  { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview' },
  'Asks whether a token is good. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, tokenReviewSpec, 'What to review.', { required: true }),
    status: message(3, tokenReviewStatus, 'The answer.'),
  },
);

/** TokenReview. Source: Kubernetes authentication.k8s.io/v1. */
export function tokenReviews(services: BuiltInServices): ResourceDefinition {
  return question(
    {
      group: 'authentication.k8s.io',
      kind: 'TokenReview',
      plural: 'tokenreviews',
      scope: 'Cluster',
      schema: tokenReview,
    },
    services.reviewToken,
  );
}
