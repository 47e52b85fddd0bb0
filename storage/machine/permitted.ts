import type { StoreError } from '../../base/store-error.ts';
import type { CommandBody } from '../../proto/command.ts';
import type { Identity } from '../../proto/gen/command.ts';
import { checkDeleteRange, checkLeaseKeys, checkPut, checkRoot, checkSomebody, checkTxn } from '../auth/authorize.ts';
import type { State } from './state.ts';

/**
 * Whether a command may be done in the name of `identity`, by the users and roles as they are when it is applied: what was found before it
 * went through the log may not be true any more. Returns the refusal.
 */
export function checkCommand(state: State, identity: Identity | undefined, body: CommandBody): StoreError | undefined {
  const { auth, lessor } = state;
  if (!auth.enabled || identity === undefined) return undefined;
  const rights = { auth, identity };
  switch (body.case) {
    case 'put':
      return checkPut(rights, lessor, body.put);
    case 'deleteRange':
      return checkDeleteRange(rights, body.deleteRange);
    case 'txn':
      return checkTxn(rights, lessor, body.txn);
    case 'leaseGrant':
      return checkSomebody(rights);
    case 'leaseRevoke':
      return checkSomebody(rights) ?? checkLeaseKeys(rights, 'write', lessor, body.leaseRevoke.ID);
    case 'auth':
      return body.auth.change?.case === 'authenticate' ? undefined : checkRoot(rights);
    case 'compaction':
    case 'alarm':
    case 'clusterFormat':
    case 'stateHashMark':
    case 'stateHashVote':
    case 'memberAdd':
    case 'memberPromote':
    case 'memberRemove':
    case 'memberUpdate':
    case 'memberAttributes':
      return checkRoot(rights);
  }
}
