import type { KvInput } from '../../models/kv.ts';
import type { ClusterWorkload } from '../workload.ts';
import { callsWorkload } from './calls.ts';
import type { StoreWorkloadOptions } from './options.ts';

const KEYS = 5;
const KINDS = ['put', 'put', 'get', 'get', 'get', 'cas', 'cas', 'delete'] as const;

/** Registers that many clients read, write, delete, and compare and swap. */
export function registers(options: StoreWorkloadOptions): ClusterWorkload {
  return callsWorkload('registers', options, {
    prefix: 'r/',
    next: ({ id, prng }, count, seen): KvInput => {
      const keys = [`r/${prng.between(1, KEYS)}`] as const;
      const value = `r${id}.${count}`;
      const type = prng.pick(KINDS);
      switch (type) {
        case 'get':
        case 'delete':
          return { type, keys };
        case 'put':
          return { type, keys, value };
        case 'cas':
          return { type, keys, expected: seen.get(keys[0]), value };
      }
    },
  });
}
