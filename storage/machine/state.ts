import { AuthStore } from '../auth/auth-store.ts';
import type { BackendOp } from '../backend/backend.ts';
import { Lessor } from '../lease/lessor.ts';
import { Compaction } from '../mvcc/compaction.ts';
import { type Change, Store } from '../mvcc/store.ts';
import { Alarms } from './alarms.ts';
import type { Applied, AuthFact, Outcome } from './machine.ts';
import { Membership } from './membership.ts';

/** Everything that the log determines, and the rows that the backend does not have yet. */
export class State {
  readonly lessor = new Lessor();
  readonly store = new Store(this.lessor);
  readonly compaction = new Compaction(this.store);
  readonly membership = new Membership();
  readonly auth = new AuthStore();
  readonly alarms = new Alarms();
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
}
