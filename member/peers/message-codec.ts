import type { Index, MemberId, Term } from '../../base/brand.ts';
import { allocateBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import type { RaftConfState, RaftEntry, RaftMessage, RaftSnapshotMeta } from '../../proto/gen/peer.ts';
import type { ConfState, Entry, Message, SnapshotMeta } from '../../raft/types.ts';

const NORMAL = 0;
const CONF = 1;

/** All messages but appends, which AppendEncoder takes to the wire. */
export type Unshared = Exclude<Message, { readonly type: 'append' }>;

/** A message of the consensus core in its wire form. */
export function toWire(message: Unshared): RaftMessage {
  return { from: message.from, to: message.to, term: message.term, body: bodyOf(message) };
}

/** A message from the wire; undefined when it has no body that this version knows. Numbers are those of the sender, unchecked. */
export function fromWire(wire: RaftMessage): Message | undefined {
  // Fields one by one, without spreading: this runs for every message, and spreading costs ten times as much.
  const from = wire.from as MemberId;
  const to = wire.to as MemberId;
  const term = wire.term as Term;
  const body = wire.body;
  switch (body?.case) {
    case undefined:
      return undefined;
    case 'preVote':
      return { from, to, term, type: 'pre-vote', ...vote(body.preVote) };
    case 'vote':
      return { from, to, term, type: 'vote', ...vote(body.vote) };
    case 'preVoteResponse':
      return { from, to, term, type: 'pre-vote-response', granted: body.preVoteResponse.granted };
    case 'voteResponse':
      return { from, to, term, type: 'vote-response', granted: body.voteResponse.granted };
    case 'append': {
      const { prevIndex, prevTerm, entries, commit, quiet } = body.append;
      return {
        from,
        to,
        term,
        type: 'append',
        prevIndex: prevIndex as Index,
        prevTerm: prevTerm as Term,
        entries: entriesFromWire(entries),
        commit: commit as Index,
        quiet,
      };
    }
    case 'appendResponse': {
      const { index, rejected, hintIndex, hintTerm } = body.appendResponse;
      return {
        from,
        to,
        term,
        type: 'append-response',
        index: index as Index,
        rejected,
        hintIndex: hintIndex as Index,
        hintTerm: hintTerm as Term,
      };
    }
    case 'heartbeat':
      return {
        from,
        to,
        term,
        type: 'heartbeat',
        commit: body.heartbeat.commit as Index,
        context: body.heartbeat.context,
      };
    case 'heartbeatResponse':
      return {
        from,
        to,
        term,
        type: 'heartbeat-response',
        context: body.heartbeatResponse.context,
        unattended: body.heartbeatResponse.unattended,
      };
    case 'snapshotChunk': {
      const { meta, offset, data, done } = body.snapshotChunk;
      return { from, to, term, type: 'snapshot-chunk', meta: metaFromWire(meta), offset, data, done };
    }
    case 'snapshotChunkResponse': {
      const { index, nextOffset, rejected } = body.snapshotChunkResponse;
      return { from, to, term, type: 'snapshot-chunk-response', index: index as Index, nextOffset, rejected };
    }
    case 'propose': {
      const entries = body.propose.entries.map(({ type, data }) => ({ type: typeFromWire(type), data }));
      return { from, to, term, type: 'propose', entries };
    }
    case 'proposeResponse':
      return { from, to, term, type: 'propose-response', dropped: body.proposeResponse.dropped };
    case 'readIndex':
      return { from, to, term, type: 'read-index', context: body.readIndex.context };
    case 'readIndexResponse': {
      const { context, index, rejected } = body.readIndexResponse;
      return { from, to, term, type: 'read-index-response', context, index: index as Index, rejected };
    }
    case 'transferLeader':
      return { from, to, term, type: 'transfer-leader', transferee: body.transferLeader.transferee as MemberId };
    case 'timeoutNow':
      return { from, to, term, type: 'timeout-now' };
  }
}

function bodyOf(message: Unshared): RaftMessage['body'] {
  switch (message.type) {
    case 'pre-vote':
      return { case: 'preVote', preVote: message };
    case 'vote':
      return { case: 'vote', vote: message };
    case 'pre-vote-response':
      return { case: 'preVoteResponse', preVoteResponse: message };
    case 'vote-response':
      return { case: 'voteResponse', voteResponse: message };
    case 'append-response':
      return { case: 'appendResponse', appendResponse: message };
    case 'heartbeat':
      return { case: 'heartbeat', heartbeat: message };
    case 'heartbeat-response':
      return { case: 'heartbeatResponse', heartbeatResponse: message };
    case 'snapshot-chunk':
      return { case: 'snapshotChunk', snapshotChunk: message };
    case 'snapshot-chunk-response':
      return { case: 'snapshotChunkResponse', snapshotChunkResponse: message };
    case 'propose': {
      const entries = message.entries.map(({ type, data }) => ({ type: typeToWire(type), data }));
      return { case: 'propose', propose: { entries } };
    }
    case 'propose-response':
      return { case: 'proposeResponse', proposeResponse: message };
    case 'read-index':
      return { case: 'readIndex', readIndex: message };
    case 'read-index-response':
      return { case: 'readIndexResponse', readIndexResponse: message };
    case 'transfer-leader':
      return { case: 'transferLeader', transferLeader: message };
    case 'timeout-now':
      return { case: 'timeoutNow', timeoutNow: {} };
  }
}

function vote(wire: { readonly lastIndex: number; readonly lastTerm: number; readonly transfer: boolean }): {
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  readonly transfer: boolean;
} {
  return { lastIndex: wire.lastIndex as Index, lastTerm: wire.lastTerm as Term, transfer: wire.transfer };
}

/** The wire form of an entry. */
export function entryToWire(entry: Entry): RaftEntry {
  return { index: entry.index, term: entry.term, type: typeToWire(entry.type), data: entry.data };
}

function entriesFromWire(wires: readonly RaftEntry[]): readonly Entry[] {
  const kept = keptData(wires);
  const entries: Entry[] = [];
  for (const { index, term, type } of wires) {
    const data = kept[entries.length] as Uint8Array;
    entries.push({ index: index as Index, term: term as Term, type: typeFromWire(type), data });
  }
  return entries;
}

/**
 * The data of entries or proposals, to live longer than the frame it came in. Where it is most of what was received with it, that is kept
 * alive; otherwise it is copied, all to one place, since what came together is forgotten together.
 */
export function keptData(wires: readonly { readonly data: Uint8Array }[]): readonly Uint8Array[] {
  let sizeBytes = 0;
  for (const { data } of wires) sizeBytes += data.length;
  const receivedBytes = wires[0]?.data.buffer.byteLength ?? 0;
  if (2 * sizeBytes >= receivedBytes) return wires.map(({ data }) => data);
  const bytes = allocateBytes(sizeBytes);
  let at = 0;
  return wires.map(({ data }) => {
    const start = at;
    bytes.set(data, start);
    at += data.length;
    return at === start ? EMPTY_BYTES : bytes.subarray(start, at);
  });
}

/** The wire form of an entry's type. */
export function typeToWire(type: Entry['type']): number {
  return type === 'conf' ? CONF : NORMAL;
}

export function typeFromWire(type: number): Entry['type'] {
  return type === CONF ? 'conf' : 'normal';
}

/** What a snapshot is of. */
export function metaFromWire(wire: RaftSnapshotMeta | undefined): SnapshotMeta {
  return { index: (wire?.index ?? 0) as Index, term: (wire?.term ?? 0) as Term, conf: confFromWire(wire?.conf) };
}

function confFromWire(wire: RaftConfState | undefined): ConfState {
  return {
    voters: (wire?.voters ?? []) as readonly MemberId[],
    votersOutgoing: (wire?.votersOutgoing ?? []) as readonly MemberId[],
    learners: (wire?.learners ?? []) as readonly MemberId[],
    learnersNext: (wire?.learnersNext ?? []) as readonly MemberId[],
    autoLeave: wire?.autoLeave ?? false,
  };
}
