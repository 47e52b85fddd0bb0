import type { Index, MemberId, Term } from '../../base/brand.ts';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { decodeConfChange } from '../../raft/conf-change.ts';
import { createRaft } from '../../raft/node.ts';
import type {
  ConfState,
  Entry,
  HardState,
  Message,
  RaftNode,
  RaftOptions,
  RaftState,
  Ready,
  SnapshotMeta,
  SoftState,
} from '../../raft/types.ts';

/** What a member's driver tells its test. */
export interface MemberEvents {
  send(message: Message): void;
  soft(member: Member, state: SoftState): void;
  apply(member: Member, entry: Entry): void;
  install(member: Member, meta: SnapshotMeta): void;
  read(member: Member, read: { readonly context: bigint; readonly index: Index }): void;
  readDropped(member: Member, context: bigint): void;
}

export interface AppliedEntry {
  readonly index: Index;
  readonly term: Term;
  readonly text: string;
  /** The configuration after this entry. */
  readonly conf: ConfState;
}

/** A consensus core with a driver around it: a disk that keeps what was persisted, a state machine that remembers everything. */
export class Member {
  readonly id: MemberId;
  readonly #options: RaftOptions;
  readonly #events: MemberEvents;
  /** Undefined while crashed. */
  raft: RaftNode | undefined;
  /** Readys wait here while the disk is stalled. */
  stalled = false;
  unpersisted: Ready[] = [];
  hardState: HardState;
  marker: SnapshotMeta;
  entries: Entry[];
  /** Everything ever applied; the state machine is its last element's index. */
  history: AppliedEntry[] = [];
  #incoming: Uint8Array[] = [];
  /** So many snapshots will be found damaged when they have come. */
  damagedSnapshots = 0;
  readonly #snapshots = new Map<Index, { readonly meta: SnapshotMeta; readonly bytes: Uint8Array }>();
  /** A snapshot on its way to the disk: from this Ready on nothing is applied before it is written. */
  #laterFrom: number | undefined;
  #waitingReads: { readonly context: bigint; readonly index: Index }[] = [];
  #initialConf: ConfState;

  constructor(options: RaftOptions, state: RaftState, events: MemberEvents) {
    this.id = options.id;
    this.#options = options;
    this.#events = events;
    this.hardState = state.hardState;
    this.marker = state.snapshot;
    this.entries = [...state.entries];
    this.#initialConf = state.snapshot.conf;
    this.restart();
  }

  get applied(): Index {
    return this.history.at(-1)?.index ?? (0 as Index);
  }

  get conf(): ConfState {
    return this.history.at(-1)?.conf ?? this.#initialConf;
  }

  /** Starts the core on what the disk holds. */
  restart(): void {
    const { hardState, marker, entries, applied, conf } = this;
    this.raft = createRaft(this.#options, { hardState, snapshot: marker, entries: [...entries], applied, conf });
  }

  /**
   * Loses everything that is not on disk. `written`: how many of the writes on their way still get there. `appliedBack`: how
   * many applied entries the state machine loses, as its own store is not synced.
   */
  crash({ written = 0, appliedBack = 0 }: { readonly written?: number; readonly appliedBack?: number } = {}): void {
    for (const ready of this.unpersisted.slice(0, written)) this.#write(ready);
    this.unpersisted = [];
    this.raft = undefined;
    this.#incoming = [];
    this.#snapshots.clear();
    this.#waitingReads = [];
    this.#laterFrom = undefined;
    while (appliedBack-- > 0 && this.applied > this.marker.index) this.history.pop();
  }

  /** Takes Readys as long as there are any, and persists them unless the disk is stalled. */
  settle(): void {
    let ready: Ready | undefined;
    while ((ready = this.raft?.ready()) !== undefined) {
      if (ready.softState !== undefined) this.#events.soft(this, ready.softState);
      for (const message of ready.messages) this.#events.send(message);
      this.#applyNowOrLater(ready);
      this.unpersisted.push(ready);
      if (!this.stalled) this.persist(1);
      this.#answerSnapshotReads(ready);
    }
  }

  /** The disk finishes the oldest `count` writes. */
  persist(count = this.unpersisted.length): void {
    for (const ready of this.unpersisted.splice(0, count)) {
      this.#write(ready);
      this.raft?.persisted(ready.sequence);
      this.#checkSnapshot(ready);
      for (const message of ready.messagesAfterPersist) this.#events.send(message);
      if (ready.snapshot !== undefined) this.raft?.applied(this.applied);
      if (this.#laterFrom === undefined || ready.sequence < this.#laterFrom) continue;
      this.#applyAll(ready);
      if (this.unpersisted.length === 0) this.#laterFrom = undefined;
    }
  }

  /** Compacts log and disk up to `index`. */
  compact(index: Index): void {
    const { raft } = this;
    if (raft === undefined) return;
    raft.compact(index);
    const last = (raft.status().firstIndex - 1) as Index;
    const kept = this.history.find((applied) => applied.index === last);
    if (kept === undefined || last <= this.marker.index) return;
    this.marker = { index: last, term: kept.term, conf: kept.conf };
    this.entries = this.entries.filter((entry) => entry.index > last);
  }

  /**
   * Committed entries are durable already, so they are applied without waiting for the disk; but not before a snapshot that
   * comes first.
   */
  #applyNowOrLater(ready: Ready): void {
    if (ready.snapshot !== undefined) this.#laterFrom ??= ready.sequence;
    if (this.#laterFrom === undefined) this.#applyAll(ready);
  }

  #applyAll(ready: Ready): void {
    for (const entry of ready.committed) this.#apply(entry);
    if (ready.committed.length > 0) this.raft?.applied(this.applied);
    for (const context of ready.readsDropped) this.#events.readDropped(this, context);
    this.#waitingReads.push(...ready.reads);
    this.#serveReads();
  }

  #write(ready: Ready): void {
    for (const { offset, data } of ready.snapshotChunks) {
      if (offset === 0) this.#incoming = [];
      this.#incoming.push(data);
    }
    if (ready.snapshot !== undefined) this.#install(ready.snapshot);
    if (ready.hardState !== undefined) this.hardState = ready.hardState;
    const first = ready.entries[0];
    if (first === undefined) return;
    this.entries = [...this.entries.filter((entry) => entry.index < first.index), ...ready.entries];
  }

  #checkSnapshot(ready: Ready): void {
    const last = ready.snapshotChunks.findLast(({ done }) => done);
    if (last === undefined) return;
    const isWhole = this.damagedSnapshots === 0;
    if (!isWhole) this.damagedSnapshots--;
    this.raft?.snapshotChecked(last.meta, { isWhole });
  }

  #install(meta: SnapshotMeta): void {
    const parts = this.#incoming.map(utf8Text).join('');
    this.history = JSON.parse(parts, (key, value: unknown) =>
      MEMBER_LISTS.has(key) ? toMembers(value) : value,
    ) as AppliedEntry[];
    this.marker = meta;
    this.entries = [];
    this.#incoming = [];
    this.#events.install(this, meta);
  }

  #apply(entry: Entry): void {
    const change = entry.type === 'conf' ? decodeConfChange(entry.data) : undefined;
    const conf = change === undefined ? this.conf : (this.raft?.applyConfChange(change) ?? this.conf);
    const text = entry.type === 'conf' ? '(conf)' : utf8Text(entry.data);
    this.history.push({ index: entry.index, term: entry.term, text, conf });
    this.#events.apply(this, entry);
  }

  #serveReads(): void {
    const due = this.#waitingReads.filter((read) => read.index <= this.applied);
    this.#waitingReads = this.#waitingReads.filter((read) => read.index > this.applied);
    for (const read of due) this.#events.read(this, read);
  }

  #answerSnapshotReads(ready: Ready): void {
    for (const { to, meta: wanted, offset, maxBytes } of ready.snapshotReads) {
      const snapshot = wanted === undefined ? this.#takeSnapshot() : this.#snapshots.get(wanted.index);
      if (snapshot === undefined) {
        this.raft?.provideSnapshotChunk(to, undefined);
        continue;
      }
      const { meta, bytes } = snapshot;
      const data = bytes.subarray(offset, offset + maxBytes);
      this.raft?.provideSnapshotChunk(to, { meta, offset, data, done: offset + data.length >= bytes.length });
    }
  }

  #takeSnapshot(): { readonly meta: SnapshotMeta; readonly bytes: Uint8Array } {
    const { applied, conf } = this;
    const known = this.#snapshots.get(applied);
    if (known !== undefined) return known;
    const meta = { index: applied, term: this.history.at(-1)?.term ?? (0 as Term), conf };
    const json = JSON.stringify(this.history, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const snapshot = { meta, bytes: utf8Bytes(json) };
    this.#snapshots.set(applied, snapshot);
    return snapshot;
  }
}

const MEMBER_LISTS = new Set(['voters', 'votersOutgoing', 'learners', 'learnersNext']);

function toMembers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((id) => BigInt(id as string)) : value;
}
