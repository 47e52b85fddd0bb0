import { CONSENSUS_MUTATIONS } from './consensus.ts';
import { DURABILITY_MUTATIONS } from './durability.ts';
import { LEASE_MUTATIONS } from './leases.ts';
import type { Mutation } from './mutation.ts';
import { STORE_MUTATIONS } from './store.ts';
import { WATCH_MUTATIONS } from './watch.ts';

/** All known bugs that are planted again, one at a time. */
export const MUTATIONS: readonly Mutation[] = [
  ...CONSENSUS_MUTATIONS,
  ...DURABILITY_MUTATIONS,
  ...STORE_MUTATIONS,
  ...WATCH_MUTATIONS,
  ...LEASE_MUTATIONS,
];

/** The mutations of which the name contains one of `names`; all when there are none. */
export function chosen(names: readonly string[]): readonly Mutation[] {
  return MUTATIONS.filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
}
