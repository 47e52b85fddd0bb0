import { type FieldError, invalid } from '../errors.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { copyJson } from '../scheme/defaults.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { pathSegment } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { int32, kind, message, microTime, shape, text, time } from '../scheme/shapes.ts';
import { EVENT_TTL_SECONDS } from './event.ts';
import { eventColumns } from './event-columns.ts';
import { validateEvent, validateEventUpdate, validateNewEvent } from './event-rules.ts';
import { eventSource, objectReference } from './references.ts';

export const eventSeries: Schema = shape('io.k8s.api.events.v1.EventSeries', 'A series of like events.', {
  count: int32(1, 'How many so far.', { required: true }),
  lastObservedTime: microTime(2, 'When the last one was.', { required: true }),
});

export const eventV1: Schema = kind(
  'io.k8s.api.events.v1.Event',
  { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
  'A report that something happened somewhere. Informative, kept for a limited time.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    eventTime: microTime(2, 'When it was first seen.', { required: true }),
    series: message(3, eventSeries, 'The series this event stands for.', { optional: true }),
    reportingController: text(4, 'Name of the controller that reports.'),
    reportingInstance: text(5, 'ID of the controller instance.'),
    action: text(6, 'What was done or failed.'),
    reason: text(7, 'Why; at most 128 characters.'),
    regarding: message(8, objectReference, 'What the event is about.'),
    related: message(9, objectReference, 'A second object the event has to do with.', { optional: true }),
    note: text(10, 'What happened, for people; at most 1 KiB.'),
    type: text(11, 'Normal or Warning; more may come.'),
    deprecatedSource: message(12, eventSource, 'source of a core/v1 event.'),
    deprecatedFirstTimestamp: time(13, 'firstTimestamp of a core/v1 event.'),
    deprecatedLastTimestamp: time(14, 'lastTimestamp of a core/v1 event.'),
    deprecatedCount: int32(15, 'count of a core/v1 event.'),
  },
);

/** How events.k8s.io/v1 calls what core/v1 calls otherwise. Source: Kubernetes apis/events/v1/conversion.go. */
const RENAMED = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['reportingController', 'reportingComponent'],
] as const;

/** Event as events.k8s.io/v1 knows it; stored as core/v1. */
export const eventsV1: ResourceDefinition = defineResource({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  scope: 'Namespaced',
  schema: eventV1,
  storagePath: 'events',
  storageGroup: '',
  storageVersion: 'v1',
  convert,
  fieldSelectors: {
    ...Object.fromEntries(
      ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((part) => [
        `regarding.${part}`,
        (object: KubeObject) => textAt(object, 'regarding', part),
      ]),
    ),
    reason: (object) => textAt(object, 'reason'),
    reportingController: (object) => textAt(object, 'reportingController'),
    source: (object) => textAt(object, 'deprecatedSource', 'component') || textAt(object, 'reportingController'),
    type: (object) => textAt(object, 'type'),
  },
  strategy: {
    allowCreateOnUpdate: true,
    validateName: pathSegment,
    validate: (object): readonly FieldError[] => validateEvent(coreForm(object)),
    prepareForCreate: refuseOldForm,
    validateUpdate: (next, old) => validateEventUpdate(coreForm(next), coreForm(old)),
    ttlSeconds: () => EVENT_TTL_SECONDS,
  },
  columns: eventColumns.map((column) => ({ ...column, of: (object, nowMs) => column.of(coreForm(object), nowMs) })),
});

/** To the form that the object does not have: its apiVersion tells which. */
function convert(object: KubeObject): KubeObject {
  const toCore = object.apiVersion !== 'v1';
  for (const [name, coreName] of RENAMED) {
    const [from, to] = toCore ? [name, coreName] : [coreName, name];
    const value = object[from];
    delete object[from];
    if (value !== undefined) object[to] = value;
  }
  object.apiVersion = toCore ? 'v1' : 'events.k8s.io/v1';
  return object;
}

const coreForm = (object: KubeObject): KubeObject =>
  object.apiVersion === 'v1' ? object : convert(copyJson(object) as KubeObject);

/** Stricter for new events than for changes of those that core/v1 made. Errors: ApiError 422. */
function refuseOldForm(object: KubeObject): void {
  const core = coreForm(object);
  const errors = [...validateEvent(core), ...validateNewEvent(core)];
  if (errors.length > 0)
    throw invalid({ group: 'events.k8s.io', kind: 'Event' }, textAt(object, 'metadata', 'name'), errors);
}
