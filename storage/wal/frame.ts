import { crc32c } from '../../base/crc32c.ts';
import { encodeRecords, sizeOfRecords, type WalRecords } from './records.ts';

/**
 * A frame is one append on disk, all of it or nothing. Its header (16 B, little endian):
 *   size of the body | bytes of this file that were durable when the frame was written | crc32c of the body | crc32c of these 12 bytes
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
  frame: { records: WalRecords; salt: number; offset: number; durableBytes: number },
): number {
  const start = at + FRAME_HEADER_BYTES;
  const end = encodeRecords(buffer, start, frame.records);
  const size = end - start;
  buffer.fill(0, end, start + padded(size));
  const seed = seedOf(frame.salt, frame.offset);
  buffer.writeUInt32LE(size, at);
  buffer.writeUInt32LE(frame.durableBytes, at + 4);
  buffer.writeUInt32LE(crc32c(buffer.subarray(start, start + padded(size)), seed), at + 8);
  buffer.writeUInt32LE(crc32c(buffer.subarray(at, at + 12), seed), at + 12);
  return FRAME_HEADER_BYTES + padded(size);
}

/** The header at `offset` of a segment's bytes, undefined when none is valid there. */
export function frameHeaderAt(segment: Buffer, offset: number, salt: number): FrameHeader | undefined {
  if (offset + FRAME_HEADER_BYTES > segment.length) return undefined;
  const bodyBytes = segment.readUInt32LE(offset);
  const durableBytes = segment.readUInt32LE(offset + 4);
  // No frame is empty, and none was written before what it calls durable: spares most of the checksums when searching.
  if (bodyBytes === 0 || durableBytes > offset) return undefined;
  const checksum = crc32c(segment.subarray(offset, offset + 12), seedOf(salt, offset));
  if (checksum !== segment.readUInt32LE(offset + 12)) return undefined;
  return { bodyBytes, durableBytes, bodyChecksum: segment.readUInt32LE(offset + 8) };
}

/** The body that belongs to a valid header, undefined when it is cut short or its checksum is wrong. */
export function frameBodyAt(segment: Buffer, offset: number, salt: number, header: FrameHeader): Buffer | undefined {
  const start = offset + FRAME_HEADER_BYTES;
  const end = start + padded(header.bodyBytes);
  if (end > segment.length) return undefined;
  if (crc32c(segment.subarray(start, end), seedOf(salt, offset)) !== header.bodyChecksum) return undefined;
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
function seedOf(salt: number, offset: number): number {
  return (salt ^ Math.imul(offset, 0x9e3779b1)) >>> 0;
}
