import type { Event } from '../proto/gen/etcd.ts';

/** One change as the state machine reports it: `key` is the byte string of the key inside `event.kv`. */
export interface WatchEvent {
  readonly key: string;
  /** `prevKv` is filled when there was a previous value that is still known. */
  readonly event: Event;
}

/** All changes of one revision, in the order in which they were made. */
export interface RevisionEvents {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

/** An event in the two shapes that watchers ask for; made once, shared by all of them. */
export interface PreparedEvent {
  readonly key: string;
  readonly revision: number;
  readonly withPrevKv: Event;
  readonly bare: Event;
  /** Encoded size of the shape with the previous value, nearly. */
  readonly sizeBytes: number;
}

/** Field tags, lengths and the event's type around the encoded KeyValues. */
const EVENT_OVERHEAD_BYTES = 16;

/** Encoded size of an event with its previous value, nearly. */
export function sizeOfEvent({ event }: WatchEvent): number {
  return (event.kv?.length ?? 0) + (event.prevKv?.length ?? 0) + EVENT_OVERHEAD_BYTES;
}

/** Both shapes of an event of `revision`. */
export function preparedEvent(revision: number, watched: WatchEvent): PreparedEvent {
  const { key, event } = watched;
  const bare = event.prevKv === undefined ? event : { type: event.type, kv: event.kv, prevKv: undefined };
  return { key, revision, withPrevKv: event, bare, sizeBytes: sizeOfEvent(watched) };
}
