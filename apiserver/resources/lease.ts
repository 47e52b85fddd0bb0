import { type FieldError, fieldInvalid } from '../errors.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { at, isObject, type KubeObject, textAt } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { int32, kind, message, microTime, shape, text } from '../scheme/shapes.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

export const leaseSpec: Schema = shape('io.k8s.api.coordination.v1.LeaseSpec', 'What a lease says.', {
  holderIdentity: text(1, 'Who holds it.', { optional: true }),
  leaseDurationSeconds: int32(2, 'How long candidates wait after renewTime before they take it.', { optional: true }),
  acquireTime: microTime(3, 'When the holder got it.', { optional: true }),
  renewTime: microTime(4, 'When the holder last renewed it.', { optional: true }),
  leaseTransitions: int32(5, 'How often it changed hands.', { optional: true }),
  strategy: text(6, 'How the holder of a coordinated lease is picked.', { optional: true }),
  preferredHolder: text(7, 'Who should take a coordinated lease over.', { optional: true }),
});

export const lease: Schema = kind(
  'io.k8s.api.coordination.v1.Lease',
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  'A lock that runs out unless renewed; for leader election and heartbeats.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    spec: message(2, leaseSpec, 'Who holds it and how long.'),
  },
);

/** Lease: a lock that runs out. Source: Kubernetes coordination.k8s.io/v1. */
export const leases: ResourceDefinition = defineResource({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  schema: lease,
  strategy: {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    prepareForCreate: dropCoordination,
    prepareForUpdate: dropCoordination,
    validate,
  },
  columns: [
    nameColumn,
    column('Holder', 'Who holds the lease.', (object) => textAt(object, 'spec', 'holderIdentity')),
    ageColumn,
  ],
});

/** Coordinated leader election is not served, as with kube-apiserver's default feature gates. */
function dropCoordination(object: KubeObject): void {
  const spec = object['spec'];
  if (!isObject(spec)) return;
  delete spec['strategy'];
  delete spec['preferredHolder'];
}

function validate(object: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seconds = at(object, 'spec', 'leaseDurationSeconds');
  if (typeof seconds === 'number' && seconds <= 0) {
    errors.push(fieldInvalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  const transitions = at(object, 'spec', 'leaseTransitions');
  if (typeof transitions === 'number' && transitions < 0) {
    errors.push(fieldInvalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}
