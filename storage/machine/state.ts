import { FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import { AuthStore } from '../auth/auth-store.ts';
import type { BackendOp } from '../backend/backend.ts';
import { Lessor } from '../lease/lessor.ts';
import { Compaction } from '../mvcc/compaction.ts';
import { type Change, Store } from '../mvcc/store.ts';
import { Alarms } from './alarms.ts';
import type { Applied, AuthFact, Divergence, Outcome } from './machine.ts';
import { Membership } from './membership.ts';
import { StateHash } from './state-hash.ts';

/** Everything that the log determines, and the rows that the backend does not have yet. */
export class State {
  readonly lessor = new Lessor();
  readonly store = new Store(this.lessor);
  readonly compaction = new Compaction(this.store);
  readonly membership = new Membership();
  readonly auth = new AuthStore();
  readonly alarms = new Alarms();
  readonly stateHash = new StateHash();
  /** Commands beyond this format must not be proposed yet. */
  clusterFormat = FIRST_COMMAND_FORMAT;
  applied = 0;
  appliedTerm = 0;
  /** In the order in which they must be written. */
  rows: BackendOp[] = [];
}

/** What a command did: its outcome, and what others must hear of. */
export interface Effect {
  readonly outcome: Outcome;
  readonly events?: readonly Change[];
  readonly leases?: Applied['leases'];
  readonly auth?: AuthFact;
  readonly diverged?: Divergence;
  /** What it wrote is about the hash of the state, not part of it. */
  readonly isUnhashed?: boolean;
}
