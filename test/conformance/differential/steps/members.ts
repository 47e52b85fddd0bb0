import { ClusterService as C, KVService as KV, MaintenanceService as M } from '../../../../proto/gen/etcd.ts';
import { UPDATE_URL, UPDATED_LEARNER } from '../differences.ts';
import { get, put } from '../requests.ts';
import type { Side } from '../side.ts';
import { type Ask, ask } from '../step.ts';

/** A step that names members by what they are called in the answers before. */
type MemberStep = Ask | ((side: Side) => Ask);

const url = (port: number): readonly string[] => [`http://127.0.0.1:${port}`];
const add = (name: string, peerURLs: readonly string[], isLearner: boolean) =>
  ask(name, C.MemberAdd, { peerURLs, isLearner });
const on =
  (name: string, method: typeof C.MemberRemove | typeof C.MemberPromote, member: string) =>
  (side: Side): Ask =>
    ask(name, method, { ID: side.idOf(member) });
const update =
  (name: string, member: string, peerURLs: readonly string[]) =>
  (side: Side): Ask =>
    ask(name, C.MemberUpdate, { ID: side.idOf(member), peerURLs });
const move =
  (name: string, target: string, at: number) =>
  (side: Side): Ask =>
    ask(name, M.MoveLeader, { targetID: side.idOf(target) }, { member: at });
const list = ask('members', C.MemberList, { linearizable: true });

/** Changes of a cluster of three that is whole and has been so for a while. None of the new members is ever started. */
export const MEMBER_STEPS: readonly MemberStep[] = [
  list,
  ask('members, from a follower', C.MemberList, { linearizable: false }, { member: 1 }),
  ask('put at a follower', KV.Put, put('a', '1'), { member: 1 }),
  ask('get at each', KV.Range, get('a'), { member: 0 }),
  ask('get at each', KV.Range, get('a'), { member: 1 }),
  ask('get at each', KV.Range, get('a'), { member: 2 }),
  move('move the leader, asked of a follower', '(member 0)', 1),
  move('move the leader to nobody', 'nobody', 0),
  ask('move the leader to a stranger', M.MoveLeader, { targetID: 5n }, { member: 0 }),
  on('promote a voter', C.MemberPromote, '(member 1)'),
  (side) =>
    ask('update to what it is', C.MemberUpdate, { ID: side.idOf('(member 1)'), peerURLs: [side.urlOf('(peer 1)')] }),
  (side) =>
    ask('update to the URL of another', C.MemberUpdate, {
      ID: side.idOf('(member 1)'),
      peerURLs: [side.urlOf('(peer 0)')],
    }),
  add('add a learner', url(19), true),
  list,
  add('add another learner', url(21), true),
  add('add the URL of the learner', url(19), false),
  on('promote the learner, which never started', C.MemberPromote, '(id 4)'),
  list,
  ask('update a member to what is no URL', C.MemberUpdate, { ID: 5n, peerURLs: ['nothing'] }, { differs: UPDATE_URL }),
  add('add a voter', url(25), false),
  list,
  add('add one voter too many', url(27), false),
  add('and a learner', url(27), true),
  on('remove the voter that never started', C.MemberRemove, '(id 5)'),
  (side) =>
    ask(
      'update the learner',
      C.MemberUpdate,
      { ID: side.idOf('(id 4)'), peerURLs: url(23) },
      { differs: UPDATED_LEARNER },
    ),
  on('remove the learner', C.MemberRemove, '(id 4)'),
  on('remove it again', C.MemberRemove, '(id 4)'),
  on('promote what was removed', C.MemberPromote, '(id 4)'),
  update('update what was removed', '(id 4)', url(23)),
  on('remove a started voter', C.MemberRemove, '(member 2)'),
  list,
  ask('all is as it was', KV.Range, get('a'), { member: 1 }),
];
