import type { Index, MemberId, Term } from '../base/brand.ts';
import { NO_MEMBER } from '../base/brand.ts';
import { encodeConfChange } from './conf-change.ts';
import { EMPTY_CONF_STATE } from './membership.ts';
import type { Entry, RaftState } from './types.ts';

const NOTHING = { index: 0 as Index, term: 0 as Term, conf: EMPTY_CONF_STATE };

/** What a member that joins a running cluster starts with: nothing. Its leader brings it the log, or a snapshot. */
export const JOINING_STATE: RaftState = {
  hardState: { term: 0 as Term, vote: NO_MEMBER, commit: 0 as Index },
  snapshot: NOTHING,
  entries: [],
  applied: 0 as Index,
};

/**
 * What each first member of a new cluster starts with: one committed entry per member, the same on all of them, so that a
 * member that joins later finds the first ones in the log. The caller puts it on disk before createRaft, and applies the entries
 * as it applies any; nobody campaigns before it has. `context` is that of the ConfChange.
 */
export function bootstrapState(members: readonly { readonly id: MemberId; readonly context: Uint8Array }[]): RaftState {
  const term = 1 as Term;
  const ascending = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const entries = ascending.map(({ id, context }, i): Entry => {
    const changes = [{ type: 'add-voter', member: id }] as const;
    const data = encodeConfChange({ transition: 'auto', changes, context });
    return { index: (i + 1) as Index, term, type: 'conf', data };
  });
  const commit = entries.length as Index;
  return { hardState: { term, vote: NO_MEMBER, commit }, snapshot: NOTHING, entries, applied: 0 as Index };
}
