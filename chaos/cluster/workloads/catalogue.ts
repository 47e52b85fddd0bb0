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
  readonly make: (options: StoreWorkloadOptions) => ClusterWorkload;
}[] = [
  { name: 'registers', summary: 'get, put, delete, compare-and-swap on a few keys', make: registers },
  { name: 'transactions', summary: 'pairs of keys that are only written and read together', make: transactions },
  { name: 'leases', summary: 'leases that are kept alive for a while, then forgotten or revoked', make: leases },
  { name: 'locks', summary: 'one lock that everybody wants, and writes that it guards', make: locks },
  { name: 'watches', summary: 'watches that resume on another member', make: watches },
];
