import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { int64, kind, list, message, shape, text, time } from '../scheme/shapes.ts';

export const boundObjectReference: Schema = shape(
  'io.k8s.api.authentication.v1.BoundObjectReference',
  'An object a token lives and dies with.',
  {
    kind: text(1, 'Pod, Secret or Node.'),
    apiVersion: text(2, 'Its API version.'),
    name: text(3, 'Its name.'),
    uid: text(4, 'Its UID.'),
  },
);

export const tokenRequestSpec: Schema = shape(
  'io.k8s.api.authentication.v1.TokenRequestSpec',
  'Which token is wanted.',
  {
    audiences: list(1, 'string', 'Who is to accept the token.', { listType: 'atomic' }),
    expirationSeconds: int64(4, 'How long it is wanted for; the answer tells what it got.', { optional: true }),
    boundObjectRef: message(3, boundObjectReference, 'The token is good only while this object exists.', {
      optional: true,
    }),
  },
);

export const tokenRequestStatus: Schema = shape('io.k8s.api.authentication.v1.TokenRequestStatus', 'The token.', {
  token: text(1, 'The token itself.', { default: '' }),
  expirationTimestamp: time(2, 'When it runs out.'),
});

export const tokenRequest: Schema = kind(
  'io.k8s.api.authentication.v1.TokenRequest',
  { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  'Asks for a token of a service account. Not stored.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, tokenRequestSpec, 'Which token is wanted.'),
    status: message(3, tokenRequestStatus, 'The answer.'),
  },
);
