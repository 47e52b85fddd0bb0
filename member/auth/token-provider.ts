import type { Identity } from '../../proto/gen/command.ts';
import type { AuthFact } from '../../storage/machine/machine.ts';
import type { Deadline } from '../deadline.ts';

/** Makes tokens and knows whose they are. */
export interface TokenProvider {
  /**
   * Whose a token is, at the revision of users and roles `authRevision`. `undefined`: nobody's. `later`: perhaps somebody's; this member
   * can tell when it has applied what the cluster had committed by now.
   */
  identify(token: string, authRevision: number): Identity | 'later' | undefined | Promise<Identity | undefined>;
  /** A token for a user whose password was checked at `authRevision`. Errors: AUTH_OLD_REVISION; those of a proposal; UNKNOWN. */
  issue(user: string, authRevision: number, deadline: Deadline): Promise<string>;
  /** Something was applied at `index` that tokens depend on. */
  applied(fact: AuthFact, index: number): void;
  /** What was applied is not known: the state came with a snapshot. */
  reset(): void;
}
