import { crc32 } from '../../base/crc32.ts';
import { crc32c } from '../../base/crc32c.ts';
import type { Prologue } from './prologue.ts';
import { encodeRecords, sizeOfRecords, type WalRecords } from './records.ts';

/**
 * A frame is one append on disk, all of it or nothing. Its header (16 B, little endian):
 *   size of the body | bytes of this file that were durable when the frame was written | checksum of the body | crc32c of these 12 bytes
 * The body's is CRC-32 (CRC-32C in segments of version 1): there is much of it, and it is written at once. A header is looked for at many places.
 * Both checksums start from a seed made of the segment's salt and the frame's offset, so that the bytes of another file, or
 * of another place, are never taken for a frame. The body is padded with zeros to eight bytes; the padding is checksummed too.
 */
export const FRAME_HEADER_BYTES = 16;

/** What a header that is valid at its place says. */
export interface FrameHeader {
  readonly bodyBytes: number;
  readonly durableBytes: number;
  readonly bodyChecksum: number;
}

/** Frames start at multiples of this. */
export const FRAME_ALIGNMENT = 8;

/** Bytes of the frame around these records. */
export function sizeOfFrame(records: WalRecords): number {
  return FRAME_HEADER_BYTES + padded(sizeOfRecords(records));
}

/**
 * Writes the frame of `records` at `at` in `buffer`, for the place `offset` in the segment. `durableBytes`: how much of the segment
 * is known to be on disk. Returns its size.
 */
export function encodeFrame(
  buffer: Buffer,
  at: number,
  frame: { records: WalRecords; prologue: Prologue; offset: number; durableBytes: number },
): number {
  const start = at + FRAME_HEADER_BYTES;
  const end = encodeRecords(buffer, start, frame.records);
  const size = end - start;
  buffer.fill(0, end, start + padded(size));
  const { prologue, offset } = frame;
  const seed = seedOf(prologue, offset);
  buffer.writeUInt32LE(size, at);
  buffer.writeUInt32LE(frame.durableBytes, at + 4);
  buffer.writeUInt32LE(bodyChecksum(prologue, buffer.subarray(start, start + padded(size)), seed), at + 8);
  buffer.writeUInt32LE(crc32c(buffer.subarray(at, at + 12), seed), at + 12);
  return FRAME_HEADER_BYTES + padded(size);
}

/** The header at `offset` of a segment's bytes, undefined when none is valid there. */
export function frameHeaderAt(segment: Buffer, offset: number, prologue: Prologue): FrameHeader | undefined {
  if (offset + FRAME_HEADER_BYTES > segment.length) return undefined;
  const bodyBytes = segment.readUInt32LE(offset);
  const durableBytes = segment.readUInt32LE(offset + 4);
  // No frame is empty, and none was written before what it calls durable: spares most of the checksums when searching.
  if (bodyBytes === 0 || durableBytes > offset) return undefined;
  const checksum = crc32c(segment.subarray(offset, offset + 12), seedOf(prologue, offset));
  if (checksum !== segment.readUInt32LE(offset + 12)) return undefined;
  return { bodyBytes, durableBytes, bodyChecksum: segment.readUInt32LE(offset + 8) };
}

/** The body that belongs to a valid header, undefined when it is cut short or its checksum is wrong. */
export function frameBodyAt(
  segment: Buffer,
  offset: number,
  prologue: Prologue,
  header: FrameHeader,
): Buffer | undefined {
  const start = offset + FRAME_HEADER_BYTES;
  const end = start + padded(header.bodyBytes);
  if (end > segment.length) return undefined;
  const checksum = bodyChecksum(prologue, segment.subarray(start, end), seedOf(prologue, offset));
  if (checksum !== header.bodyChecksum) return undefined;
  return segment.subarray(start, start + header.bodyBytes);
}

/** Bytes of the whole frame that a header announces. */
export function frameBytes(header: FrameHeader): number {
  return FRAME_HEADER_BYTES + padded(header.bodyBytes);
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

/** Distinct for every offset of a segment: the multiplier is odd. */
function seedOf({ salt }: Prologue, offset: number): number {
  return (salt ^ Math.imul(offset, 0x9e3779b1)) >>> 0;
}

function bodyChecksum({ version }: Prologue, body: Buffer, seed: number): number {
  return version === 1 ? crc32c(body, seed) : crc32(body, seed);
}
