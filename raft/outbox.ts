import type { MemberId } from '../base/brand.ts';
import { entryBytes } from './log.ts';
import type { Entry, Message, Ready, SnapshotMeta } from './types.ts';

type Mutable<Array> = Array extends readonly (infer Item)[] ? Item[] : never;
type ForwardedEntry = { readonly type: Entry['type']; readonly data: Uint8Array };

/** What gathers between two calls of ready(). */
export class Outbox {
  messages: Mutable<Ready['messages']> = [];
  messagesAfterPersist: Mutable<Ready['messagesAfterPersist']> = [];
  reads: Mutable<Ready['reads']> = [];
  readsDropped: Mutable<Ready['readsDropped']> = [];
  snapshotChunks: Mutable<Ready['snapshotChunks']> = [];
  snapshotReads: Mutable<Ready['snapshotReads']> = [];
  snapshot: SnapshotMeta | undefined;

  #forwardTo: MemberId | undefined;
  #forwarded: ForwardedEntry[] = [];
  #forwardedBytes = 0;
  #forwardedTotal = 0;

  /** Passes a proposal on to the leader, together with others in one message. False beyond `maxTotalBytes` per Ready. */
  forward(
    route: { readonly from: MemberId; readonly to: MemberId },
    entry: ForwardedEntry,
    limits: { readonly maxMessageBytes: number; readonly maxTotalBytes: number },
  ): boolean {
    const bytes = entryBytes(entry);
    if (this.#forwardedTotal > 0 && this.#forwardedTotal + bytes > limits.maxTotalBytes) return false;
    if (this.#forwardTo !== route.to || this.#forwardedBytes + bytes > limits.maxMessageBytes) {
      this.#forwardTo = route.to;
      this.#forwarded = [];
      this.#forwardedBytes = 0;
      this.messages.push({
        type: 'propose',
        from: route.from,
        to: route.to,
        term: 0 as Message['term'],
        entries: this.#forwarded,
      });
    }
    this.#forwarded.push(entry);
    this.#forwardedBytes += bytes;
    this.#forwardedTotal += bytes;
    return true;
  }

  isEmpty(): boolean {
    return (
      this.messages.length === 0 &&
      this.messagesAfterPersist.length === 0 &&
      this.reads.length === 0 &&
      this.readsDropped.length === 0 &&
      this.snapshotChunks.length === 0 &&
      this.snapshotReads.length === 0 &&
      this.snapshot === undefined
    );
  }

  /** Everything gathered; the next Ready starts from nothing. */
  take(): Pick<
    Ready,
    'messages' | 'messagesAfterPersist' | 'reads' | 'readsDropped' | 'snapshotChunks' | 'snapshotReads' | 'snapshot'
  > {
    const { messages, messagesAfterPersist, reads, readsDropped, snapshotChunks, snapshotReads, snapshot } = this;
    this.messages = [];
    this.messagesAfterPersist = [];
    this.reads = [];
    this.readsDropped = [];
    this.snapshotChunks = [];
    this.snapshotReads = [];
    this.snapshot = undefined;
    this.#forwardTo = undefined;
    this.#forwardedTotal = 0;
    return { messages, messagesAfterPersist, reads, readsDropped, snapshotChunks, snapshotReads, snapshot };
  }
}
