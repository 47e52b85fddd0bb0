import type { ResponseHeader, WatchResponse } from '../proto/gen/etcd.ts';

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
