import type { MeteredResult } from '../load.ts';
import { collectionPath, configMap, makeNamespace, nameOf, populate } from './objects.ts';
import { runPagedLists, runRequests } from './requests.ts';
import type { Side } from './servers.ts';
import { runWatchFanOut } from './watchers.ts';

/** How much of what; each is a flag. */
export interface Scale {
  readonly objects: number;
  readonly connections: number;
  readonly clients: number;
  readonly watchers: number;
  readonly updates: number;
  readonly seconds: number;
}

export type ApiLoadResult = MeteredResult;

/** One load on a running API server. `prepare` runs once on each side before the rounds. */
export interface ApiWorkload {
  readonly name: string;
  prepare(side: Side, scale: Scale): Promise<void>;
  run(side: Side, scale: Scale): Promise<ApiLoadResult>;
}

const LISTED = 'listed';
const PAGE_OBJECTS = 500;

const populated = (side: Side, { objects }: Scale): Promise<void> =>
  once(side, LISTED, () => populate(side.target, LISTED, objects));

/** Namespaces that are there already: the workloads share one populated namespace. */
const made = new WeakMap<Side, Map<string, Promise<void>>>();
function once(side: Side, what: string, make: () => Promise<void>): Promise<void> {
  let known = made.get(side);
  if (known === undefined) made.set(side, (known = new Map()));
  let one = known.get(what);
  if (one === undefined) known.set(what, (one = make()));
  return one;
}

/** Names of created objects, over all runs. */
let created = 0;

export const API_WORKLOADS: readonly ApiWorkload[] = [
  {
    name: 'kube-list',
    prepare: populated,
    run: ({ target }, { seconds }) =>
      runRequests({ target, connections: 1, clients: 1, seconds, wantedStatus: 200, request: () => LIST }),
  },
  {
    name: 'kube-list-4',
    prepare: populated,
    run: ({ target }, { seconds }) =>
      runRequests({ target, connections: 4, clients: 4, seconds, wantedStatus: 200, request: () => LIST }),
  },
  {
    name: 'kube-list-paged',
    prepare: populated,
    run: ({ target }, { seconds }) =>
      runPagedLists({ target, path: collectionPath(LISTED), pageObjects: PAGE_OBJECTS, seconds }),
  },
  {
    name: 'kube-get',
    prepare: populated,
    run: ({ target }, { connections, clients, seconds, objects }) =>
      runRequests({
        target,
        connections,
        clients,
        seconds,
        wantedStatus: 200,
        request: (n) => ({ method: 'GET', path: `${collectionPath(LISTED)}/${nameOf((n * 7919) % objects)}` }),
      }),
  },
  {
    name: 'kube-get-1',
    prepare: populated,
    run: ({ target }, { seconds, objects }) =>
      runRequests({
        target,
        connections: 1,
        clients: 1,
        seconds,
        wantedStatus: 200,
        request: (n) => ({ method: 'GET', path: `${collectionPath(LISTED)}/${nameOf((n * 7919) % objects)}` }),
      }),
  },
  {
    name: 'kube-create',
    prepare: (side) => once(side, 'created', () => makeNamespace(side.target, 'created')),
    run: ({ target }, { connections, clients, seconds }) =>
      runRequests({
        target,
        connections,
        clients,
        seconds,
        wantedStatus: 201,
        request: () => ({
          method: 'POST',
          path: collectionPath('created'),
          body: configMap('created', nameOf(created++)),
        }),
      }),
  },
  {
    name: 'kube-watch',
    prepare: (side) => once(side, 'watched', () => populate(side.target, 'watched', WATCHED_OBJECTS)),
    run: ({ target }, { watchers, updates }) =>
      runWatchFanOut({
        target,
        namespace: 'watched',
        watchers,
        connections: Math.ceil(watchers / WATCHERS_A_CONNECTION),
        objects: WATCHED_OBJECTS,
        updates,
        window: 8,
      }),
  },
];

const LIST = { method: 'GET', path: collectionPath(LISTED) } as const;
const WATCHED_OBJECTS = 64;
const WATCHERS_A_CONNECTION = 10;
