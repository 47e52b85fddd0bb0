import { type FieldError, fieldInvalid, fieldRequired } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import { at, type KubeObject, textAt } from '../scheme/json.ts';
import { dns1123Subdomain, qualifiedName } from '../scheme/names.ts';

const MAX_TEXT = 128;
const MAX_MESSAGE = 1024;

/** What must hold of every event; in the core/v1 form. Source: Kubernetes apis/core/validation/events.go. */
export function validateEvent(event: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const namespace = textAt(event, 'metadata', 'namespace');
  const about = textAt(event, 'involvedObject', 'namespace');
  const isNew = textAt(event, 'eventTime') !== '';
  const fits =
    about === ''
      ? ['', 'default', ...(isNew ? ['kube-system'] : [])].includes(namespace)
      : isNew || namespace === about;
  if (!fits) errors.push(fieldInvalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (isNew) errors.push(...validateReporter(event));
  for (const text of dns1123Subdomain(namespace)) errors.push(fieldInvalid('namespace', namespace, text));
  return errors;
}

/** Events with an eventTime come from newer recorders, which must say who reports. */
function validateReporter(event: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const reporter = textAt(event, 'reportingComponent');
  if (reporter === '') errors.push(fieldRequired('reportingController', ''));
  for (const text of qualifiedName(reporter)) errors.push(fieldInvalid('reportingController', reporter, text));
  for (const [field, name] of [
    ['reportingInstance', 'reportingInstance'],
    ['action', 'action'],
    ['reason', 'reason'],
  ] as const) {
    const value = textAt(event, field);
    if (value === '') errors.push(fieldRequired(name, ''));
    if (value.length > MAX_TEXT) errors.push(fieldInvalid(name, '', `can have at most ${MAX_TEXT} characters`));
  }
  if (textAt(event, 'message').length > MAX_MESSAGE) {
    errors.push(fieldInvalid('message', '', `can have at most ${MAX_MESSAGE} characters`));
  }
  return errors;
}

/** What events.k8s.io/v1 asks of a new event on top of that; in the core/v1 form. */
export function validateNewEvent(event: KubeObject): readonly FieldError[] {
  const errors = [...validateSeries(event)];
  if (textAt(event, 'eventTime') === '') errors.push(fieldRequired('eventTime', ''));
  const type = textAt(event, 'type');
  if (type !== 'Normal' && type !== 'Warning') errors.push(fieldInvalid('type', '', `has invalid value: ${type}`));
  for (const field of ['firstTimestamp', 'lastTimestamp', 'count', 'source']) {
    const value = event[field] ?? {};
    const isSet = typeof value === 'object' ? Object.keys(value ?? {}).length > 0 : Boolean(value);
    if (isSet) errors.push(fieldInvalid(field, '', 'needs to be unset'));
  }
  return errors;
}

const IMMUTABLE = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
];

/** What events.k8s.io/v1 lets change of an event: its series. */
export function validateEventUpdate(next: KubeObject, old: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = sameJson(next['series'], old['series']) ? [] : [...validateSeries(next)];
  for (const field of IMMUTABLE) {
    if (sameJson(next[field] ?? null, old[field] ?? null)) continue;
    const name = field === 'reportingComponent' ? 'reportingController' : field;
    errors.push(fieldInvalid(name, next[field] ?? null, 'field is immutable'));
  }
  return errors;
}

function validateSeries(event: KubeObject): readonly FieldError[] {
  const series = event['series'];
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  const count = at(series, 'count');
  if (typeof count !== 'number' || count < 2) errors.push(fieldInvalid('series.count', '', 'should be at least 2'));
  if (textAt(series, 'lastObservedTime') === '') errors.push(fieldRequired('series.lastObservedTime', ''));
  return errors;
}
