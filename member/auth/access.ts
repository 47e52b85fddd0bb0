import type { StoreError } from '../../base/store-error.ts';
import type { CallCredentials, CallOptions } from '../../client/kv-client.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type { Deadline } from '../deadline.ts';
import type { Member } from '../member.ts';
import type { Guarded, RightsCheck } from './auth-gate.ts';

/** In whose name a client of a member works. */
export interface Access {
  /** Who calls; undefined: the store itself, which may do everything. Errors: those of AuthGate.identify. */
  who(options: CallOptions | undefined): Identity | undefined | Promise<Identity>;
  /**
   * Why the caller may not do what `check` looks for, by the users and roles of this moment: to be asked in the same turn in which the
   * state is read.
   */
  refusal(identity: Identity | undefined, check: RightsCheck): StoreError | undefined;
  /** Runs what goes through the log, where the rights of the identity are looked at again. Errors: those of AuthGate.run. */
  run<T>(credentials: CallCredentials | undefined, deadline: Deadline, guarded: Guarded<T>): Promise<T>;
}

/** The process that the member lives in: trusted as the member itself is. */
export const OWN_ACCESS: Access = {
  who: () => undefined,
  refusal: () => undefined,
  run: (_credentials, _deadline, guarded) => guarded.work(undefined),
};

/** Whoever the credentials of each call name; without any, nobody. */
export function publicAccess(member: Member): Access {
  return {
    who: (options) => member.gate.identify(options?.credentials, member.deadline(options)),
    refusal: (identity, check) => check({ auth: member.machine.auth, identity }),
    run: (credentials, deadline, guarded) => member.gate.run(credentials, deadline, guarded),
  };
}
