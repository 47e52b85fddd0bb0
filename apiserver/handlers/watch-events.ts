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

const lines = new WeakMap<CachedObject, Map<string, Buffer>>();

/** One frame of a watch. Encoded once for all watchers that see the object in the same form. */
export function eventLine(type: WatchType, object: CachedObject, form: ObjectForm): Buffer {
  let known = lines.get(object);
  if (known === undefined) lines.set(object, (known = new Map()));
  const key = `${type} ${form.key}`;
  let line = known.get(key);
  if (line === undefined) known.set(key, (line = frame(type, form.object(object))));
  return line;
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
