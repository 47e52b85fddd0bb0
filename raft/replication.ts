import type { Index, MemberId, Term } from '../base/brand.ts';
import type { Core, Leadership } from './core.ts';
import { MAX_BYTES_HELD_FOR_SNAPSHOTS } from './limits.ts';
import type { Progress } from './progress.ts';
import type { SnapshotChunk } from './snapshot.ts';
import { SnapshotSender } from './snapshot.ts';
import { isHeldBack } from './thrift.ts';
import type { Entry, Message } from './types.ts';

/**
 * Sends every follower what it lacks and its flow control allows. Called once per Ready: what was proposed since the last one
 * travels in as few messages as the size limit allows, and the commit index travels with it.
 */
export function replicate(core: Core, leadership: Leadership): void {
  for (const [member, progress] of leadership.progress) {
    if (member === core.id) continue;
    if (progress.state === 'probe') probe(core, member, progress);
    else if (progress.state === 'replicate' && (progress.due || !isHeldBack(core, leadership, member, progress))) {
      progress.due = false;
      stream(core, member, progress);
    }
    if (progress.state === 'snapshot') askForChunks(core, member, progress);
  }
}

/** The follower refused or acknowledged an append. True if more of the log is known to be there. */
export function acknowledge(
  core: Core,
  progress: Progress,
  message: Extract<Message, { type: 'append-response' }>,
): boolean {
  if (message.rejected) {
    const hint = core.log.lastIndexWithin(message.hintIndex, message.hintTerm);
    if (progress.backtrack(message.index, hint) && progress.state === 'replicate') progress.becomeProbe();
    return false;
  }
  if (message.index > core.log.lastIndex) return false;
  const advanced = progress.advanceTo(message.index);
  if (progress.state === 'replicate') progress.inflights.freeUpTo(message.index);
  else if (progress.state === 'snapshot') {
    // The log can go on from here: whether the snapshot has been installed or was not needed after all.
    if (advanced && progress.match >= core.log.snapshotIndex) progress.becomeReplicate();
  } else if (message.index === progress.match) progress.becomeReplicate();
  return advanced;
}

/** A chunk asked for by `askForChunks` has been read; undefined if there was none. */
export function sendSnapshotChunk(
  core: Core,
  to: MemberId,
  sender: SnapshotSender,
  chunk: SnapshotChunk | undefined,
): void {
  // A snapshot from before the log's start would leave a gap behind it.
  if (chunk === undefined || chunk.meta.index < core.log.snapshotIndex) {
    sender.unavailable();
    return;
  }
  if (!sender.provide(chunk)) return;
  core.send({ type: 'snapshot-chunk', to, meta: chunk.meta, offset: chunk.offset, data: chunk.data, done: chunk.done });
}

/** How far the log may be compacted, when `wanted` is asked for: not past a snapshot that is on its way, unless that costs too much. */
export function compactionLimit(core: Core, leadership: Leadership, wanted: Index): Index {
  let limit = wanted;
  for (const { sender } of leadership.progress.values()) {
    if (sender?.meta !== undefined && sender.meta.index < limit) limit = sender.meta.index;
  }
  if (limit < core.log.snapshotIndex) return wanted;
  return core.log.bytesBetween(limit, wanted) <= MAX_BYTES_HELD_FOR_SNAPSHOTS ? limit : wanted;
}

/** Finds out where the logs agree: one append at a time. */
function probe(core: Core, to: MemberId, progress: Progress): void {
  if (progress.probeSent) return;
  const prevTerm = core.log.termOf((progress.next - 1) as Index);
  if (prevTerm === undefined) {
    startSnapshot(core, progress);
    return;
  }
  const entries = core.log.slice(progress.next, core.log.lastIndex, core.options.maxMessageBytes);
  sendAppend(core, to, { progress, prevTerm, entries, quiet: false });
  progress.probeSent = true;
}

/** Pipelines appends as if all went well; a refusal brings the follower back to `probe`. */
function stream(core: Core, to: MemberId, progress: Progress): void {
  const { log, options } = core;
  while (true) {
    const flows = !progress.inflights.full;
    const hasNews = flows && (progress.next <= log.lastIndex || progress.sentCommit < log.commit);
    if (!hasNews && !progress.nudged) return;
    const prevIndex = (progress.next - 1) as Index;
    const prevTerm = log.termOf(prevIndex);
    if (prevTerm === undefined) {
      startSnapshot(core, progress);
      return;
    }
    // When full, an owed append goes out empty: were all that is in flight lost, its refusal would tell.
    const entries = log.slice(progress.next, flows ? log.lastIndex : prevIndex, options.maxMessageBytes);
    sendAppend(core, to, { progress, prevTerm, entries, quiet: entries.length === 0 && !progress.nudged });
    progress.nudged = false;
    if (entries.length === 0) return;
    const last = (prevIndex + entries.length) as Index;
    progress.inflights.add(last, log.bytesBetween(prevIndex, last));
    progress.next = (last + 1) as Index;
  }
}

function sendAppend(
  core: Core,
  to: MemberId,
  append: {
    readonly progress: Progress;
    readonly prevTerm: Term;
    readonly entries: readonly Entry[];
    readonly quiet: boolean;
  },
): void {
  const { commit } = core.log;
  const { progress, prevTerm, entries, quiet } = append;
  core.send({ type: 'append', to, prevIndex: (progress.next - 1) as Index, prevTerm, entries, commit, quiet });
  progress.sentCommit = commit;
}

function startSnapshot(core: Core, progress: Progress): void {
  if (!progress.recentActive) return; // nothing is read from the disk for a member that may be gone
  const { snapshotChunkBytes, electionTicks } = core.options;
  progress.becomeSnapshot(new SnapshotSender({ chunkBytes: snapshotChunkBytes, patienceTicks: electionTicks }));
}

function askForChunks(core: Core, to: MemberId, progress: Progress): void {
  if (!progress.recentActive || progress.sender === undefined) return;
  for (const read of progress.sender.takeReads()) core.outbox.snapshotReads.push({ to, ...read });
}
