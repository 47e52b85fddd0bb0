import type { Index } from '../base/brand.ts';
import type { SnapshotSender } from './snapshot.ts';

/** Appends on the way to one follower, oldest first: a ring bounded in messages and bytes. */
export class Inflights {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #lasts: Index[] = [];
  readonly #sizes: number[] = [];
  #head = 0;
  #count = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count >= this.#maxMessages || this.#bytes >= this.#maxBytes;
  }

  /** A message whose last entry is `last` has left. */
  add(last: Index, bytes: number): void {
    // The ring grows as it is used, so that idle followers cost nothing.
    const slot = (this.#head + this.#count) % this.#maxMessages;
    this.#lasts[slot] = last;
    this.#sizes[slot] = bytes;
    this.#count++;
    this.#bytes += bytes;
  }

  /** Everything up to `index` has arrived. */
  freeUpTo(index: Index): void {
    while (this.#count > 0 && (this.#lasts[this.#head] as Index) <= index) {
      this.#bytes -= this.#sizes[this.#head] as number;
      this.#head = (this.#head + 1) % this.#maxMessages;
      this.#count--;
    }
  }

  reset(): void {
    this.#head = this.#count = this.#bytes = 0;
  }
}

/**
 * How far one member is, as its leader sees it. `probe`: one append at a time until the logs are known to agree; `replicate`:
 * appends are pipelined, `next` runs ahead of `match`; `snapshot`: nothing but chunks. match < next always.
 */
export class Progress {
  match = 0 as Index;
  next: Index;
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  learner: boolean;
  /** Heard from since the last check of the quorum. */
  recentActive: boolean;
  /** In `probe`: an append is on its way. Lifted by its answer, or by the answer to a heartbeat should it be lost. */
  probeSent = false;
  /** An append is owed even if it is empty, to find out whether the pipeline still flows. */
  nudged = false;
  /** The commit index that the last append carried. */
  sentCommit = 0 as Index;
  /** The newest read round that this member has confirmed. */
  readRound = 0;
  /** Nobody waits there for what is replicated. */
  unattended = false;
  /** No quorum needs it and nobody waits there: what is new for it waits. */
  deferred = false;
  /** Held back or not, it gets everything with the next Ready. */
  due = false;
  sender: SnapshotSender | undefined;
  readonly inflights: Inflights;

  constructor(
    next: Index,
    options: {
      readonly learner: boolean;
      readonly recentActive: boolean;
      readonly maxInflightMessages: number;
      readonly maxInflightBytes: number;
    },
  ) {
    this.next = next;
    this.learner = options.learner;
    this.recentActive = options.recentActive;
    this.inflights = new Inflights(options.maxInflightMessages, options.maxInflightBytes);
  }

  /** Starts over from what is known to match. After a snapshot its index counts as sent, though not as matched. */
  becomeProbe(sentUpTo: Index = this.match): void {
    this.#enter('probe');
    this.next = (Math.max(this.match, sentUpTo) + 1) as Index;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1) as Index;
  }

  becomeReplicate(): void {
    this.#enter('replicate');
    this.next = (this.match + 1) as Index;
  }

  becomeSnapshot(sender: SnapshotSender): void {
    this.#enter('snapshot');
    this.sender = sender;
  }

  /** The member has everything up to `index`. False if that is no news. */
  advanceTo(index: Index): boolean {
    if (index <= this.match) return false;
    this.match = index;
    if (this.next <= index) this.next = (index + 1) as Index;
    return true;
  }

  /**
   * The member refused an append after `refused`, and may agree up to `hint`. False if the refusal is stale: it answers
   * an append that later ones have overtaken.
   */
  backtrack(refused: Index, hint: Index): boolean {
    if (this.state === 'replicate') {
      if (refused <= this.match) return false;
      this.next = (this.match + 1) as Index;
      return true;
    }
    if (this.state === 'snapshot' || refused !== this.next - 1) return false;
    this.next = Math.max(Math.min(refused, hint + 1), this.match + 1) as Index;
    this.probeSent = false;
    return true;
  }

  #enter(state: 'probe' | 'replicate' | 'snapshot'): void {
    this.state = state;
    this.probeSent = false;
    this.nudged = false;
    this.deferred = false;
    this.due = false;
    this.sender = undefined;
    this.inflights.reset();
  }
}
