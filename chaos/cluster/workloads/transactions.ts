import type { KvInput } from '../../models/kv.ts';
import type { ClusterWorkload } from '../workload.ts';
import { callsWorkload } from './calls.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** A pair is used for this many calls of each client: the search for an order grows with what is unknown of one pair. */
const CALLS_PER_PAIR = 100;

/** Pairs of keys that are only written and read together, in transactions: never half of one is seen. */
export function transactions(options: StoreWorkloadOptions): ClusterWorkload {
  return callsWorkload('transactions', options, {
    prefix: 't/',
    next: ({ id, prng }, count): KvInput => {
      const pair = `t/${Math.floor(count / CALLS_PER_PAIR)}`;
      const keys = [`${pair}/a`, `${pair}/b`];
      return prng.chance(0.5) ? { type: 'get', keys } : { type: 'put', keys, value: `t${id}.${count}` };
    },
  });
}
