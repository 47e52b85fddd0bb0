import type { FieldError } from '../errors.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { textAt } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { pathSegment } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { int32, kind, message, microTime, shape, text, time } from '../scheme/shapes.ts';
import { eventColumns } from './event-columns.ts';
import { validateEvent } from './event-rules.ts';
import { eventSource, objectReference } from './references.ts';

export const eventSeries: Schema = shape('io.k8s.api.core.v1.EventSeries', 'A series of like events.', {
  count: int32(1, 'How many so far.'),
  lastObservedTime: microTime(2, 'When the last one was.'),
});

export const event: Schema = kind(
  'io.k8s.api.core.v1.Event',
  { group: '', version: 'v1', kind: 'Event' },
  'A report that something happened somewhere. Informative, kept for a limited time.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.', { required: true }),
    involvedObject: message(2, objectReference, 'What the event is about.', { required: true }),
    reason: text(3, 'Why, in one CamelCase word.'),
    message: text(4, 'What happened, for people.'),
    source: message(5, eventSource, 'Who reports.'),
    firstTimestamp: time(6, 'When it was first seen.'),
    lastTimestamp: time(7, 'When it was last seen.'),
    count: int32(8, 'How often it was seen.'),
    type: text(9, 'Normal or Warning; more may come.'),
    eventTime: microTime(10, 'When it was first seen, in microseconds.'),
    series: message(11, eventSeries, 'The series this event stands for.', { optional: true }),
    action: text(12, 'What was done or failed.'),
    related: message(13, objectReference, 'A second object the event has to do with.', { optional: true }),
    reportingComponent: text(14, 'Name of the controller that reports.', { default: '' }),
    reportingInstance: text(15, 'ID of the controller instance.', { default: '' }),
  },
);

/** Events go away by themselves after this many seconds. Source: kube-apiserver --event-ttl. */
export const EVENT_TTL_SECONDS = 3600;

/** Event as core/v1 knows it, which is also how events are stored. */
export const events: ResourceDefinition = defineResource({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  schema: event,
  fieldSelectors: {
    ...Object.fromEntries(
      ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((part) => [
        `involvedObject.${part}`,
        (object: Parameters<typeof textAt>[0]) => textAt(object, 'involvedObject', part),
      ]),
    ),
    reason: (object) => textAt(object, 'reason'),
    reportingComponent: (object) => textAt(object, 'reportingComponent'),
    source: (object) => textAt(object, 'source', 'component') || textAt(object, 'reportingComponent'),
    type: (object) => textAt(object, 'type'),
  },
  strategy: {
    allowCreateOnUpdate: true,
    validateName: pathSegment,
    validate: (object): readonly FieldError[] => validateEvent(object),
    ttlSeconds: () => EVENT_TTL_SECONDS,
  },
  columns: eventColumns,
});
