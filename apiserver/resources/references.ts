/** Shapes of core/v1 that several kinds use. */
import type { Schema } from '../scheme/schema.ts';
import { shape, text } from '../scheme/shapes.ts';

export const objectReference: Schema = shape(
  'io.k8s.api.core.v1.ObjectReference',
  'Refers to an object, or a part of it.',
  {
    kind: text(1, 'Kind of the object.'),
    namespace: text(2, 'Its namespace.'),
    name: text(3, 'Its name.'),
    uid: text(4, 'Its UID.'),
    apiVersion: text(5, 'Its API version.'),
    resourceVersion: text(6, 'Its version, if one is meant.'),
    fieldPath: text(7, 'The part of it that is meant, as a JSONPath.'),
  },
  { mapType: 'atomic' },
);

export const localObjectReference: Schema = shape(
  'io.k8s.api.core.v1.LocalObjectReference',
  'Refers to an object in the same namespace.',
  {
    name: text(1, 'Its name.', { default: '' }),
  },
  { mapType: 'atomic' },
);

export const eventSource: Schema = shape('io.k8s.api.core.v1.EventSource', 'Who reported an event.', {
  component: text(1, 'Which component.'),
  host: text(2, 'On which host.'),
});
