import {
  AlarmAction as Alarm,
  AlarmType,
  ClusterService as C,
  DowngradeAction as Downgrade,
  KVService as KV,
  LeaseService as L,
  MaintenanceService as M,
} from '../../../../proto/gen/etcd.ts';
import { ALARM_ACTION, DOWNGRADE, FILE_HASH, HASH_REVISION, STATUS_FIELDS, STORED_HASH } from '../differences.ts';
import { del, doDel, doPut, get, put, txn } from '../requests.ts';
import { ask, type Step } from '../step.ts';

const { NONE, NOSPACE, CORRUPT } = AlarmType;
const downgrade = (action: number, version: string) =>
  ask(`downgrade ${action} ${version}`, M.Downgrade, { action, version });
const alarm = (name: string, action: number, type: number, memberID = 0n) =>
  ask(name, M.Alarm, { action, alarm: type, memberID });

/** Status, alarms, hashes, and what an alarm forbids; on a cluster of one. */
export const MAINTENANCE_STEPS: (at: number) => readonly Step[] = (at) => [
  ask('status', M.Status, {}, { differs: STATUS_FIELDS }),
  ask('members', C.MemberList, { linearizable: true }),
  ask('members, from here', C.MemberList, { linearizable: false }),
  ask('defragment', M.Defragment, {}),
  ask('hash of the file', M.Hash, {}, { differs: FILE_HASH }),
  ask('put m', KV.Put, put('m', '1')),
  ask('hash of everything', M.HashKV, { revision: 0 }, { differs: STORED_HASH }),
  ask('hash at a revision', M.HashKV, { revision: at + 1 }, { differs: HASH_REVISION }),
  ask('hash below the compaction', M.HashKV, { revision: 1 }),
  ask('hash of the future', M.HashKV, { revision: at + 1000 }),
  ask('hash at a negative revision', M.HashKV, { revision: -1 }, { differs: STORED_HASH }),
  ask('move the leader to nobody', M.MoveLeader, { targetID: 0n }),
  ask('move the leader to a stranger', M.MoveLeader, { targetID: 12345n }),

  alarm('alarms', Alarm.GET, NONE),
  alarm('alarms of a kind', Alarm.GET, NOSPACE),
  alarm('alarms of a kind that is not', Alarm.GET, 9),
  alarm('raise none', Alarm.ACTIVATE, NONE),
  ask('an action that is not', M.Alarm, { action: 9, alarm: NOSPACE, memberID: 0n }, { differs: ALARM_ACTION }),
  alarm('disarm what is not raised', Alarm.DEACTIVATE, NOSPACE),
  alarm('raise NOSPACE', Alarm.ACTIVATE, NOSPACE, 77n),
  alarm('raise it again', Alarm.ACTIVATE, NOSPACE, 77n),
  alarm('alarms', Alarm.GET, NONE),
  ask('status with an alarm', M.Status, {}, { differs: STATUS_FIELDS }),
  ask('put without space', KV.Put, put('m', '2')),
  ask('delete without space', KV.DeleteRange, del('m')),
  ask('a transaction that deletes, without space', KV.Txn, txn([], [doDel('m')])),
  ask('a transaction that puts, without space', KV.Txn, txn([], [doPut('m')])),
  ask('a transaction that could put, without space', KV.Txn, txn([], [doDel('m')], [doPut('m')])),
  ask('a grant without space', L.LeaseGrant, { ID: 400n, TTL: 100 }),
  ask('read without space', KV.Range, get('m')),
  ask('compact without space', KV.Compact, { revision: at + 2, physical: true }),
  ask('defragment without space', M.Defragment, {}),
  alarm('disarm NOSPACE of another member', Alarm.DEACTIVATE, NOSPACE, 78n),
  alarm('disarm NOSPACE', Alarm.DEACTIVATE, NOSPACE, 77n),
  ask('put again', KV.Put, put('m', '3')),
  alarm('raise CORRUPT', Alarm.ACTIVATE, CORRUPT, 77n),
  ask('put into a corrupt cluster', KV.Put, put('m', '4')),
  ask('read from a corrupt cluster', KV.Range, get('m')),
  ask('read from here in a corrupt cluster', KV.Range, get('m', { serializable: true })),
  ask('delete in a corrupt cluster', KV.DeleteRange, del('m')),
  ask('a transaction in a corrupt cluster', KV.Txn, txn([], [doPut('m')])),
  ask('a reading transaction in a corrupt cluster', KV.Txn, txn([], [])),
  ask('compact a corrupt cluster', KV.Compact, { revision: at + 3, physical: false }),
  ask('grant in a corrupt cluster', L.LeaseGrant, { ID: 401n, TTL: 100 }),
  ask('revoke in a corrupt cluster', L.LeaseRevoke, { ID: 402n }),
  ask('leases of a corrupt cluster', L.LeaseTimeToLive, { ID: 402n, keys: false }),
  ask('status of a corrupt cluster', M.Status, {}, { differs: STATUS_FIELDS }),
  alarm('alarms of a corrupt cluster', Alarm.GET, NONE),
  alarm('disarm all', Alarm.DEACTIVATE, CORRUPT, 77n),
  ask('put at last', KV.Put, put('m', '5')),

  ask('downgrade by one', M.Downgrade, { action: Downgrade.VALIDATE, version: '3.4.0' }, { differs: DOWNGRADE }),
  downgrade(Downgrade.VALIDATE, '9.9'),
  downgrade(Downgrade.VALIDATE, ''),
  downgrade(Downgrade.VALIDATE, 'old'),
  downgrade(Downgrade.ENABLE, '9.9.0'),
  downgrade(Downgrade.CANCEL, ''),
  downgrade(7, '3.4.0'),
  ask('remove the only member', C.MemberRemove, { ID: 1n }),
  ask('update a stranger', C.MemberUpdate, { ID: 1n, peerURLs: ['http://127.0.0.1:1'] }),
  ask('promote a stranger', C.MemberPromote, { ID: 1n }),
  ask('add nothing', C.MemberAdd, { peerURLs: [], isLearner: false }),
  ask('add what is no URL', C.MemberAdd, { peerURLs: ['nothing'], isLearner: false }),
  ask('add what has a path', C.MemberAdd, { peerURLs: ['http://127.0.0.1:1/path'], isLearner: false }),
  ask('add what has no port', C.MemberAdd, { peerURLs: ['http://127.0.0.1'], isLearner: false }),
  ask('add what has another scheme', C.MemberAdd, { peerURLs: ['ftp://127.0.0.1:1'], isLearner: false }),
];
