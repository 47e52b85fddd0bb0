// Written by proto/generate.mjs from command.proto; change those.

import { EMPTY_BYTES } from '../../base/bytes.ts';
import { decode, encode, type Reader, type Writer } from '../wire.ts';
import {
  readPutRequest,
  type PutRequest,
  writePutRequest,
  readDeleteRangeRequest,
  type DeleteRangeRequest,
  writeDeleteRangeRequest,
  readTxnRequest,
  type TxnRequest,
  writeTxnRequest,
  readCompactionRequest,
  type CompactionRequest,
  writeCompactionRequest,
  readLeaseGrantRequest,
  type LeaseGrantRequest,
  writeLeaseGrantRequest,
  readLeaseRevokeRequest,
  type LeaseRevokeRequest,
  writeLeaseRevokeRequest,
  readMember,
  type Member,
  writeMember,
  readAuthUserGrantRoleRequest,
  type AuthUserGrantRoleRequest,
  writeAuthUserGrantRoleRequest,
  readAuthUserRevokeRoleRequest,
  type AuthUserRevokeRoleRequest,
  writeAuthUserRevokeRoleRequest,
  readAuthRoleAddRequest,
  type AuthRoleAddRequest,
  writeAuthRoleAddRequest,
  readAuthRoleDeleteRequest,
  type AuthRoleDeleteRequest,
  writeAuthRoleDeleteRequest,
  readAuthRoleGrantPermissionRequest,
  type AuthRoleGrantPermissionRequest,
  writeAuthRoleGrantPermissionRequest,
  readAuthRoleRevokePermissionRequest,
  type AuthRoleRevokePermissionRequest,
  writeAuthRoleRevokePermissionRequest,
} from './etcd.ts';

export interface Command {
  readonly format: number;
  readonly id: bigint;
  readonly identity: Identity | undefined;
  readonly body:
    | { readonly case: 'put'; readonly put: PutRequest }
    | { readonly case: 'deleteRange'; readonly deleteRange: DeleteRangeRequest }
    | { readonly case: 'txn'; readonly txn: TxnRequest }
    | { readonly case: 'compaction'; readonly compaction: CompactionRequest }
    | { readonly case: 'leaseGrant'; readonly leaseGrant: LeaseGrantRequest }
    | { readonly case: 'leaseRevoke'; readonly leaseRevoke: LeaseRevokeRequest }
    | { readonly case: 'memberAdd'; readonly memberAdd: Member }
    | { readonly case: 'memberPromote'; readonly memberPromote: MemberChange }
    | { readonly case: 'memberRemove'; readonly memberRemove: MemberChange }
    | { readonly case: 'memberUpdate'; readonly memberUpdate: MemberUpdate }
    | { readonly case: 'memberAttributes'; readonly memberAttributes: MemberAttributes }
    | { readonly case: 'alarm'; readonly alarm: AlarmChange }
    | { readonly case: 'auth'; readonly auth: AuthChange }
    | { readonly case: 'clusterFormat'; readonly clusterFormat: ClusterFormat }
    | { readonly case: 'stateHashMark'; readonly stateHashMark: StateHashMark }
    | { readonly case: 'stateHashVote'; readonly stateHashVote: StateHashVote }
    | undefined;
  readonly quotaBytes: number;
}
export const EMPTY_COMMAND: Command = { format: 0, id: 0n, identity: undefined, body: undefined, quotaBytes: 0 };
export function encodeCommand(message: Command): Uint8Array {
  return encode(message, writeCommand);
}
export function decodeCommand(bytes: Uint8Array): Command {
  return decode(bytes, readCommand);
}
export function writeCommand(w: Writer, m: Command): void {
  if (m.format !== 0) w.uint32(8, m.format);
  if (m.id !== 0n) w.bigint(16, m.id);
  if (m.identity !== undefined) {
    const start = w.open(250);
    writeIdentity(w, m.identity);
    w.close(start);
  }
  switch (m.body?.case) {
    case 'put': {
      const start = w.open(26);
      writePutRequest(w, m.body.put);
      w.close(start);
      break;
    }
    case 'deleteRange': {
      const start = w.open(34);
      writeDeleteRangeRequest(w, m.body.deleteRange);
      w.close(start);
      break;
    }
    case 'txn': {
      const start = w.open(42);
      writeTxnRequest(w, m.body.txn);
      w.close(start);
      break;
    }
    case 'compaction': {
      const start = w.open(50);
      writeCompactionRequest(w, m.body.compaction);
      w.close(start);
      break;
    }
    case 'leaseGrant': {
      const start = w.open(58);
      writeLeaseGrantRequest(w, m.body.leaseGrant);
      w.close(start);
      break;
    }
    case 'leaseRevoke': {
      const start = w.open(66);
      writeLeaseRevokeRequest(w, m.body.leaseRevoke);
      w.close(start);
      break;
    }
    case 'memberAdd': {
      const start = w.open(74);
      writeMember(w, m.body.memberAdd);
      w.close(start);
      break;
    }
    case 'memberPromote': {
      const start = w.open(82);
      writeMemberChange(w, m.body.memberPromote);
      w.close(start);
      break;
    }
    case 'memberRemove': {
      const start = w.open(90);
      writeMemberChange(w, m.body.memberRemove);
      w.close(start);
      break;
    }
    case 'memberUpdate': {
      const start = w.open(98);
      writeMemberUpdate(w, m.body.memberUpdate);
      w.close(start);
      break;
    }
    case 'memberAttributes': {
      const start = w.open(106);
      writeMemberAttributes(w, m.body.memberAttributes);
      w.close(start);
      break;
    }
    case 'alarm': {
      const start = w.open(226);
      writeAlarmChange(w, m.body.alarm);
      w.close(start);
      break;
    }
    case 'auth': {
      const start = w.open(242);
      writeAuthChange(w, m.body.auth);
      w.close(start);
      break;
    }
    case 'clusterFormat': {
      const start = w.open(258);
      writeClusterFormat(w, m.body.clusterFormat);
      w.close(start);
      break;
    }
    case 'stateHashMark': {
      const start = w.open(266);
      writeStateHashMark(w, m.body.stateHashMark);
      w.close(start);
      break;
    }
    case 'stateHashVote': {
      const start = w.open(274);
      writeStateHashVote(w, m.body.stateHashVote);
      w.close(start);
      break;
    }
    case undefined:
  }
  if (m.quotaBytes !== 0) w.uint64(232, m.quotaBytes);
}
const KNOWN_COMMAND: ReadonlySet<number> = new Set([1, 2, 31, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 28, 30, 32, 33, 34, 29]);
export function readCommand(r: Reader): Command {
  let format = 0;
  let id = 0n;
  let identity: Identity | undefined;
  let body: Command['body'];
  let quotaBytes = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        format = r.uint32();
        break;
      case 16:
        id = r.uint64Big();
        break;
      case 250: {
        const outer = r.enter();
        identity = readIdentity(r);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        body = { case: 'put', put: readPutRequest(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        body = { case: 'deleteRange', deleteRange: readDeleteRangeRequest(r) };
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        body = { case: 'txn', txn: readTxnRequest(r) };
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        body = { case: 'compaction', compaction: readCompactionRequest(r) };
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        body = { case: 'leaseGrant', leaseGrant: readLeaseGrantRequest(r) };
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        body = { case: 'leaseRevoke', leaseRevoke: readLeaseRevokeRequest(r) };
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        body = { case: 'memberAdd', memberAdd: readMember(r) };
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        body = { case: 'memberPromote', memberPromote: readMemberChange(r) };
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        body = { case: 'memberRemove', memberRemove: readMemberChange(r) };
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        body = { case: 'memberUpdate', memberUpdate: readMemberUpdate(r) };
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        body = { case: 'memberAttributes', memberAttributes: readMemberAttributes(r) };
        r.leave(outer);
        break;
      }
      case 226: {
        const outer = r.enter();
        body = { case: 'alarm', alarm: readAlarmChange(r) };
        r.leave(outer);
        break;
      }
      case 242: {
        const outer = r.enter();
        body = { case: 'auth', auth: readAuthChange(r) };
        r.leave(outer);
        break;
      }
      case 258: {
        const outer = r.enter();
        body = { case: 'clusterFormat', clusterFormat: readClusterFormat(r) };
        r.leave(outer);
        break;
      }
      case 266: {
        const outer = r.enter();
        body = { case: 'stateHashMark', stateHashMark: readStateHashMark(r) };
        r.leave(outer);
        break;
      }
      case 274: {
        const outer = r.enter();
        body = { case: 'stateHashVote', stateHashVote: readStateHashVote(r) };
        r.leave(outer);
        break;
      }
      case 232:
        quotaBytes = r.uint64();
        break;
      default:
        r.skip(tag, 'Command', KNOWN_COMMAND);
    }
  }
  return { format, id, identity, body, quotaBytes };
}

export interface MemberChange {
  readonly ID: bigint;
}
export const EMPTY_MEMBER_CHANGE: MemberChange = { ID: 0n };
export function encodeMemberChange(message: MemberChange): Uint8Array {
  return encode(message, writeMemberChange);
}
export function decodeMemberChange(bytes: Uint8Array): MemberChange {
  return decode(bytes, readMemberChange);
}
export function writeMemberChange(w: Writer, m: MemberChange): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_MEMBER_CHANGE: ReadonlySet<number> = new Set([1]);
export function readMemberChange(r: Reader): MemberChange {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      default:
        r.skip(tag, 'MemberChange', KNOWN_MEMBER_CHANGE);
    }
  }
  return { ID };
}

export interface MemberUpdate {
  readonly ID: bigint;
  readonly peerURLs: readonly string[];
}
export const EMPTY_MEMBER_UPDATE: MemberUpdate = { ID: 0n, peerURLs: [] };
export function encodeMemberUpdate(message: MemberUpdate): Uint8Array {
  return encode(message, writeMemberUpdate);
}
export function decodeMemberUpdate(bytes: Uint8Array): MemberUpdate {
  return decode(bytes, readMemberUpdate);
}
export function writeMemberUpdate(w: Writer, m: MemberUpdate): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  for (const item of m.peerURLs) {
    w.text(18, item);
  }
}
const KNOWN_MEMBER_UPDATE: ReadonlySet<number> = new Set([1, 2]);
export function readMemberUpdate(r: Reader): MemberUpdate {
  let ID = 0n;
  const peerURLs: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      case 18:
        peerURLs.push(r.text());
        break;
      default:
        r.skip(tag, 'MemberUpdate', KNOWN_MEMBER_UPDATE);
    }
  }
  return { ID, peerURLs };
}

export interface MemberAttributes {
  readonly ID: bigint;
  readonly name: string;
  readonly clientURLs: readonly string[];
}
export const EMPTY_MEMBER_ATTRIBUTES: MemberAttributes = { ID: 0n, name: '', clientURLs: [] };
export function encodeMemberAttributes(message: MemberAttributes): Uint8Array {
  return encode(message, writeMemberAttributes);
}
export function decodeMemberAttributes(bytes: Uint8Array): MemberAttributes {
  return decode(bytes, readMemberAttributes);
}
export function writeMemberAttributes(w: Writer, m: MemberAttributes): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  if (m.name !== '') w.text(18, m.name);
  for (const item of m.clientURLs) {
    w.text(26, item);
  }
}
const KNOWN_MEMBER_ATTRIBUTES: ReadonlySet<number> = new Set([1, 2, 3]);
export function readMemberAttributes(r: Reader): MemberAttributes {
  let ID = 0n;
  let name = '';
  const clientURLs: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      case 18:
        name = r.text();
        break;
      case 26:
        clientURLs.push(r.text());
        break;
      default:
        r.skip(tag, 'MemberAttributes', KNOWN_MEMBER_ATTRIBUTES);
    }
  }
  return { ID, name, clientURLs };
}

export interface AlarmChange {
  readonly memberID: bigint;
  readonly alarm: number;
  readonly active: boolean;
  readonly automatic: boolean;
}
export const EMPTY_ALARM_CHANGE: AlarmChange = { memberID: 0n, alarm: 0, active: false, automatic: false };
export function encodeAlarmChange(message: AlarmChange): Uint8Array {
  return encode(message, writeAlarmChange);
}
export function decodeAlarmChange(bytes: Uint8Array): AlarmChange {
  return decode(bytes, readAlarmChange);
}
export function writeAlarmChange(w: Writer, m: AlarmChange): void {
  if (m.memberID !== 0n) w.bigint(8, m.memberID);
  if (m.alarm !== 0) w.uint32(16, m.alarm);
  if (m.active) w.bool(24, m.active);
  if (m.automatic) w.bool(32, m.automatic);
}
const KNOWN_ALARM_CHANGE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readAlarmChange(r: Reader): AlarmChange {
  let memberID = 0n;
  let alarm = 0;
  let active = false;
  let automatic = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        memberID = r.uint64Big();
        break;
      case 16:
        alarm = r.uint32();
        break;
      case 24:
        active = r.bool();
        break;
      case 32:
        automatic = r.bool();
        break;
      default:
        r.skip(tag, 'AlarmChange', KNOWN_ALARM_CHANGE);
    }
  }
  return { memberID, alarm, active, automatic };
}

export interface ClusterFormat {
  readonly format: number;
}
export const EMPTY_CLUSTER_FORMAT: ClusterFormat = { format: 0 };
export function encodeClusterFormat(message: ClusterFormat): Uint8Array {
  return encode(message, writeClusterFormat);
}
export function decodeClusterFormat(bytes: Uint8Array): ClusterFormat {
  return decode(bytes, readClusterFormat);
}
export function writeClusterFormat(w: Writer, m: ClusterFormat): void {
  if (m.format !== 0) w.uint32(8, m.format);
}
const KNOWN_CLUSTER_FORMAT: ReadonlySet<number> = new Set([1]);
export function readClusterFormat(r: Reader): ClusterFormat {
  let format = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        format = r.uint32();
        break;
      default:
        r.skip(tag, 'ClusterFormat', KNOWN_CLUSTER_FORMAT);
    }
  }
  return { format };
}

export interface StateHashMark {}
export const EMPTY_STATE_HASH_MARK: StateHashMark = {  };
export function encodeStateHashMark(message: StateHashMark): Uint8Array {
  return encode(message, writeStateHashMark);
}
export function decodeStateHashMark(bytes: Uint8Array): StateHashMark {
  return decode(bytes, readStateHashMark);
}
export function writeStateHashMark(_w: Writer, _m: StateHashMark): void {
}
const KNOWN_STATE_HASH_MARK: ReadonlySet<number> = new Set([]);
export function readStateHashMark(r: Reader): StateHashMark {
  while (r.more()) r.skip(r.tag(), 'StateHashMark', KNOWN_STATE_HASH_MARK);
  return {};
}

export interface StateHashVote {
  readonly memberID: bigint;
  readonly mark: number;
  readonly hash: number;
}
export const EMPTY_STATE_HASH_VOTE: StateHashVote = { memberID: 0n, mark: 0, hash: 0 };
export function encodeStateHashVote(message: StateHashVote): Uint8Array {
  return encode(message, writeStateHashVote);
}
export function decodeStateHashVote(bytes: Uint8Array): StateHashVote {
  return decode(bytes, readStateHashVote);
}
export function writeStateHashVote(w: Writer, m: StateHashVote): void {
  if (m.memberID !== 0n) w.bigint(8, m.memberID);
  if (m.mark !== 0) w.uint64(16, m.mark);
  if (m.hash !== 0) w.uint32(24, m.hash);
}
const KNOWN_STATE_HASH_VOTE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readStateHashVote(r: Reader): StateHashVote {
  let memberID = 0n;
  let mark = 0;
  let hash = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        memberID = r.uint64Big();
        break;
      case 16:
        mark = r.uint64();
        break;
      case 24:
        hash = r.uint32();
        break;
      default:
        r.skip(tag, 'StateHashVote', KNOWN_STATE_HASH_VOTE);
    }
  }
  return { memberID, mark, hash };
}

export interface LeaseRow {
  readonly ID: bigint;
  readonly TTL: number;
}
export const EMPTY_LEASE_ROW: LeaseRow = { ID: 0n, TTL: 0 };
export function encodeLeaseRow(message: LeaseRow): Uint8Array {
  return encode(message, writeLeaseRow);
}
export function decodeLeaseRow(bytes: Uint8Array): LeaseRow {
  return decode(bytes, readLeaseRow);
}
export function writeLeaseRow(w: Writer, m: LeaseRow): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  if (m.TTL !== 0) w.int64(16, m.TTL);
}
const KNOWN_LEASE_ROW: ReadonlySet<number> = new Set([1, 2]);
export function readLeaseRow(r: Reader): LeaseRow {
  let ID = 0n;
  let TTL = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      case 16:
        TTL = r.int64();
        break;
      default:
        r.skip(tag, 'LeaseRow', KNOWN_LEASE_ROW);
    }
  }
  return { ID, TTL };
}

export interface ConfRow {
  readonly voters: readonly bigint[];
  readonly votersOutgoing: readonly bigint[];
  readonly learners: readonly bigint[];
  readonly learnersNext: readonly bigint[];
  readonly autoLeave: boolean;
}
export const EMPTY_CONF_ROW: ConfRow = { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
export function encodeConfRow(message: ConfRow): Uint8Array {
  return encode(message, writeConfRow);
}
export function decodeConfRow(bytes: Uint8Array): ConfRow {
  return decode(bytes, readConfRow);
}
export function writeConfRow(w: Writer, m: ConfRow): void {
  if (m.voters.length !== 0) {
    const start = w.open(10);
    for (const item of m.voters) w.packedBigint(item);
    w.close(start);
  }
  if (m.votersOutgoing.length !== 0) {
    const start = w.open(18);
    for (const item of m.votersOutgoing) w.packedBigint(item);
    w.close(start);
  }
  if (m.learners.length !== 0) {
    const start = w.open(26);
    for (const item of m.learners) w.packedBigint(item);
    w.close(start);
  }
  if (m.learnersNext.length !== 0) {
    const start = w.open(34);
    for (const item of m.learnersNext) w.packedBigint(item);
    w.close(start);
  }
  if (m.autoLeave) w.bool(40, m.autoLeave);
}
const KNOWN_CONF_ROW: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
export function readConfRow(r: Reader): ConfRow {
  const voters: bigint[] = [];
  const votersOutgoing: bigint[] = [];
  const learners: bigint[] = [];
  const learnersNext: bigint[] = [];
  let autoLeave = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        voters.push(r.uint64Big());
        break;
      case 10: {
        const outer = r.enter();
        while (r.more()) voters.push(r.uint64Big());
        r.leave(outer);
        break;
      }
      case 16:
        votersOutgoing.push(r.uint64Big());
        break;
      case 18: {
        const outer = r.enter();
        while (r.more()) votersOutgoing.push(r.uint64Big());
        r.leave(outer);
        break;
      }
      case 24:
        learners.push(r.uint64Big());
        break;
      case 26: {
        const outer = r.enter();
        while (r.more()) learners.push(r.uint64Big());
        r.leave(outer);
        break;
      }
      case 32:
        learnersNext.push(r.uint64Big());
        break;
      case 34: {
        const outer = r.enter();
        while (r.more()) learnersNext.push(r.uint64Big());
        r.leave(outer);
        break;
      }
      case 40:
        autoLeave = r.bool();
        break;
      default:
        r.skip(tag, 'ConfRow', KNOWN_CONF_ROW);
    }
  }
  return { voters, votersOutgoing, learners, learnersNext, autoLeave };
}

export interface StateHashRow {
  readonly value: number;
  readonly changed: boolean;
  readonly mark: number;
  readonly own: number;
  readonly isDecided: boolean;
  readonly decided: number;
  readonly votes: readonly StateHashVote[];
}
export const EMPTY_STATE_HASH_ROW: StateHashRow = { value: 0, changed: false, mark: 0, own: 0, isDecided: false, decided: 0, votes: [] };
export function encodeStateHashRow(message: StateHashRow): Uint8Array {
  return encode(message, writeStateHashRow);
}
export function decodeStateHashRow(bytes: Uint8Array): StateHashRow {
  return decode(bytes, readStateHashRow);
}
export function writeStateHashRow(w: Writer, m: StateHashRow): void {
  if (m.value !== 0) w.uint32(8, m.value);
  if (m.changed) w.bool(16, m.changed);
  if (m.mark !== 0) w.uint64(24, m.mark);
  if (m.own !== 0) w.uint32(32, m.own);
  if (m.isDecided) w.bool(40, m.isDecided);
  if (m.decided !== 0) w.uint32(48, m.decided);
  for (const item of m.votes) {
    const start = w.open(58);
    writeStateHashVote(w, item);
    w.close(start);
  }
}
const KNOWN_STATE_HASH_ROW: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7]);
export function readStateHashRow(r: Reader): StateHashRow {
  let value = 0;
  let changed = false;
  let mark = 0;
  let own = 0;
  let isDecided = false;
  let decided = 0;
  const votes: StateHashVote[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        value = r.uint32();
        break;
      case 16:
        changed = r.bool();
        break;
      case 24:
        mark = r.uint64();
        break;
      case 32:
        own = r.uint32();
        break;
      case 40:
        isDecided = r.bool();
        break;
      case 48:
        decided = r.uint32();
        break;
      case 58: {
        const outer = r.enter();
        votes.push(readStateHashVote(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'StateHashRow', KNOWN_STATE_HASH_ROW);
    }
  }
  return { value, changed, mark, own, isDecided, decided, votes };
}

export interface Identity {
  readonly user: string;
  readonly authRevision: number;
}
export const EMPTY_IDENTITY: Identity = { user: '', authRevision: 0 };
export function encodeIdentity(message: Identity): Uint8Array {
  return encode(message, writeIdentity);
}
export function decodeIdentity(bytes: Uint8Array): Identity {
  return decode(bytes, readIdentity);
}
export function writeIdentity(w: Writer, m: Identity): void {
  if (m.user !== '') w.text(10, m.user);
  if (m.authRevision !== 0) w.uint64(16, m.authRevision);
}
const KNOWN_IDENTITY: ReadonlySet<number> = new Set([1, 2]);
export function readIdentity(r: Reader): Identity {
  let user = '';
  let authRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        user = r.text();
        break;
      case 16:
        authRevision = r.uint64();
        break;
      default:
        r.skip(tag, 'Identity', KNOWN_IDENTITY);
    }
  }
  return { user, authRevision };
}

export interface AuthChange {
  readonly change:
    | { readonly case: 'enable'; readonly enable: AuthSwitch }
    | { readonly case: 'disable'; readonly disable: AuthSwitch }
    | { readonly case: 'authenticate'; readonly authenticate: Authenticate }
    | { readonly case: 'userAdd'; readonly userAdd: UserAdd }
    | { readonly case: 'userDelete'; readonly userDelete: UserName }
    | { readonly case: 'userChangePassword'; readonly userChangePassword: UserPassword }
    | { readonly case: 'userGrantRole'; readonly userGrantRole: AuthUserGrantRoleRequest }
    | { readonly case: 'userRevokeRole'; readonly userRevokeRole: AuthUserRevokeRoleRequest }
    | { readonly case: 'roleAdd'; readonly roleAdd: AuthRoleAddRequest }
    | { readonly case: 'roleDelete'; readonly roleDelete: AuthRoleDeleteRequest }
    | { readonly case: 'roleGrantPermission'; readonly roleGrantPermission: AuthRoleGrantPermissionRequest }
    | { readonly case: 'roleRevokePermission'; readonly roleRevokePermission: AuthRoleRevokePermissionRequest }
    | undefined;
}
export const EMPTY_AUTH_CHANGE: AuthChange = { change: undefined };
export function encodeAuthChange(message: AuthChange): Uint8Array {
  return encode(message, writeAuthChange);
}
export function decodeAuthChange(bytes: Uint8Array): AuthChange {
  return decode(bytes, readAuthChange);
}
export function writeAuthChange(w: Writer, m: AuthChange): void {
  switch (m.change?.case) {
    case 'enable': {
      const start = w.open(10);
      writeAuthSwitch(w, m.change.enable);
      w.close(start);
      break;
    }
    case 'disable': {
      const start = w.open(18);
      writeAuthSwitch(w, m.change.disable);
      w.close(start);
      break;
    }
    case 'authenticate': {
      const start = w.open(26);
      writeAuthenticate(w, m.change.authenticate);
      w.close(start);
      break;
    }
    case 'userAdd': {
      const start = w.open(34);
      writeUserAdd(w, m.change.userAdd);
      w.close(start);
      break;
    }
    case 'userDelete': {
      const start = w.open(42);
      writeUserName(w, m.change.userDelete);
      w.close(start);
      break;
    }
    case 'userChangePassword': {
      const start = w.open(50);
      writeUserPassword(w, m.change.userChangePassword);
      w.close(start);
      break;
    }
    case 'userGrantRole': {
      const start = w.open(58);
      writeAuthUserGrantRoleRequest(w, m.change.userGrantRole);
      w.close(start);
      break;
    }
    case 'userRevokeRole': {
      const start = w.open(66);
      writeAuthUserRevokeRoleRequest(w, m.change.userRevokeRole);
      w.close(start);
      break;
    }
    case 'roleAdd': {
      const start = w.open(74);
      writeAuthRoleAddRequest(w, m.change.roleAdd);
      w.close(start);
      break;
    }
    case 'roleDelete': {
      const start = w.open(82);
      writeAuthRoleDeleteRequest(w, m.change.roleDelete);
      w.close(start);
      break;
    }
    case 'roleGrantPermission': {
      const start = w.open(90);
      writeAuthRoleGrantPermissionRequest(w, m.change.roleGrantPermission);
      w.close(start);
      break;
    }
    case 'roleRevokePermission': {
      const start = w.open(98);
      writeAuthRoleRevokePermissionRequest(w, m.change.roleRevokePermission);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_AUTH_CHANGE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
export function readAuthChange(r: Reader): AuthChange {
  let change: AuthChange['change'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        change = { case: 'enable', enable: readAuthSwitch(r) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        change = { case: 'disable', disable: readAuthSwitch(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        change = { case: 'authenticate', authenticate: readAuthenticate(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        change = { case: 'userAdd', userAdd: readUserAdd(r) };
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        change = { case: 'userDelete', userDelete: readUserName(r) };
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        change = { case: 'userChangePassword', userChangePassword: readUserPassword(r) };
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        change = { case: 'userGrantRole', userGrantRole: readAuthUserGrantRoleRequest(r) };
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        change = { case: 'userRevokeRole', userRevokeRole: readAuthUserRevokeRoleRequest(r) };
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        change = { case: 'roleAdd', roleAdd: readAuthRoleAddRequest(r) };
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        change = { case: 'roleDelete', roleDelete: readAuthRoleDeleteRequest(r) };
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        change = { case: 'roleGrantPermission', roleGrantPermission: readAuthRoleGrantPermissionRequest(r) };
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        change = { case: 'roleRevokePermission', roleRevokePermission: readAuthRoleRevokePermissionRequest(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthChange', KNOWN_AUTH_CHANGE);
    }
  }
  return { change };
}

export interface AuthSwitch {}
export const EMPTY_AUTH_SWITCH: AuthSwitch = {  };
export function encodeAuthSwitch(message: AuthSwitch): Uint8Array {
  return encode(message, writeAuthSwitch);
}
export function decodeAuthSwitch(bytes: Uint8Array): AuthSwitch {
  return decode(bytes, readAuthSwitch);
}
export function writeAuthSwitch(_w: Writer, _m: AuthSwitch): void {
}
const KNOWN_AUTH_SWITCH: ReadonlySet<number> = new Set([]);
export function readAuthSwitch(r: Reader): AuthSwitch {
  while (r.more()) r.skip(r.tag(), 'AuthSwitch', KNOWN_AUTH_SWITCH);
  return {};
}

export interface Authenticate {
  readonly user: string;
  readonly authRevision: number;
  readonly tokenDigest: Uint8Array;
}
export const EMPTY_AUTHENTICATE: Authenticate = { user: '', authRevision: 0, tokenDigest: EMPTY_BYTES };
export function encodeAuthenticate(message: Authenticate): Uint8Array {
  return encode(message, writeAuthenticate);
}
export function decodeAuthenticate(bytes: Uint8Array): Authenticate {
  return decode(bytes, readAuthenticate);
}
export function writeAuthenticate(w: Writer, m: Authenticate): void {
  if (m.user !== '') w.text(10, m.user);
  if (m.authRevision !== 0) w.uint64(16, m.authRevision);
  if (m.tokenDigest.length !== 0) w.bytes(26, m.tokenDigest);
}
const KNOWN_AUTHENTICATE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readAuthenticate(r: Reader): Authenticate {
  let user = '';
  let authRevision = 0;
  let tokenDigest: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        user = r.text();
        break;
      case 16:
        authRevision = r.uint64();
        break;
      case 26:
        tokenDigest = r.bytes();
        break;
      default:
        r.skip(tag, 'Authenticate', KNOWN_AUTHENTICATE);
    }
  }
  return { user, authRevision, tokenDigest };
}

export interface UserAdd {
  readonly name: string;
  readonly passwordHash: Uint8Array;
  readonly noPassword: boolean;
}
export const EMPTY_USER_ADD: UserAdd = { name: '', passwordHash: EMPTY_BYTES, noPassword: false };
export function encodeUserAdd(message: UserAdd): Uint8Array {
  return encode(message, writeUserAdd);
}
export function decodeUserAdd(bytes: Uint8Array): UserAdd {
  return decode(bytes, readUserAdd);
}
export function writeUserAdd(w: Writer, m: UserAdd): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.passwordHash.length !== 0) w.bytes(18, m.passwordHash);
  if (m.noPassword) w.bool(24, m.noPassword);
}
const KNOWN_USER_ADD: ReadonlySet<number> = new Set([1, 2, 3]);
export function readUserAdd(r: Reader): UserAdd {
  let name = '';
  let passwordHash: Uint8Array = EMPTY_BYTES;
  let noPassword = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        passwordHash = r.bytes();
        break;
      case 24:
        noPassword = r.bool();
        break;
      default:
        r.skip(tag, 'UserAdd', KNOWN_USER_ADD);
    }
  }
  return { name, passwordHash, noPassword };
}

export interface UserName {
  readonly name: string;
}
export const EMPTY_USER_NAME: UserName = { name: '' };
export function encodeUserName(message: UserName): Uint8Array {
  return encode(message, writeUserName);
}
export function decodeUserName(bytes: Uint8Array): UserName {
  return decode(bytes, readUserName);
}
export function writeUserName(w: Writer, m: UserName): void {
  if (m.name !== '') w.text(10, m.name);
}
const KNOWN_USER_NAME: ReadonlySet<number> = new Set([1]);
export function readUserName(r: Reader): UserName {
  let name = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      default:
        r.skip(tag, 'UserName', KNOWN_USER_NAME);
    }
  }
  return { name };
}

export interface UserPassword {
  readonly name: string;
  readonly passwordHash: Uint8Array;
}
export const EMPTY_USER_PASSWORD: UserPassword = { name: '', passwordHash: EMPTY_BYTES };
export function encodeUserPassword(message: UserPassword): Uint8Array {
  return encode(message, writeUserPassword);
}
export function decodeUserPassword(bytes: Uint8Array): UserPassword {
  return decode(bytes, readUserPassword);
}
export function writeUserPassword(w: Writer, m: UserPassword): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.passwordHash.length !== 0) w.bytes(18, m.passwordHash);
}
const KNOWN_USER_PASSWORD: ReadonlySet<number> = new Set([1, 2]);
export function readUserPassword(r: Reader): UserPassword {
  let name = '';
  let passwordHash: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        passwordHash = r.bytes();
        break;
      default:
        r.skip(tag, 'UserPassword', KNOWN_USER_PASSWORD);
    }
  }
  return { name, passwordHash };
}
