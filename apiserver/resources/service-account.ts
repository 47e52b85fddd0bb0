import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, kind, list, message } from '../scheme/shapes.ts';
import { ageColumn, column, countAt, nameColumn } from './columns.ts';
import { localObjectReference, objectReference } from './references.ts';
import type { BuiltInServices } from './services.ts';
import { tokenRequest } from './token-request.ts';

export const serviceAccount: Schema = kind(
  'io.k8s.api.core.v1.ServiceAccount',
  { group: '', version: 'v1', kind: 'ServiceAccount' },
  'An identity for programs.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    secrets: list(2, objectReference, 'Secrets that pods of this account may use.', {
      listType: 'map',
      listMapKeys: ['name'],
      merge: 'name',
    }),
    imagePullSecrets: list(3, localObjectReference, 'Secrets for pulling images.', { listType: 'atomic' }),
    automountServiceAccountToken: bool(4, 'Whether pods get a token of this account by themselves.', {
      optional: true,
    }),
  },
);

/** ServiceAccount, with serviceaccounts/token. Source: Kubernetes core/v1. */
export function serviceAccounts(services: BuiltInServices): ResourceDefinition {
  return defineResource({
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    scope: 'Namespaced',
    schema: serviceAccount,
    subresources: [
      {
        name: 'token',
        verbs: ['create'],
        kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: tokenRequest },
        create: (body, parent, context) => services.createToken(body, parent, context),
      },
    ],
    columns: [
      nameColumn,
      column('Secrets', 'How many secrets the account lists.', (account) => countAt(account, 'secrets')),
      ageColumn,
    ],
  });
}
