import { CONSENSUS_MUTATIONS } from './consensus.ts';
import type { Mutation } from './mutation.ts';
import { STORE_MUTATIONS } from './store.ts';

/** All known bugs that are planted again, one at a time. */
export const MUTATIONS: readonly Mutation[] = [...CONSENSUS_MUTATIONS, ...STORE_MUTATIONS];
