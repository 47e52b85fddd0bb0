import { InformersWorkload } from '../kubernetes/informers.ts';
import { LeaderElectionWorkload } from '../kubernetes/leader-election.ts';
import { NamespacesWorkload } from '../kubernetes/namespaces.ts';
import { ObjectsWorkload } from '../kubernetes/objects.ts';
import type { ClusterWorkload } from '../workload.ts';
import { leases } from './leases.ts';
import { locks } from './locks.ts';
import type { StoreWorkloadOptions } from './options.ts';
import { registers } from './registers.ts';
import { transactions } from './transactions.ts';
import { watches } from './watches.ts';

/** Every workload that `--workload` knows. */
export const WORKLOADS: readonly {
  readonly name: string;
  /** In a line, for people. */
  readonly summary: string;
  /** It works through API servers. */
  readonly needsApiServers?: boolean;
  readonly make: (options: StoreWorkloadOptions) => ClusterWorkload;
}[] = [
  { name: 'registers', summary: 'get, put, delete, compare-and-swap on a few keys', make: registers },
  { name: 'transactions', summary: 'pairs of keys that are only written and read together', make: transactions },
  { name: 'leases', summary: 'leases that are kept alive for a while, then forgotten or revoked', make: leases },
  { name: 'locks', summary: 'one lock that everybody wants, and writes that it guards', make: locks },
  { name: 'watches', summary: 'watches that resume on another member', make: watches },
  {
    name: 'objects',
    summary: 'ConfigMaps: create, update if unchanged, delete, list, through API servers',
    needsApiServers: true,
    make: ({ seed, clients, thinkMs }) => new ObjectsWorkload({ seed, clients, thinkMs: thinkMs / 2 }),
  },
  {
    name: 'informers',
    summary: 'caches of objects that others change, as client-go keeps them',
    needsApiServers: true,
    make: ({ seed, clients, thinkMs }) => new InformersWorkload({ seed, writers: clients, thinkMs: thinkMs / 2 }),
  },
  {
    name: 'leader-election',
    summary: 'candidates for a Lease, and writes under the fence of its transitions',
    needsApiServers: true,
    make: ({ clients }) => new LeaderElectionWorkload({ candidates: clients }),
  },
  {
    name: 'namespaces',
    summary: 'namespaces that are made, filled, and deleted while they are still filled',
    needsApiServers: true,
    make: ({ seed, thinkMs }) => new NamespacesWorkload({ seed, thinkMs }),
  },
];
