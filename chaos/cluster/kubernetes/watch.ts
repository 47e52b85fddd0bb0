import { type KubeObject, type KubeStatus, objectOf, parseFields, statusOf } from './object.ts';
import type { StreamEnd } from './transport.ts';

/** What a watch tells. */
export type WatchTold =
  | { readonly type: 'event'; readonly kind: EventKind; readonly object: KubeObject }
  /** Everything up to `resourceVersion` was told; `endsInitial`: the initial state is complete. */
  | { readonly type: 'bookmark'; readonly resourceVersion: number; readonly endsInitial: boolean };

export type EventKind = 'ADDED' | 'MODIFIED' | 'DELETED';

/** How a watch ended. */
export type WatchClose =
  /** Its time was up, or the API server stopped. */
  | { readonly type: 'ended' }
  /** The API server said why: an ERROR event, or no stream at all. */
  | { readonly type: 'refused'; readonly status: KubeStatus }
  | { readonly type: 'broken'; readonly why: string }
  /** It told something that is no event. */
  | { readonly type: 'garbled'; readonly line: string };

export interface KubeWatch {
  readonly query: Readonly<Record<string, string>>;
  readonly onTold: (told: WatchTold) => void;
}

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Reads a watch: JSON values, one a line. Source: Kubernetes API, WatchEvent. */
export async function watchLines(
  { onTold }: KubeWatch,
  open: (onLine: (line: string) => void) => Promise<StreamEnd>,
): Promise<WatchClose> {
  let error: WatchClose | undefined;
  const end = await open((line) => {
    // Nothing may come after an ERROR; what does is not looked at.
    if (error !== undefined) return;
    const told = toldIn(line);
    if (told === undefined) error = { type: 'garbled', line: line.slice(0, 200) };
    else if (told.type === 'error') error = { type: 'refused', status: told.status };
    else onTold(told);
  });
  if (error !== undefined) return error;
  switch (end.type) {
    case 'ended':
      return end;
    case 'failed':
      return { type: 'broken', why: end.why };
    case 'refused':
      return { type: 'refused', status: statusOf(parseFields(end.body), end.status) };
  }
}

function toldIn(line: string): WatchTold | { readonly type: 'error'; readonly status: KubeStatus } | undefined {
  const fields = parseFields(line);
  const kind = fields?.['type'];
  if (kind === 'ERROR') return { type: 'error', status: statusOf(fields?.['object'], 500) };
  const object = objectOf(fields?.['object']);
  if (object === undefined) return undefined;
  switch (kind) {
    case 'BOOKMARK':
      return {
        type: 'bookmark',
        resourceVersion: object.resourceVersion,
        endsInitial: object.annotations[INITIAL_EVENTS_END] === 'true',
      };
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: 'event', kind, object };
    default:
      return undefined;
  }
}
