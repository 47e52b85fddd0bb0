import { allocateBytes, EMPTY_BYTES } from '../../base/bytes.ts';
import { EMPTY_RAFT_APPEND, encodeRaftAppend, encodeRaftMessage } from '../../proto/gen/peer.ts';
import { varintSize } from '../../proto/wire.ts';
import type { Entry, Message } from '../../raft/types.ts';
import { entryToWire } from './message-codec.ts';

type Append = Extract<Message, { type: 'append' }>;

/** Tags in proto/peer.proto of fields that are messages: PeerFrame.raft and RaftMessage.append. */
const RAFT_TAG = (2 << 3) | 2;
const APPEND_TAG = (8 << 3) | 2;

/**
 * Encodes appends as frames. A leader sends the same entries to every follower that keeps up: they are encoded once, and the same bytes
 * go to all of them, behind a head of each one's own.
 */
export class AppendEncoder {
  #entries: readonly Entry[] = [];
  #encoded: Uint8Array = EMPTY_BYTES;

  /** The parts of an encoded PeerFrame. */
  encode(message: Append): readonly Uint8Array[] {
    const { from, to, term, prevIndex, prevTerm, commit, quiet } = message;
    const entries = this.#encode(message.entries);
    const own = encodeRaftAppend({ prevIndex, prevTerm, commit, quiet, entries: [] });
    const address = encodeRaftMessage({ from, to, term, body: undefined });
    const appendBytes = own.length + entries.length;
    const raftBytes = address.length + 1 + varintSize(appendBytes) + appendBytes;
    const head = allocateBytes(1 + varintSize(raftBytes) + raftBytes - entries.length);
    let at = writeTag(head, 0, RAFT_TAG, raftBytes);
    head.set(address, at);
    at = writeTag(head, at + address.length, APPEND_TAG, appendBytes);
    head.set(own, at);
    return entries.length === 0 ? [head] : [head, entries];
  }

  /** What was encoded last is let go. */
  forget(): void {
    this.#entries = [];
    this.#encoded = EMPTY_BYTES;
  }

  #encode(entries: readonly Entry[]): Uint8Array {
    if (entries.length === 0) return EMPTY_BYTES;
    const known = this.#entries;
    if (known.length !== entries.length || known.some((entry, i) => entry !== entries[i])) {
      this.#entries = entries;
      this.#encoded = encodeRaftAppend({ ...EMPTY_RAFT_APPEND, entries: entries.map(entryToWire) });
    }
    return this.#encoded;
  }
}

/** Writes a tag of one byte and a length; returns where they end. */
function writeTag(target: Uint8Array, at: number, tag: number, length: number): number {
  let end = at;
  target[end++] = tag;
  let left = length;
  for (; left > 0x7f; left >>>= 7) target[end++] = (left & 0x7f) | 0x80;
  target[end++] = left;
  return end;
}
