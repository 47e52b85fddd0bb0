// Written by proto/generate.mjs from command.proto; change those.

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
} from './etcd.ts';

export interface Command {
  readonly format: number;
  readonly id: bigint;
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
    | undefined;
}
export const EMPTY_COMMAND: Command = { format: 0, id: 0n, body: undefined };
export function encodeCommand(message: Command): Uint8Array {
  return encode(message, writeCommand);
}
export function decodeCommand(bytes: Uint8Array): Command {
  return decode(bytes, readCommand);
}
export function writeCommand(w: Writer, m: Command): void {
  if (m.format !== 0) w.uint32(8, m.format);
  if (m.id !== 0n) w.bigint(16, m.id);
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
    case undefined:
  }
}
const KNOWN_COMMAND: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
export function readCommand(r: Reader): Command {
  let format = 0;
  let id = 0n;
  let body: Command['body'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        format = r.uint32();
        break;
      case 16:
        id = r.uint64Big();
        break;
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
      default:
        r.skip(tag, 'Command', KNOWN_COMMAND);
    }
  }
  return { format, id, body };
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
