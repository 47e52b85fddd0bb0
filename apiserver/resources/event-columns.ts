import { ageOf } from '../printers/duration.ts';
import type { Column } from '../registry/definition.ts';
import { at, type KubeObject, textAt } from '../scheme/json.ts';
import { column, nameColumn } from './columns.ts';

/** The columns of events, in the core/v1 form. Source: Kubernetes printers printEvent. */
export const eventColumns: readonly Column[] = [
  column('Last Seen', 'How long ago it was last seen.', lastSeen),
  column('Type', 'Normal or Warning.', (event) => textAt(event, 'type')),
  column('Reason', 'Why, in one word.', (event) => textAt(event, 'reason')),
  column('Object', 'What the event is about.', involved),
  column(
    'Subobject',
    'The part of the object that is meant.',
    (event) => textAt(event, 'involvedObject', 'fieldPath'),
    { priority: 1 },
  ),
  column('Source', 'Who reports.', source, { priority: 1 }),
  column('Message', 'What happened.', (event) => textAt(event, 'message').trim()),
  column('First Seen', 'How long ago it was first seen.', firstSeen, { priority: 1 }),
  column('Count', 'How often it was seen.', count, { priority: 1 }),
  { ...nameColumn, priority: 1 },
];

function firstSeen(event: KubeObject, nowMs: number): string {
  return ageOf(textAt(event, 'firstTimestamp') || textAt(event, 'eventTime'), nowMs);
}

function lastSeen(event: KubeObject, nowMs: number): string {
  const series = textAt(event, 'series', 'lastObservedTime');
  const last = series || textAt(event, 'lastTimestamp');
  return last === '' ? firstSeen(event, nowMs) : ageOf(last, nowMs);
}

function involved(event: KubeObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const name = textAt(event, 'involvedObject', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function source(event: KubeObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
}

function count(event: KubeObject): string {
  const series = at(event, 'series', 'count');
  const counted = typeof series === 'number' ? series : at(event, 'count');
  return String(typeof counted === 'number' && counted > 0 ? counted : 1);
}
