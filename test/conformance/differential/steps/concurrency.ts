import {
  ElectionService as E,
  KVService as KV,
  LeaseService as L,
  LockService as Lock,
} from '../../../../proto/gen/etcd.ts';
import { bytes, del, get } from '../requests.ts';
import { ask, hear, meanwhile, type Step, talk } from '../step.ts';

const lock = (name: string, lease = 0n) => ({ name, lease });
const leader = (key: string, rev: number, lease = 300n) => ({ name: 'e', key, rev, lease });

/** Locks and elections that do not wait; those that do are in test/rpc/concurrency.test.ts. */
export const CONCURRENCY_STEPS: (at: number) => readonly Step[] = (at) => [
  ask('grant 300', L.LeaseGrant, { ID: 300n, TTL: 500 }),
  ask('grant 301', L.LeaseGrant, { ID: 301n, TTL: 500 }),
  ask('lock', Lock.Lock, lock('k', 300n)),
  ask('lock again by the same lease', Lock.Lock, lock('k', 300n)),
  ask('what the lock is', KV.Range, get('k/', { rangeEnd: 'k0' })),
  ask('lock without a name', Lock.Lock, lock('', 301n)),
  ask('lock by a lease that is not', Lock.Lock, lock('k', 999n)),
  ask('unlock', Lock.Unlock, { key: 'k/12c' }),
  ask('unlock again', Lock.Unlock, { key: 'k/12c' }),
  ask('unlock nothing', Lock.Unlock, { key: '' }),
  ask('lock by another lease', Lock.Lock, lock('k', 301n)),
  ask('unlock it', Lock.Unlock, { key: 'k/12d' }),
  ask('no leader', E.Leader, { name: 'e' }),
  ask('no name', E.Leader, { name: '' }),
  ask('campaign', E.Campaign, { name: 'e', lease: 300n, value: bytes('one') }),
  ask('campaign again with another value', E.Campaign, { name: 'e', lease: 300n, value: bytes('two') }),
  ask('campaign by a lease that is not', E.Campaign, { name: 'e', lease: 999n, value: bytes('x') }),
  ask('the leader', E.Leader, { name: 'e' }),
  talk('observed', E.Observe, [
    { name: 'e' },
    hear(1),
    meanwhile(ask('proclaim', E.Proclaim, { leader: leader('e/12c', at + 7), value: bytes('three') })),
    hear(1),
  ]),
  ask('proclaim for who does not lead', E.Proclaim, { leader: leader('e/12d', at + 6, 301n), value: bytes('x') }),
  ask('proclaim at another revision', E.Proclaim, { leader: leader('e/12c', at), value: bytes('x') }),
  ask('proclaim without a leader', E.Proclaim, { leader: undefined, value: bytes('x') }),
  ask('resign at another revision', E.Resign, { leader: leader('e/12c', at) }),
  ask('still the leader', E.Leader, { name: 'e' }),
  ask('resign', E.Resign, { leader: leader('e/12c', at + 7) }),
  ask('resign again', E.Resign, { leader: leader('e/12c', at + 7) }),
  ask('resign without a leader', E.Resign, { leader: undefined }),
  ask('nobody leads', E.Leader, { name: 'e' }),
  ask('revoke 300', L.LeaseRevoke, { ID: 300n }),
  ask('revoke 301', L.LeaseRevoke, { ID: 301n }),
  ask('delete what is left', KV.DeleteRange, del('/', { rangeEnd: '0' })),
];
