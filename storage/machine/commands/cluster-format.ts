import type { ClusterFormat } from '../../../proto/gen/command.ts';
import { clusterFormatRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/** The format that first knew the hash of the state. */
export const STATE_HASH_FORMAT = 2;

/** All members understand this format now. It never falls; what lies below the present one changes nothing. */
export function applyClusterFormat(state: State, { format }: ClusterFormat): Effect {
  const before = state.clusterFormat;
  if (format > before) {
    state.clusterFormat = format;
    state.rows.push(clusterFormatRow(format));
    // What older versions applied was never hashed: all members begin here.
    if (before < STATE_HASH_FORMAT && format >= STATE_HASH_FORMAT) state.stateHash.begin();
  }
  return { outcome: { type: 'none' } };
}
