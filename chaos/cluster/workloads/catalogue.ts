import type { ClusterWorkload } from '../workload.ts';
import type { StoreWorkloadOptions } from './calls.ts';
import { registers } from './registers.ts';
import { transactions } from './transactions.ts';

/** Every workload that `--workload` knows. */
export const WORKLOADS: readonly {
  readonly name: string;
  /** In a line, for people. */
  readonly summary: string;
  readonly make: (options: StoreWorkloadOptions) => ClusterWorkload;
}[] = [
  { name: 'registers', summary: 'get, put, delete, compare-and-swap on a few keys', make: registers },
  { name: 'transactions', summary: 'pairs of keys that are only written and read together', make: transactions },
];
