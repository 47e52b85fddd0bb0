import { Entry } from '../cache/entry.ts';
import type { CachedObject, CacheEvent } from '../cache/types.ts';
import type { JsonObject } from '../scheme/json.ts';
import { replaceResourceVersion } from '../store/served-bytes.ts';
import type { ObjectForm } from './forms.ts';
import type { Selection } from './selection.ts';

type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** What a watcher with this selection sees of an event: an object that comes to match is ADDED, one that ceases to is DELETED. */
export function visible(
  event: CacheEvent,
  selection: Selection,
): { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: CachedObject } | undefined {
  if (selection.namespace !== '' && event.object.namespace !== selection.namespace) return undefined;
  if (selection.everything) return event;
  const before = event.previous !== undefined && selection.matches(event.previous);
  const after = event.type !== 'DELETED' && selection.matches(event.object);
  if (before && after) return { type: 'MODIFIED', object: event.object };
  if (after) return { type: 'ADDED', object: event.object };
  if (!before) return undefined;
  return { type: 'DELETED', object: event.type === 'DELETED' ? event.object : lastMatching(event) };
}

const lastStates = new WeakMap<CacheEvent, CachedObject>();

/** The previous state under the event's resourceVersion: what a watcher is told when an object leaves its selection. */
function lastMatching(event: CacheEvent): CachedObject {
  let state = lastStates.get(event);
  if (state === undefined) {
    const previous = event.previous as CachedObject;
    state = new Entry(previous, event.resourceVersion, replaceResourceVersion(previous.bytes, event.resourceVersion));
    lastStates.set(event, state);
  }
  return state;
}

const lines = new WeakMap<CacheEvent, Map<string, Buffer>>();

/** What a watcher is told of one event: a frame, encoded once for all watchers that see it alike. Undefined: nothing. */
export function eventLine(event: CacheEvent, selection: Selection, form: ObjectForm): Buffer | undefined {
  const seen = visible(event, selection);
  if (seen === undefined) return undefined;
  let known = lines.get(event);
  if (known === undefined) lines.set(event, (known = new Map()));
  const key = `${seen.type} ${form.key}`;
  let line = known.get(key);
  if (line === undefined) known.set(key, (line = frame(seen.type, form.object(seen.object))));
  return line;
}

/** The frames of a burst of events, put together, and how many they are. */
export interface Burst {
  readonly bytes: Buffer;
  readonly count: number;
}

const bursts = new WeakMap<readonly CacheEvent[], Map<string, Burst>>();

/** The same for events that come together. `sight`: equal for watchers with the same selection and form. */
export function burstOf(events: readonly CacheEvent[], selection: Selection, form: ObjectForm, sight: string): Burst {
  let known = bursts.get(events);
  if (known === undefined) bursts.set(events, (known = new Map()));
  let burst = known.get(sight);
  if (burst === undefined) known.set(sight, (burst = makeBurst(events, selection, form)));
  return burst;
}

function makeBurst(events: readonly CacheEvent[], selection: Selection, form: ObjectForm): Burst {
  const seen: Buffer[] = [];
  for (const event of events) {
    const line = eventLine(event, selection, form);
    if (line !== undefined) seen.push(line);
  }
  return { bytes: seen.length === 1 ? (seen[0] as Buffer) : Buffer.concat(seen), count: seen.length };
}

/** The same for an object of the initial state: not kept, it is rarely sent twice. */
export const stateLine = (object: CachedObject, form: ObjectForm): Buffer => frame('ADDED', form.object(object));

export function bookmarkLine(form: ObjectForm, resourceVersion: number, annotations?: JsonObject): Buffer {
  return frame('BOOKMARK', form.bookmark(resourceVersion, annotations));
}

export const errorLine = (status: JsonObject): Buffer => frame('ERROR', Buffer.from(JSON.stringify(status)));

const CLOSE = Buffer.from('}\n');
const frame = (type: WatchType, object: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, CLOSE]);
