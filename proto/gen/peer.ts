// Written by proto/generate.mjs from peer.proto; change those.

import { EMPTY_BYTES } from '../../base/bytes.ts';
import { decode, encode, type Reader, type Writer } from '../wire.ts';
import {
  readLeaseKeepAliveRequest,
  type LeaseKeepAliveRequest,
  writeLeaseKeepAliveRequest,
  readLeaseTimeToLiveRequest,
  type LeaseTimeToLiveRequest,
  writeLeaseTimeToLiveRequest,
  readStatusRequest,
  type StatusRequest,
  writeStatusRequest,
  readHashKVRequest,
  type HashKVRequest,
  writeHashKVRequest,
  readMemberListRequest,
  type MemberListRequest,
  writeMemberListRequest,
  readMemberPromoteRequest,
  type MemberPromoteRequest,
  writeMemberPromoteRequest,
  readLeaseKeepAliveResponse,
  type LeaseKeepAliveResponse,
  writeLeaseKeepAliveResponse,
  readLeaseTimeToLiveResponse,
  type LeaseTimeToLiveResponse,
  writeLeaseTimeToLiveResponse,
  readStatusResponse,
  type StatusResponse,
  writeStatusResponse,
  readHashKVResponse,
  type HashKVResponse,
  writeHashKVResponse,
  readMemberListResponse,
  type MemberListResponse,
  writeMemberListResponse,
  readMemberPromoteResponse,
  type MemberPromoteResponse,
  writeMemberPromoteResponse,
} from './etcd.ts';

export const RaftEntryType = { NORMAL: 0, CONF: 1 } as const;

export interface PeerFrame {
  readonly frame:
    | { readonly case: 'hello'; readonly hello: PeerHello }
    | { readonly case: 'raft'; readonly raft: RaftMessage }
    | { readonly case: 'call'; readonly call: PeerCall }
    | { readonly case: 'answer'; readonly answer: PeerAnswer }
    | undefined;
}
export const EMPTY_PEER_FRAME: PeerFrame = { frame: undefined };
export function encodePeerFrame(message: PeerFrame): Uint8Array {
  return encode(message, writePeerFrame);
}
export function decodePeerFrame(bytes: Uint8Array): PeerFrame {
  return decode(bytes, readPeerFrame);
}
export function writePeerFrame(w: Writer, m: PeerFrame): void {
  switch (m.frame?.case) {
    case 'hello': {
      const start = w.open(10);
      writePeerHello(w, m.frame.hello);
      w.close(start);
      break;
    }
    case 'raft': {
      const start = w.open(18);
      writeRaftMessage(w, m.frame.raft);
      w.close(start);
      break;
    }
    case 'call': {
      const start = w.open(26);
      writePeerCall(w, m.frame.call);
      w.close(start);
      break;
    }
    case 'answer': {
      const start = w.open(34);
      writePeerAnswer(w, m.frame.answer);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_PEER_FRAME: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readPeerFrame(r: Reader): PeerFrame {
  let frame: PeerFrame['frame'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        frame = { case: 'hello', hello: readPeerHello(r) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        frame = { case: 'raft', raft: readRaftMessage(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        frame = { case: 'call', call: readPeerCall(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        frame = { case: 'answer', answer: readPeerAnswer(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'PeerFrame', KNOWN_PEER_FRAME);
    }
  }
  return { frame };
}

export interface PeerHello {
  readonly clusterId: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly protocolVersion: number;
  readonly serverVersion: string;
  readonly removed: boolean;
  readonly commandFormat: number;
  readonly addresses: readonly string[];
  readonly protocolRevision: number;
}
export const EMPTY_PEER_HELLO: PeerHello = { clusterId: 0n, from: 0n, to: 0n, protocolVersion: 0, serverVersion: '', removed: false, commandFormat: 0, addresses: [], protocolRevision: 0 };
export function encodePeerHello(message: PeerHello): Uint8Array {
  return encode(message, writePeerHello);
}
export function decodePeerHello(bytes: Uint8Array): PeerHello {
  return decode(bytes, readPeerHello);
}
export function writePeerHello(w: Writer, m: PeerHello): void {
  if (m.clusterId !== 0n) w.bigint(8, m.clusterId);
  if (m.from !== 0n) w.bigint(16, m.from);
  if (m.to !== 0n) w.bigint(24, m.to);
  if (m.protocolVersion !== 0) w.uint32(32, m.protocolVersion);
  if (m.serverVersion !== '') w.text(42, m.serverVersion);
  if (m.removed) w.bool(48, m.removed);
  if (m.commandFormat !== 0) w.uint32(56, m.commandFormat);
  for (const item of m.addresses) {
    w.text(66, item);
  }
  if (m.protocolRevision !== 0) w.uint32(72, m.protocolRevision);
}
const KNOWN_PEER_HELLO: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
export function readPeerHello(r: Reader): PeerHello {
  let clusterId = 0n;
  let from = 0n;
  let to = 0n;
  let protocolVersion = 0;
  let serverVersion = '';
  let removed = false;
  let commandFormat = 0;
  const addresses: string[] = [];
  let protocolRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        clusterId = r.uint64Big();
        break;
      case 16:
        from = r.uint64Big();
        break;
      case 24:
        to = r.uint64Big();
        break;
      case 32:
        protocolVersion = r.uint32();
        break;
      case 42:
        serverVersion = r.text();
        break;
      case 48:
        removed = r.bool();
        break;
      case 56:
        commandFormat = r.uint32();
        break;
      case 66:
        addresses.push(r.text());
        break;
      case 72:
        protocolRevision = r.uint32();
        break;
      default:
        r.skip(tag, 'PeerHello', KNOWN_PEER_HELLO);
    }
  }
  return { clusterId, from, to, protocolVersion, serverVersion, removed, commandFormat, addresses, protocolRevision };
}

export interface RaftEntry {
  readonly index: number;
  readonly term: number;
  readonly type: number;
  readonly data: Uint8Array;
}
export const EMPTY_RAFT_ENTRY: RaftEntry = { index: 0, term: 0, type: 0, data: EMPTY_BYTES };
export function encodeRaftEntry(message: RaftEntry): Uint8Array {
  return encode(message, writeRaftEntry);
}
export function decodeRaftEntry(bytes: Uint8Array): RaftEntry {
  return decode(bytes, readRaftEntry);
}
export function writeRaftEntry(w: Writer, m: RaftEntry): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.term !== 0) w.uint64(16, m.term);
  if (m.type !== 0) w.int32(24, m.type);
  if (m.data.length !== 0) w.bytes(34, m.data);
}
const KNOWN_RAFT_ENTRY: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readRaftEntry(r: Reader): RaftEntry {
  let index = 0;
  let term = 0;
  let type = 0;
  let data: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        term = r.uint64();
        break;
      case 24:
        type = r.int32();
        break;
      case 34:
        data = r.bytes();
        break;
      default:
        r.skip(tag, 'RaftEntry', KNOWN_RAFT_ENTRY);
    }
  }
  return { index, term, type, data };
}

export interface RaftConfState {
  readonly voters: readonly bigint[];
  readonly votersOutgoing: readonly bigint[];
  readonly learners: readonly bigint[];
  readonly learnersNext: readonly bigint[];
  readonly autoLeave: boolean;
}
export const EMPTY_RAFT_CONF_STATE: RaftConfState = { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
export function encodeRaftConfState(message: RaftConfState): Uint8Array {
  return encode(message, writeRaftConfState);
}
export function decodeRaftConfState(bytes: Uint8Array): RaftConfState {
  return decode(bytes, readRaftConfState);
}
export function writeRaftConfState(w: Writer, m: RaftConfState): void {
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
const KNOWN_RAFT_CONF_STATE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
export function readRaftConfState(r: Reader): RaftConfState {
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
        r.skip(tag, 'RaftConfState', KNOWN_RAFT_CONF_STATE);
    }
  }
  return { voters, votersOutgoing, learners, learnersNext, autoLeave };
}

export interface RaftSnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly conf: RaftConfState | undefined;
}
export const EMPTY_RAFT_SNAPSHOT_META: RaftSnapshotMeta = { index: 0, term: 0, conf: undefined };
export function encodeRaftSnapshotMeta(message: RaftSnapshotMeta): Uint8Array {
  return encode(message, writeRaftSnapshotMeta);
}
export function decodeRaftSnapshotMeta(bytes: Uint8Array): RaftSnapshotMeta {
  return decode(bytes, readRaftSnapshotMeta);
}
export function writeRaftSnapshotMeta(w: Writer, m: RaftSnapshotMeta): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.term !== 0) w.uint64(16, m.term);
  if (m.conf !== undefined) {
    const start = w.open(26);
    writeRaftConfState(w, m.conf);
    w.close(start);
  }
}
const KNOWN_RAFT_SNAPSHOT_META: ReadonlySet<number> = new Set([1, 2, 3]);
export function readRaftSnapshotMeta(r: Reader): RaftSnapshotMeta {
  let index = 0;
  let term = 0;
  let conf: RaftConfState | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        term = r.uint64();
        break;
      case 26: {
        const outer = r.enter();
        conf = readRaftConfState(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'RaftSnapshotMeta', KNOWN_RAFT_SNAPSHOT_META);
    }
  }
  return { index, term, conf };
}

export interface RaftMessage {
  readonly from: bigint;
  readonly to: bigint;
  readonly term: number;
  readonly body:
    | { readonly case: 'preVote'; readonly preVote: RaftVote }
    | { readonly case: 'vote'; readonly vote: RaftVote }
    | { readonly case: 'preVoteResponse'; readonly preVoteResponse: RaftVoteResponse }
    | { readonly case: 'voteResponse'; readonly voteResponse: RaftVoteResponse }
    | { readonly case: 'append'; readonly append: RaftAppend }
    | { readonly case: 'appendResponse'; readonly appendResponse: RaftAppendResponse }
    | { readonly case: 'heartbeat'; readonly heartbeat: RaftHeartbeat }
    | { readonly case: 'heartbeatResponse'; readonly heartbeatResponse: RaftHeartbeatResponse }
    | { readonly case: 'snapshotChunk'; readonly snapshotChunk: RaftSnapshotChunk }
    | { readonly case: 'snapshotChunkResponse'; readonly snapshotChunkResponse: RaftSnapshotChunkResponse }
    | { readonly case: 'propose'; readonly propose: RaftPropose }
    | { readonly case: 'proposeResponse'; readonly proposeResponse: RaftProposeResponse }
    | { readonly case: 'readIndex'; readonly readIndex: RaftReadIndex }
    | { readonly case: 'readIndexResponse'; readonly readIndexResponse: RaftReadIndexResponse }
    | { readonly case: 'transferLeader'; readonly transferLeader: RaftTransferLeader }
    | { readonly case: 'timeoutNow'; readonly timeoutNow: RaftTimeoutNow }
    | undefined;
}
export const EMPTY_RAFT_MESSAGE: RaftMessage = { from: 0n, to: 0n, term: 0, body: undefined };
export function encodeRaftMessage(message: RaftMessage): Uint8Array {
  return encode(message, writeRaftMessage);
}
export function decodeRaftMessage(bytes: Uint8Array): RaftMessage {
  return decode(bytes, readRaftMessage);
}
export function writeRaftMessage(w: Writer, m: RaftMessage): void {
  if (m.from !== 0n) w.bigint(8, m.from);
  if (m.to !== 0n) w.bigint(16, m.to);
  if (m.term !== 0) w.uint64(24, m.term);
  switch (m.body?.case) {
    case 'preVote': {
      const start = w.open(34);
      writeRaftVote(w, m.body.preVote);
      w.close(start);
      break;
    }
    case 'vote': {
      const start = w.open(42);
      writeRaftVote(w, m.body.vote);
      w.close(start);
      break;
    }
    case 'preVoteResponse': {
      const start = w.open(50);
      writeRaftVoteResponse(w, m.body.preVoteResponse);
      w.close(start);
      break;
    }
    case 'voteResponse': {
      const start = w.open(58);
      writeRaftVoteResponse(w, m.body.voteResponse);
      w.close(start);
      break;
    }
    case 'append': {
      const start = w.open(66);
      writeRaftAppend(w, m.body.append);
      w.close(start);
      break;
    }
    case 'appendResponse': {
      const start = w.open(74);
      writeRaftAppendResponse(w, m.body.appendResponse);
      w.close(start);
      break;
    }
    case 'heartbeat': {
      const start = w.open(82);
      writeRaftHeartbeat(w, m.body.heartbeat);
      w.close(start);
      break;
    }
    case 'heartbeatResponse': {
      const start = w.open(90);
      writeRaftHeartbeatResponse(w, m.body.heartbeatResponse);
      w.close(start);
      break;
    }
    case 'snapshotChunk': {
      const start = w.open(98);
      writeRaftSnapshotChunk(w, m.body.snapshotChunk);
      w.close(start);
      break;
    }
    case 'snapshotChunkResponse': {
      const start = w.open(106);
      writeRaftSnapshotChunkResponse(w, m.body.snapshotChunkResponse);
      w.close(start);
      break;
    }
    case 'propose': {
      const start = w.open(114);
      writeRaftPropose(w, m.body.propose);
      w.close(start);
      break;
    }
    case 'proposeResponse': {
      const start = w.open(122);
      writeRaftProposeResponse(w, m.body.proposeResponse);
      w.close(start);
      break;
    }
    case 'readIndex': {
      const start = w.open(130);
      writeRaftReadIndex(w, m.body.readIndex);
      w.close(start);
      break;
    }
    case 'readIndexResponse': {
      const start = w.open(138);
      writeRaftReadIndexResponse(w, m.body.readIndexResponse);
      w.close(start);
      break;
    }
    case 'transferLeader': {
      const start = w.open(146);
      writeRaftTransferLeader(w, m.body.transferLeader);
      w.close(start);
      break;
    }
    case 'timeoutNow': {
      const start = w.open(154);
      writeRaftTimeoutNow(w, m.body.timeoutNow);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_RAFT_MESSAGE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
export function readRaftMessage(r: Reader): RaftMessage {
  let from = 0n;
  let to = 0n;
  let term = 0;
  let body: RaftMessage['body'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        from = r.uint64Big();
        break;
      case 16:
        to = r.uint64Big();
        break;
      case 24:
        term = r.uint64();
        break;
      case 34: {
        const outer = r.enter();
        body = { case: 'preVote', preVote: readRaftVote(r) };
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        body = { case: 'vote', vote: readRaftVote(r) };
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        body = { case: 'preVoteResponse', preVoteResponse: readRaftVoteResponse(r) };
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        body = { case: 'voteResponse', voteResponse: readRaftVoteResponse(r) };
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        body = { case: 'append', append: readRaftAppend(r) };
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        body = { case: 'appendResponse', appendResponse: readRaftAppendResponse(r) };
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        body = { case: 'heartbeat', heartbeat: readRaftHeartbeat(r) };
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        body = { case: 'heartbeatResponse', heartbeatResponse: readRaftHeartbeatResponse(r) };
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        body = { case: 'snapshotChunk', snapshotChunk: readRaftSnapshotChunk(r) };
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        body = { case: 'snapshotChunkResponse', snapshotChunkResponse: readRaftSnapshotChunkResponse(r) };
        r.leave(outer);
        break;
      }
      case 114: {
        const outer = r.enter();
        body = { case: 'propose', propose: readRaftPropose(r) };
        r.leave(outer);
        break;
      }
      case 122: {
        const outer = r.enter();
        body = { case: 'proposeResponse', proposeResponse: readRaftProposeResponse(r) };
        r.leave(outer);
        break;
      }
      case 130: {
        const outer = r.enter();
        body = { case: 'readIndex', readIndex: readRaftReadIndex(r) };
        r.leave(outer);
        break;
      }
      case 138: {
        const outer = r.enter();
        body = { case: 'readIndexResponse', readIndexResponse: readRaftReadIndexResponse(r) };
        r.leave(outer);
        break;
      }
      case 146: {
        const outer = r.enter();
        body = { case: 'transferLeader', transferLeader: readRaftTransferLeader(r) };
        r.leave(outer);
        break;
      }
      case 154: {
        const outer = r.enter();
        body = { case: 'timeoutNow', timeoutNow: readRaftTimeoutNow(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'RaftMessage', KNOWN_RAFT_MESSAGE);
    }
  }
  return { from, to, term, body };
}

export interface RaftVote {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly transfer: boolean;
}
export const EMPTY_RAFT_VOTE: RaftVote = { lastIndex: 0, lastTerm: 0, transfer: false };
export function encodeRaftVote(message: RaftVote): Uint8Array {
  return encode(message, writeRaftVote);
}
export function decodeRaftVote(bytes: Uint8Array): RaftVote {
  return decode(bytes, readRaftVote);
}
export function writeRaftVote(w: Writer, m: RaftVote): void {
  if (m.lastIndex !== 0) w.uint64(8, m.lastIndex);
  if (m.lastTerm !== 0) w.uint64(16, m.lastTerm);
  if (m.transfer) w.bool(24, m.transfer);
}
const KNOWN_RAFT_VOTE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readRaftVote(r: Reader): RaftVote {
  let lastIndex = 0;
  let lastTerm = 0;
  let transfer = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        lastIndex = r.uint64();
        break;
      case 16:
        lastTerm = r.uint64();
        break;
      case 24:
        transfer = r.bool();
        break;
      default:
        r.skip(tag, 'RaftVote', KNOWN_RAFT_VOTE);
    }
  }
  return { lastIndex, lastTerm, transfer };
}

export interface RaftVoteResponse {
  readonly granted: boolean;
}
export const EMPTY_RAFT_VOTE_RESPONSE: RaftVoteResponse = { granted: false };
export function encodeRaftVoteResponse(message: RaftVoteResponse): Uint8Array {
  return encode(message, writeRaftVoteResponse);
}
export function decodeRaftVoteResponse(bytes: Uint8Array): RaftVoteResponse {
  return decode(bytes, readRaftVoteResponse);
}
export function writeRaftVoteResponse(w: Writer, m: RaftVoteResponse): void {
  if (m.granted) w.bool(8, m.granted);
}
const KNOWN_RAFT_VOTE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readRaftVoteResponse(r: Reader): RaftVoteResponse {
  let granted = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        granted = r.bool();
        break;
      default:
        r.skip(tag, 'RaftVoteResponse', KNOWN_RAFT_VOTE_RESPONSE);
    }
  }
  return { granted };
}

export interface RaftAppend {
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly RaftEntry[];
  readonly commit: number;
  readonly quiet: boolean;
}
export const EMPTY_RAFT_APPEND: RaftAppend = { prevIndex: 0, prevTerm: 0, entries: [], commit: 0, quiet: false };
export function encodeRaftAppend(message: RaftAppend): Uint8Array {
  return encode(message, writeRaftAppend);
}
export function decodeRaftAppend(bytes: Uint8Array): RaftAppend {
  return decode(bytes, readRaftAppend);
}
export function writeRaftAppend(w: Writer, m: RaftAppend): void {
  if (m.prevIndex !== 0) w.uint64(8, m.prevIndex);
  if (m.prevTerm !== 0) w.uint64(16, m.prevTerm);
  for (const item of m.entries) {
    const start = w.open(26);
    writeRaftEntry(w, item);
    w.close(start);
  }
  if (m.commit !== 0) w.uint64(32, m.commit);
  if (m.quiet) w.bool(40, m.quiet);
}
const KNOWN_RAFT_APPEND: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
export function readRaftAppend(r: Reader): RaftAppend {
  let prevIndex = 0;
  let prevTerm = 0;
  const entries: RaftEntry[] = [];
  let commit = 0;
  let quiet = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        prevIndex = r.uint64();
        break;
      case 16:
        prevTerm = r.uint64();
        break;
      case 26: {
        const outer = r.enter();
        entries.push(readRaftEntry(r));
        r.leave(outer);
        break;
      }
      case 32:
        commit = r.uint64();
        break;
      case 40:
        quiet = r.bool();
        break;
      default:
        r.skip(tag, 'RaftAppend', KNOWN_RAFT_APPEND);
    }
  }
  return { prevIndex, prevTerm, entries, commit, quiet };
}

export interface RaftAppendResponse {
  readonly index: number;
  readonly rejected: boolean;
  readonly hintIndex: number;
  readonly hintTerm: number;
}
export const EMPTY_RAFT_APPEND_RESPONSE: RaftAppendResponse = { index: 0, rejected: false, hintIndex: 0, hintTerm: 0 };
export function encodeRaftAppendResponse(message: RaftAppendResponse): Uint8Array {
  return encode(message, writeRaftAppendResponse);
}
export function decodeRaftAppendResponse(bytes: Uint8Array): RaftAppendResponse {
  return decode(bytes, readRaftAppendResponse);
}
export function writeRaftAppendResponse(w: Writer, m: RaftAppendResponse): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.rejected) w.bool(16, m.rejected);
  if (m.hintIndex !== 0) w.uint64(24, m.hintIndex);
  if (m.hintTerm !== 0) w.uint64(32, m.hintTerm);
}
const KNOWN_RAFT_APPEND_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readRaftAppendResponse(r: Reader): RaftAppendResponse {
  let index = 0;
  let rejected = false;
  let hintIndex = 0;
  let hintTerm = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        rejected = r.bool();
        break;
      case 24:
        hintIndex = r.uint64();
        break;
      case 32:
        hintTerm = r.uint64();
        break;
      default:
        r.skip(tag, 'RaftAppendResponse', KNOWN_RAFT_APPEND_RESPONSE);
    }
  }
  return { index, rejected, hintIndex, hintTerm };
}

export interface RaftHeartbeat {
  readonly commit: number;
  readonly context: bigint;
}
export const EMPTY_RAFT_HEARTBEAT: RaftHeartbeat = { commit: 0, context: 0n };
export function encodeRaftHeartbeat(message: RaftHeartbeat): Uint8Array {
  return encode(message, writeRaftHeartbeat);
}
export function decodeRaftHeartbeat(bytes: Uint8Array): RaftHeartbeat {
  return decode(bytes, readRaftHeartbeat);
}
export function writeRaftHeartbeat(w: Writer, m: RaftHeartbeat): void {
  if (m.commit !== 0) w.uint64(8, m.commit);
  if (m.context !== 0n) w.bigint(16, m.context);
}
const KNOWN_RAFT_HEARTBEAT: ReadonlySet<number> = new Set([1, 2]);
export function readRaftHeartbeat(r: Reader): RaftHeartbeat {
  let commit = 0;
  let context = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        commit = r.uint64();
        break;
      case 16:
        context = r.uint64Big();
        break;
      default:
        r.skip(tag, 'RaftHeartbeat', KNOWN_RAFT_HEARTBEAT);
    }
  }
  return { commit, context };
}

export interface RaftHeartbeatResponse {
  readonly context: bigint;
  readonly unattended: boolean;
}
export const EMPTY_RAFT_HEARTBEAT_RESPONSE: RaftHeartbeatResponse = { context: 0n, unattended: false };
export function encodeRaftHeartbeatResponse(message: RaftHeartbeatResponse): Uint8Array {
  return encode(message, writeRaftHeartbeatResponse);
}
export function decodeRaftHeartbeatResponse(bytes: Uint8Array): RaftHeartbeatResponse {
  return decode(bytes, readRaftHeartbeatResponse);
}
export function writeRaftHeartbeatResponse(w: Writer, m: RaftHeartbeatResponse): void {
  if (m.context !== 0n) w.bigint(8, m.context);
  if (m.unattended) w.bool(16, m.unattended);
}
const KNOWN_RAFT_HEARTBEAT_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readRaftHeartbeatResponse(r: Reader): RaftHeartbeatResponse {
  let context = 0n;
  let unattended = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        context = r.uint64Big();
        break;
      case 16:
        unattended = r.bool();
        break;
      default:
        r.skip(tag, 'RaftHeartbeatResponse', KNOWN_RAFT_HEARTBEAT_RESPONSE);
    }
  }
  return { context, unattended };
}

export interface RaftSnapshotChunk {
  readonly meta: RaftSnapshotMeta | undefined;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}
export const EMPTY_RAFT_SNAPSHOT_CHUNK: RaftSnapshotChunk = { meta: undefined, offset: 0, data: EMPTY_BYTES, done: false };
export function encodeRaftSnapshotChunk(message: RaftSnapshotChunk): Uint8Array {
  return encode(message, writeRaftSnapshotChunk);
}
export function decodeRaftSnapshotChunk(bytes: Uint8Array): RaftSnapshotChunk {
  return decode(bytes, readRaftSnapshotChunk);
}
export function writeRaftSnapshotChunk(w: Writer, m: RaftSnapshotChunk): void {
  if (m.meta !== undefined) {
    const start = w.open(10);
    writeRaftSnapshotMeta(w, m.meta);
    w.close(start);
  }
  if (m.offset !== 0) w.uint64(16, m.offset);
  if (m.data.length !== 0) w.bytes(26, m.data);
  if (m.done) w.bool(32, m.done);
}
const KNOWN_RAFT_SNAPSHOT_CHUNK: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readRaftSnapshotChunk(r: Reader): RaftSnapshotChunk {
  let meta: RaftSnapshotMeta | undefined;
  let offset = 0;
  let data: Uint8Array = EMPTY_BYTES;
  let done = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        meta = readRaftSnapshotMeta(r);
        r.leave(outer);
        break;
      }
      case 16:
        offset = r.uint64();
        break;
      case 26:
        data = r.bytes();
        break;
      case 32:
        done = r.bool();
        break;
      default:
        r.skip(tag, 'RaftSnapshotChunk', KNOWN_RAFT_SNAPSHOT_CHUNK);
    }
  }
  return { meta, offset, data, done };
}

export interface RaftSnapshotChunkResponse {
  readonly index: number;
  readonly nextOffset: number;
  readonly rejected: boolean;
}
export const EMPTY_RAFT_SNAPSHOT_CHUNK_RESPONSE: RaftSnapshotChunkResponse = { index: 0, nextOffset: 0, rejected: false };
export function encodeRaftSnapshotChunkResponse(message: RaftSnapshotChunkResponse): Uint8Array {
  return encode(message, writeRaftSnapshotChunkResponse);
}
export function decodeRaftSnapshotChunkResponse(bytes: Uint8Array): RaftSnapshotChunkResponse {
  return decode(bytes, readRaftSnapshotChunkResponse);
}
export function writeRaftSnapshotChunkResponse(w: Writer, m: RaftSnapshotChunkResponse): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.nextOffset !== 0) w.uint64(16, m.nextOffset);
  if (m.rejected) w.bool(24, m.rejected);
}
const KNOWN_RAFT_SNAPSHOT_CHUNK_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readRaftSnapshotChunkResponse(r: Reader): RaftSnapshotChunkResponse {
  let index = 0;
  let nextOffset = 0;
  let rejected = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        nextOffset = r.uint64();
        break;
      case 24:
        rejected = r.bool();
        break;
      default:
        r.skip(tag, 'RaftSnapshotChunkResponse', KNOWN_RAFT_SNAPSHOT_CHUNK_RESPONSE);
    }
  }
  return { index, nextOffset, rejected };
}

export interface RaftProposal {
  readonly type: number;
  readonly data: Uint8Array;
}
export const EMPTY_RAFT_PROPOSAL: RaftProposal = { type: 0, data: EMPTY_BYTES };
export function encodeRaftProposal(message: RaftProposal): Uint8Array {
  return encode(message, writeRaftProposal);
}
export function decodeRaftProposal(bytes: Uint8Array): RaftProposal {
  return decode(bytes, readRaftProposal);
}
export function writeRaftProposal(w: Writer, m: RaftProposal): void {
  if (m.type !== 0) w.int32(8, m.type);
  if (m.data.length !== 0) w.bytes(18, m.data);
}
const KNOWN_RAFT_PROPOSAL: ReadonlySet<number> = new Set([1, 2]);
export function readRaftProposal(r: Reader): RaftProposal {
  let type = 0;
  let data: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        type = r.int32();
        break;
      case 18:
        data = r.bytes();
        break;
      default:
        r.skip(tag, 'RaftProposal', KNOWN_RAFT_PROPOSAL);
    }
  }
  return { type, data };
}

export interface RaftPropose {
  readonly entries: readonly RaftProposal[];
}
export const EMPTY_RAFT_PROPOSE: RaftPropose = { entries: [] };
export function encodeRaftPropose(message: RaftPropose): Uint8Array {
  return encode(message, writeRaftPropose);
}
export function decodeRaftPropose(bytes: Uint8Array): RaftPropose {
  return decode(bytes, readRaftPropose);
}
export function writeRaftPropose(w: Writer, m: RaftPropose): void {
  for (const item of m.entries) {
    const start = w.open(10);
    writeRaftProposal(w, item);
    w.close(start);
  }
}
const KNOWN_RAFT_PROPOSE: ReadonlySet<number> = new Set([1]);
export function readRaftPropose(r: Reader): RaftPropose {
  const entries: RaftProposal[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        entries.push(readRaftProposal(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'RaftPropose', KNOWN_RAFT_PROPOSE);
    }
  }
  return { entries };
}

export interface RaftProposeResponse {
  readonly dropped: boolean;
}
export const EMPTY_RAFT_PROPOSE_RESPONSE: RaftProposeResponse = { dropped: false };
export function encodeRaftProposeResponse(message: RaftProposeResponse): Uint8Array {
  return encode(message, writeRaftProposeResponse);
}
export function decodeRaftProposeResponse(bytes: Uint8Array): RaftProposeResponse {
  return decode(bytes, readRaftProposeResponse);
}
export function writeRaftProposeResponse(w: Writer, m: RaftProposeResponse): void {
  if (m.dropped) w.bool(8, m.dropped);
}
const KNOWN_RAFT_PROPOSE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readRaftProposeResponse(r: Reader): RaftProposeResponse {
  let dropped = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        dropped = r.bool();
        break;
      default:
        r.skip(tag, 'RaftProposeResponse', KNOWN_RAFT_PROPOSE_RESPONSE);
    }
  }
  return { dropped };
}

export interface RaftReadIndex {
  readonly context: bigint;
}
export const EMPTY_RAFT_READ_INDEX: RaftReadIndex = { context: 0n };
export function encodeRaftReadIndex(message: RaftReadIndex): Uint8Array {
  return encode(message, writeRaftReadIndex);
}
export function decodeRaftReadIndex(bytes: Uint8Array): RaftReadIndex {
  return decode(bytes, readRaftReadIndex);
}
export function writeRaftReadIndex(w: Writer, m: RaftReadIndex): void {
  if (m.context !== 0n) w.bigint(8, m.context);
}
const KNOWN_RAFT_READ_INDEX: ReadonlySet<number> = new Set([1]);
export function readRaftReadIndex(r: Reader): RaftReadIndex {
  let context = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        context = r.uint64Big();
        break;
      default:
        r.skip(tag, 'RaftReadIndex', KNOWN_RAFT_READ_INDEX);
    }
  }
  return { context };
}

export interface RaftReadIndexResponse {
  readonly context: bigint;
  readonly index: number;
  readonly rejected: boolean;
}
export const EMPTY_RAFT_READ_INDEX_RESPONSE: RaftReadIndexResponse = { context: 0n, index: 0, rejected: false };
export function encodeRaftReadIndexResponse(message: RaftReadIndexResponse): Uint8Array {
  return encode(message, writeRaftReadIndexResponse);
}
export function decodeRaftReadIndexResponse(bytes: Uint8Array): RaftReadIndexResponse {
  return decode(bytes, readRaftReadIndexResponse);
}
export function writeRaftReadIndexResponse(w: Writer, m: RaftReadIndexResponse): void {
  if (m.context !== 0n) w.bigint(8, m.context);
  if (m.index !== 0) w.uint64(16, m.index);
  if (m.rejected) w.bool(24, m.rejected);
}
const KNOWN_RAFT_READ_INDEX_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readRaftReadIndexResponse(r: Reader): RaftReadIndexResponse {
  let context = 0n;
  let index = 0;
  let rejected = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        context = r.uint64Big();
        break;
      case 16:
        index = r.uint64();
        break;
      case 24:
        rejected = r.bool();
        break;
      default:
        r.skip(tag, 'RaftReadIndexResponse', KNOWN_RAFT_READ_INDEX_RESPONSE);
    }
  }
  return { context, index, rejected };
}

export interface RaftTransferLeader {
  readonly transferee: bigint;
}
export const EMPTY_RAFT_TRANSFER_LEADER: RaftTransferLeader = { transferee: 0n };
export function encodeRaftTransferLeader(message: RaftTransferLeader): Uint8Array {
  return encode(message, writeRaftTransferLeader);
}
export function decodeRaftTransferLeader(bytes: Uint8Array): RaftTransferLeader {
  return decode(bytes, readRaftTransferLeader);
}
export function writeRaftTransferLeader(w: Writer, m: RaftTransferLeader): void {
  if (m.transferee !== 0n) w.bigint(8, m.transferee);
}
const KNOWN_RAFT_TRANSFER_LEADER: ReadonlySet<number> = new Set([1]);
export function readRaftTransferLeader(r: Reader): RaftTransferLeader {
  let transferee = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        transferee = r.uint64Big();
        break;
      default:
        r.skip(tag, 'RaftTransferLeader', KNOWN_RAFT_TRANSFER_LEADER);
    }
  }
  return { transferee };
}

export interface RaftTimeoutNow {}
export const EMPTY_RAFT_TIMEOUT_NOW: RaftTimeoutNow = {  };
export function encodeRaftTimeoutNow(message: RaftTimeoutNow): Uint8Array {
  return encode(message, writeRaftTimeoutNow);
}
export function decodeRaftTimeoutNow(bytes: Uint8Array): RaftTimeoutNow {
  return decode(bytes, readRaftTimeoutNow);
}
export function writeRaftTimeoutNow(_w: Writer, _m: RaftTimeoutNow): void {
}
const KNOWN_RAFT_TIMEOUT_NOW: ReadonlySet<number> = new Set([]);
export function readRaftTimeoutNow(r: Reader): RaftTimeoutNow {
  while (r.more()) r.skip(r.tag(), 'RaftTimeoutNow', KNOWN_RAFT_TIMEOUT_NOW);
  return {};
}

export interface PeerCall {
  readonly id: number;
  readonly call:
    | { readonly case: 'leaseKeepAlive'; readonly leaseKeepAlive: LeaseKeepAliveRequest }
    | { readonly case: 'leaseTimeToLive'; readonly leaseTimeToLive: LeaseTimeToLiveRequest }
    | { readonly case: 'status'; readonly status: StatusRequest }
    | { readonly case: 'memberStatus'; readonly memberStatus: PeerMemberStatusRequest }
    | { readonly case: 'hashKv'; readonly hashKv: HashKVRequest }
    | { readonly case: 'propose'; readonly propose: PeerPropose }
    | { readonly case: 'memberList'; readonly memberList: MemberListRequest }
    | { readonly case: 'memberPromote'; readonly memberPromote: MemberPromoteRequest }
    | { readonly case: 'snapshotRead'; readonly snapshotRead: PeerSnapshotRead }
    | { readonly case: 'proposeAll'; readonly proposeAll: PeerProposeAll }
    | undefined;
}
export const EMPTY_PEER_CALL: PeerCall = { id: 0, call: undefined };
export function encodePeerCall(message: PeerCall): Uint8Array {
  return encode(message, writePeerCall);
}
export function decodePeerCall(bytes: Uint8Array): PeerCall {
  return decode(bytes, readPeerCall);
}
export function writePeerCall(w: Writer, m: PeerCall): void {
  if (m.id !== 0) w.uint64(8, m.id);
  switch (m.call?.case) {
    case 'leaseKeepAlive': {
      const start = w.open(18);
      writeLeaseKeepAliveRequest(w, m.call.leaseKeepAlive);
      w.close(start);
      break;
    }
    case 'leaseTimeToLive': {
      const start = w.open(26);
      writeLeaseTimeToLiveRequest(w, m.call.leaseTimeToLive);
      w.close(start);
      break;
    }
    case 'status': {
      const start = w.open(34);
      writeStatusRequest(w, m.call.status);
      w.close(start);
      break;
    }
    case 'memberStatus': {
      const start = w.open(42);
      writePeerMemberStatusRequest(w, m.call.memberStatus);
      w.close(start);
      break;
    }
    case 'hashKv': {
      const start = w.open(50);
      writeHashKVRequest(w, m.call.hashKv);
      w.close(start);
      break;
    }
    case 'propose': {
      const start = w.open(58);
      writePeerPropose(w, m.call.propose);
      w.close(start);
      break;
    }
    case 'memberList': {
      const start = w.open(66);
      writeMemberListRequest(w, m.call.memberList);
      w.close(start);
      break;
    }
    case 'memberPromote': {
      const start = w.open(74);
      writeMemberPromoteRequest(w, m.call.memberPromote);
      w.close(start);
      break;
    }
    case 'snapshotRead': {
      const start = w.open(82);
      writePeerSnapshotRead(w, m.call.snapshotRead);
      w.close(start);
      break;
    }
    case 'proposeAll': {
      const start = w.open(90);
      writePeerProposeAll(w, m.call.proposeAll);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_PEER_CALL: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
export function readPeerCall(r: Reader): PeerCall {
  let id = 0;
  let call: PeerCall['call'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        id = r.uint64();
        break;
      case 18: {
        const outer = r.enter();
        call = { case: 'leaseKeepAlive', leaseKeepAlive: readLeaseKeepAliveRequest(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        call = { case: 'leaseTimeToLive', leaseTimeToLive: readLeaseTimeToLiveRequest(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        call = { case: 'status', status: readStatusRequest(r) };
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        call = { case: 'memberStatus', memberStatus: readPeerMemberStatusRequest(r) };
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        call = { case: 'hashKv', hashKv: readHashKVRequest(r) };
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        call = { case: 'propose', propose: readPeerPropose(r) };
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        call = { case: 'memberList', memberList: readMemberListRequest(r) };
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        call = { case: 'memberPromote', memberPromote: readMemberPromoteRequest(r) };
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        call = { case: 'snapshotRead', snapshotRead: readPeerSnapshotRead(r) };
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        call = { case: 'proposeAll', proposeAll: readPeerProposeAll(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'PeerCall', KNOWN_PEER_CALL);
    }
  }
  return { id, call };
}

export interface PeerAnswer {
  readonly id: number;
  readonly result:
    | { readonly case: 'error'; readonly error: PeerCallError }
    | { readonly case: 'leaseKeepAlive'; readonly leaseKeepAlive: LeaseKeepAliveResponse }
    | { readonly case: 'leaseTimeToLive'; readonly leaseTimeToLive: LeaseTimeToLiveResponse }
    | { readonly case: 'status'; readonly status: StatusResponse }
    | { readonly case: 'memberStatus'; readonly memberStatus: PeerMemberStatus }
    | { readonly case: 'hashKv'; readonly hashKv: HashKVResponse }
    | { readonly case: 'propose'; readonly propose: PeerProposed }
    | { readonly case: 'memberList'; readonly memberList: MemberListResponse }
    | { readonly case: 'memberPromote'; readonly memberPromote: MemberPromoteResponse }
    | { readonly case: 'snapshotRead'; readonly snapshotRead: PeerSnapshotPart }
    | { readonly case: 'proposeAll'; readonly proposeAll: PeerProposedAll }
    | undefined;
}
export const EMPTY_PEER_ANSWER: PeerAnswer = { id: 0, result: undefined };
export function encodePeerAnswer(message: PeerAnswer): Uint8Array {
  return encode(message, writePeerAnswer);
}
export function decodePeerAnswer(bytes: Uint8Array): PeerAnswer {
  return decode(bytes, readPeerAnswer);
}
export function writePeerAnswer(w: Writer, m: PeerAnswer): void {
  if (m.id !== 0) w.uint64(8, m.id);
  switch (m.result?.case) {
    case 'error': {
      const start = w.open(18);
      writePeerCallError(w, m.result.error);
      w.close(start);
      break;
    }
    case 'leaseKeepAlive': {
      const start = w.open(26);
      writeLeaseKeepAliveResponse(w, m.result.leaseKeepAlive);
      w.close(start);
      break;
    }
    case 'leaseTimeToLive': {
      const start = w.open(34);
      writeLeaseTimeToLiveResponse(w, m.result.leaseTimeToLive);
      w.close(start);
      break;
    }
    case 'status': {
      const start = w.open(42);
      writeStatusResponse(w, m.result.status);
      w.close(start);
      break;
    }
    case 'memberStatus': {
      const start = w.open(50);
      writePeerMemberStatus(w, m.result.memberStatus);
      w.close(start);
      break;
    }
    case 'hashKv': {
      const start = w.open(58);
      writeHashKVResponse(w, m.result.hashKv);
      w.close(start);
      break;
    }
    case 'propose': {
      const start = w.open(66);
      writePeerProposed(w, m.result.propose);
      w.close(start);
      break;
    }
    case 'memberList': {
      const start = w.open(74);
      writeMemberListResponse(w, m.result.memberList);
      w.close(start);
      break;
    }
    case 'memberPromote': {
      const start = w.open(82);
      writeMemberPromoteResponse(w, m.result.memberPromote);
      w.close(start);
      break;
    }
    case 'snapshotRead': {
      const start = w.open(90);
      writePeerSnapshotPart(w, m.result.snapshotRead);
      w.close(start);
      break;
    }
    case 'proposeAll': {
      const start = w.open(98);
      writePeerProposedAll(w, m.result.proposeAll);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_PEER_ANSWER: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
export function readPeerAnswer(r: Reader): PeerAnswer {
  let id = 0;
  let result: PeerAnswer['result'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        id = r.uint64();
        break;
      case 18: {
        const outer = r.enter();
        result = { case: 'error', error: readPeerCallError(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        result = { case: 'leaseKeepAlive', leaseKeepAlive: readLeaseKeepAliveResponse(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        result = { case: 'leaseTimeToLive', leaseTimeToLive: readLeaseTimeToLiveResponse(r) };
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        result = { case: 'status', status: readStatusResponse(r) };
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        result = { case: 'memberStatus', memberStatus: readPeerMemberStatus(r) };
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        result = { case: 'hashKv', hashKv: readHashKVResponse(r) };
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        result = { case: 'propose', propose: readPeerProposed(r) };
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        result = { case: 'memberList', memberList: readMemberListResponse(r) };
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        result = { case: 'memberPromote', memberPromote: readMemberPromoteResponse(r) };
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        result = { case: 'snapshotRead', snapshotRead: readPeerSnapshotPart(r) };
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        result = { case: 'proposeAll', proposeAll: readPeerProposedAll(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'PeerAnswer', KNOWN_PEER_ANSWER);
    }
  }
  return { id, result };
}

export interface PeerCallError {
  readonly code: string;
  readonly text: string;
  readonly compactRevision: number;
}
export const EMPTY_PEER_CALL_ERROR: PeerCallError = { code: '', text: '', compactRevision: 0 };
export function encodePeerCallError(message: PeerCallError): Uint8Array {
  return encode(message, writePeerCallError);
}
export function decodePeerCallError(bytes: Uint8Array): PeerCallError {
  return decode(bytes, readPeerCallError);
}
export function writePeerCallError(w: Writer, m: PeerCallError): void {
  if (m.code !== '') w.text(10, m.code);
  if (m.text !== '') w.text(18, m.text);
  if (m.compactRevision !== 0) w.uint64(24, m.compactRevision);
}
const KNOWN_PEER_CALL_ERROR: ReadonlySet<number> = new Set([1, 2, 3]);
export function readPeerCallError(r: Reader): PeerCallError {
  let code = '';
  let text = '';
  let compactRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        code = r.text();
        break;
      case 18:
        text = r.text();
        break;
      case 24:
        compactRevision = r.uint64();
        break;
      default:
        r.skip(tag, 'PeerCallError', KNOWN_PEER_CALL_ERROR);
    }
  }
  return { code, text, compactRevision };
}

export interface PeerPropose {
  readonly type: number;
  readonly data: Uint8Array;
}
export const EMPTY_PEER_PROPOSE: PeerPropose = { type: 0, data: EMPTY_BYTES };
export function encodePeerPropose(message: PeerPropose): Uint8Array {
  return encode(message, writePeerPropose);
}
export function decodePeerPropose(bytes: Uint8Array): PeerPropose {
  return decode(bytes, readPeerPropose);
}
export function writePeerPropose(w: Writer, m: PeerPropose): void {
  if (m.type !== 0) w.int32(8, m.type);
  if (m.data.length !== 0) w.bytes(18, m.data);
}
const KNOWN_PEER_PROPOSE: ReadonlySet<number> = new Set([1, 2]);
export function readPeerPropose(r: Reader): PeerPropose {
  let type = 0;
  let data: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        type = r.int32();
        break;
      case 18:
        data = r.bytes();
        break;
      default:
        r.skip(tag, 'PeerPropose', KNOWN_PEER_PROPOSE);
    }
  }
  return { type, data };
}

export interface PeerProposed {
  readonly dropped: boolean;
  readonly index: number;
  readonly term: number;
}
export const EMPTY_PEER_PROPOSED: PeerProposed = { dropped: false, index: 0, term: 0 };
export function encodePeerProposed(message: PeerProposed): Uint8Array {
  return encode(message, writePeerProposed);
}
export function decodePeerProposed(bytes: Uint8Array): PeerProposed {
  return decode(bytes, readPeerProposed);
}
export function writePeerProposed(w: Writer, m: PeerProposed): void {
  if (m.dropped) w.bool(8, m.dropped);
  if (m.index !== 0) w.uint64(16, m.index);
  if (m.term !== 0) w.uint64(24, m.term);
}
const KNOWN_PEER_PROPOSED: ReadonlySet<number> = new Set([1, 2, 3]);
export function readPeerProposed(r: Reader): PeerProposed {
  let dropped = false;
  let index = 0;
  let term = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        dropped = r.bool();
        break;
      case 16:
        index = r.uint64();
        break;
      case 24:
        term = r.uint64();
        break;
      default:
        r.skip(tag, 'PeerProposed', KNOWN_PEER_PROPOSED);
    }
  }
  return { dropped, index, term };
}

export interface PeerProposeAll {
  readonly proposals: readonly RaftProposal[];
}
export const EMPTY_PEER_PROPOSE_ALL: PeerProposeAll = { proposals: [] };
export function encodePeerProposeAll(message: PeerProposeAll): Uint8Array {
  return encode(message, writePeerProposeAll);
}
export function decodePeerProposeAll(bytes: Uint8Array): PeerProposeAll {
  return decode(bytes, readPeerProposeAll);
}
export function writePeerProposeAll(w: Writer, m: PeerProposeAll): void {
  for (const item of m.proposals) {
    const start = w.open(10);
    writeRaftProposal(w, item);
    w.close(start);
  }
}
const KNOWN_PEER_PROPOSE_ALL: ReadonlySet<number> = new Set([1]);
export function readPeerProposeAll(r: Reader): PeerProposeAll {
  const proposals: RaftProposal[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        proposals.push(readRaftProposal(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'PeerProposeAll', KNOWN_PEER_PROPOSE_ALL);
    }
  }
  return { proposals };
}

export interface PeerProposedAll {
  readonly index: number;
  readonly term: number;
  readonly taken: number;
}
export const EMPTY_PEER_PROPOSED_ALL: PeerProposedAll = { index: 0, term: 0, taken: 0 };
export function encodePeerProposedAll(message: PeerProposedAll): Uint8Array {
  return encode(message, writePeerProposedAll);
}
export function decodePeerProposedAll(bytes: Uint8Array): PeerProposedAll {
  return decode(bytes, readPeerProposedAll);
}
export function writePeerProposedAll(w: Writer, m: PeerProposedAll): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.term !== 0) w.uint64(16, m.term);
  if (m.taken !== 0) w.uint32(24, m.taken);
}
const KNOWN_PEER_PROPOSED_ALL: ReadonlySet<number> = new Set([1, 2, 3]);
export function readPeerProposedAll(r: Reader): PeerProposedAll {
  let index = 0;
  let term = 0;
  let taken = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        term = r.uint64();
        break;
      case 24:
        taken = r.uint32();
        break;
      default:
        r.skip(tag, 'PeerProposedAll', KNOWN_PEER_PROPOSED_ALL);
    }
  }
  return { index, term, taken };
}

export interface PeerSnapshotRead {
  readonly index: number;
  readonly offset: number;
  readonly maxBytes: number;
  readonly minIndex: number;
}
export const EMPTY_PEER_SNAPSHOT_READ: PeerSnapshotRead = { index: 0, offset: 0, maxBytes: 0, minIndex: 0 };
export function encodePeerSnapshotRead(message: PeerSnapshotRead): Uint8Array {
  return encode(message, writePeerSnapshotRead);
}
export function decodePeerSnapshotRead(bytes: Uint8Array): PeerSnapshotRead {
  return decode(bytes, readPeerSnapshotRead);
}
export function writePeerSnapshotRead(w: Writer, m: PeerSnapshotRead): void {
  if (m.index !== 0) w.uint64(8, m.index);
  if (m.offset !== 0) w.uint64(16, m.offset);
  if (m.maxBytes !== 0) w.uint32(24, m.maxBytes);
  if (m.minIndex !== 0) w.uint64(32, m.minIndex);
}
const KNOWN_PEER_SNAPSHOT_READ: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readPeerSnapshotRead(r: Reader): PeerSnapshotRead {
  let index = 0;
  let offset = 0;
  let maxBytes = 0;
  let minIndex = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        index = r.uint64();
        break;
      case 16:
        offset = r.uint64();
        break;
      case 24:
        maxBytes = r.uint32();
        break;
      case 32:
        minIndex = r.uint64();
        break;
      default:
        r.skip(tag, 'PeerSnapshotRead', KNOWN_PEER_SNAPSHOT_READ);
    }
  }
  return { index, offset, maxBytes, minIndex };
}

export interface PeerSnapshotPart {
  readonly meta: RaftSnapshotMeta | undefined;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}
export const EMPTY_PEER_SNAPSHOT_PART: PeerSnapshotPart = { meta: undefined, offset: 0, data: EMPTY_BYTES, done: false };
export function encodePeerSnapshotPart(message: PeerSnapshotPart): Uint8Array {
  return encode(message, writePeerSnapshotPart);
}
export function decodePeerSnapshotPart(bytes: Uint8Array): PeerSnapshotPart {
  return decode(bytes, readPeerSnapshotPart);
}
export function writePeerSnapshotPart(w: Writer, m: PeerSnapshotPart): void {
  if (m.meta !== undefined) {
    const start = w.open(10);
    writeRaftSnapshotMeta(w, m.meta);
    w.close(start);
  }
  if (m.offset !== 0) w.uint64(16, m.offset);
  if (m.data.length !== 0) w.bytes(26, m.data);
  if (m.done) w.bool(32, m.done);
}
const KNOWN_PEER_SNAPSHOT_PART: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readPeerSnapshotPart(r: Reader): PeerSnapshotPart {
  let meta: RaftSnapshotMeta | undefined;
  let offset = 0;
  let data: Uint8Array = EMPTY_BYTES;
  let done = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        meta = readRaftSnapshotMeta(r);
        r.leave(outer);
        break;
      }
      case 16:
        offset = r.uint64();
        break;
      case 26:
        data = r.bytes();
        break;
      case 32:
        done = r.bool();
        break;
      default:
        r.skip(tag, 'PeerSnapshotPart', KNOWN_PEER_SNAPSHOT_PART);
    }
  }
  return { meta, offset, data, done };
}

export interface PeerMemberStatusRequest {}
export const EMPTY_PEER_MEMBER_STATUS_REQUEST: PeerMemberStatusRequest = {  };
export function encodePeerMemberStatusRequest(message: PeerMemberStatusRequest): Uint8Array {
  return encode(message, writePeerMemberStatusRequest);
}
export function decodePeerMemberStatusRequest(bytes: Uint8Array): PeerMemberStatusRequest {
  return decode(bytes, readPeerMemberStatusRequest);
}
export function writePeerMemberStatusRequest(_w: Writer, _m: PeerMemberStatusRequest): void {
}
const KNOWN_PEER_MEMBER_STATUS_REQUEST: ReadonlySet<number> = new Set([]);
export function readPeerMemberStatusRequest(r: Reader): PeerMemberStatusRequest {
  while (r.more()) r.skip(r.tag(), 'PeerMemberStatusRequest', KNOWN_PEER_MEMBER_STATUS_REQUEST);
  return {};
}

export interface PeerMemberStatus {
  readonly memberId: bigint;
  readonly leader: bigint;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: number;
  readonly compactRevision: number;
  readonly serverVersion: string;
  readonly isLearner: boolean;
  readonly commandFormat: number;
}
export const EMPTY_PEER_MEMBER_STATUS: PeerMemberStatus = { memberId: 0n, leader: 0n, term: 0, commitIndex: 0, appliedIndex: 0, revision: 0, compactRevision: 0, serverVersion: '', isLearner: false, commandFormat: 0 };
export function encodePeerMemberStatus(message: PeerMemberStatus): Uint8Array {
  return encode(message, writePeerMemberStatus);
}
export function decodePeerMemberStatus(bytes: Uint8Array): PeerMemberStatus {
  return decode(bytes, readPeerMemberStatus);
}
export function writePeerMemberStatus(w: Writer, m: PeerMemberStatus): void {
  if (m.memberId !== 0n) w.bigint(8, m.memberId);
  if (m.leader !== 0n) w.bigint(16, m.leader);
  if (m.term !== 0) w.uint64(24, m.term);
  if (m.commitIndex !== 0) w.uint64(32, m.commitIndex);
  if (m.appliedIndex !== 0) w.uint64(40, m.appliedIndex);
  if (m.revision !== 0) w.int64(48, m.revision);
  if (m.compactRevision !== 0) w.int64(56, m.compactRevision);
  if (m.serverVersion !== '') w.text(66, m.serverVersion);
  if (m.isLearner) w.bool(72, m.isLearner);
  if (m.commandFormat !== 0) w.uint32(80, m.commandFormat);
}
const KNOWN_PEER_MEMBER_STATUS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
export function readPeerMemberStatus(r: Reader): PeerMemberStatus {
  let memberId = 0n;
  let leader = 0n;
  let term = 0;
  let commitIndex = 0;
  let appliedIndex = 0;
  let revision = 0;
  let compactRevision = 0;
  let serverVersion = '';
  let isLearner = false;
  let commandFormat = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        memberId = r.uint64Big();
        break;
      case 16:
        leader = r.uint64Big();
        break;
      case 24:
        term = r.uint64();
        break;
      case 32:
        commitIndex = r.uint64();
        break;
      case 40:
        appliedIndex = r.uint64();
        break;
      case 48:
        revision = r.int64();
        break;
      case 56:
        compactRevision = r.int64();
        break;
      case 66:
        serverVersion = r.text();
        break;
      case 72:
        isLearner = r.bool();
        break;
      case 80:
        commandFormat = r.uint32();
        break;
      default:
        r.skip(tag, 'PeerMemberStatus', KNOWN_PEER_MEMBER_STATUS);
    }
  }
  return { memberId, leader, term, commitIndex, appliedIndex, revision, compactRevision, serverVersion, isLearner, commandFormat };
}
