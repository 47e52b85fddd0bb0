import { assert } from '../base/assert.ts';
import type { MemberId } from '../base/brand.ts';
import { MAX_CONF_CHANGES } from './limits.ts';
import type { ConfChange } from './types.ts';

const FORMAT = 1;
const HEADER_BYTES = 3;
const CHANGE_BYTES = 9;
const TRANSITIONS = ['auto', 'joint-implicit', 'joint-explicit'] as const;
const TYPES = ['add-voter', 'add-learner', 'remove'] as const;

/**
 * The data of a `conf` entry: format, transition, count, then (type, member as u64 big-endian) each; the rest is the context.
 * At most MAX_CONF_CHANGES changes.
 */
export function encodeConfChange(change: ConfChange): Uint8Array {
  const { transition, changes, context } = change;
  assert(changes.length <= MAX_CONF_CHANGES, 'too many changes at once');
  const head = HEADER_BYTES + changes.length * CHANGE_BYTES;
  const bytes = new Uint8Array(head + context.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = FORMAT;
  bytes[1] = TRANSITIONS.indexOf(transition);
  bytes[2] = changes.length;
  changes.forEach(({ type, member }, i) => {
    const at = HEADER_BYTES + i * CHANGE_BYTES;
    bytes[at] = TYPES.indexOf(type);
    view.setBigUint64(at + 1, member);
  });
  bytes.set(context, head);
  return bytes;
}

/** Reads the data of a `conf` entry; the context is a view of `bytes`. Undefined if it is no such data. */
export function decodeConfChange(bytes: Uint8Array): ConfChange | undefined {
  const transition = TRANSITIONS[bytes[1] ?? TRANSITIONS.length];
  const count = bytes[2];
  if (bytes[0] !== FORMAT || transition === undefined || count === undefined || count > MAX_CONF_CHANGES)
    return undefined;
  const head = HEADER_BYTES + count * CHANGE_BYTES;
  if (bytes.length < head) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const changes: ConfChange['changes'][number][] = [];
  for (let at = HEADER_BYTES; at < head; at += CHANGE_BYTES) {
    const type = TYPES[bytes[at] as number];
    const member = view.getBigUint64(at + 1) as MemberId;
    if (type === undefined || member === 0n) return undefined;
    changes.push({ type, member });
  }
  return { transition, changes, context: bytes.subarray(head) };
}
