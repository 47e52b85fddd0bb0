import type { Event, ResponseHeader, WatchResponse } from '../proto/gen/etcd.ts';

/** The id in answers that belong to no watcher: refused creations, progress of a whole stream. */
export const NO_WATCH_ID = -1;

export type ResponseFields = Partial<WatchResponse> & { readonly watchId: number };

/** A response with these fields, all others empty. */
export function response(header: ResponseHeader, fields: ResponseFields): WatchResponse {
  return {
    header,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    fragment: false,
    events: [],
    ...fields,
  };
}

/** What one watcher gets of a change, field by field: there is one for every watcher of every change. */
export function eventsResponse(
  header: ResponseHeader,
  watchId: number,
  { events, fragment }: { readonly events: readonly Event[]; readonly fragment: boolean },
): WatchResponse {
  return {
    header,
    watchId,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    fragment,
    events,
  };
}
