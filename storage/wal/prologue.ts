import { crc32c } from '../../base/crc32c.ts';
import { corrupt, WalError } from './wal-error.ts';

/** The version of the segments that this program makes; it reads all from the first on, and goes on in one as it was begun. */
export const WAL_FORMAT_VERSION = 2;

/** The first bytes of a segment: magic, version, salt, sequence, last index, checksum; the rest zero. */
export const PROLOGUE_BYTES = 64;
const MAGIC = Buffer.from('KEELWAL\n', 'latin1');
const CHECKSUM_AT = 32;

/** What the first bytes of a segment say. */
export interface Prologue {
  /** 1: the bodies of frames have CRC-32C; 2: CRC-32. */
  readonly version: number;
  /** Segments are numbered from 1 without a hole. */
  readonly sequence: number;
  /** Mixed into every checksum of this segment. */
  readonly salt: number;
  /** Index of the log's last entry before this segment: what its first entry follows, or replaces. */
  readonly lastIndex: number;
}

export function encodePrologue(buffer: Buffer, prologue: Prologue): void {
  buffer.fill(0, 0, PROLOGUE_BYTES);
  MAGIC.copy(buffer, 0);
  buffer.writeUInt32LE(prologue.version, 8);
  buffer.writeUInt32LE(prologue.salt, 12);
  buffer.writeBigUInt64LE(BigInt(prologue.sequence), 16);
  buffer.writeBigUInt64LE(BigInt(prologue.lastIndex), 24);
  buffer.writeUInt32LE(checksumOf(buffer), CHECKSUM_AT);
}

/** Reads the prologue of the segment that `file` should be. Errors: FORMAT, CORRUPT. */
export function decodePrologue(segment: Buffer, file: string, sequence: number): Prologue {
  const isWhole = segment.length >= PROLOGUE_BYTES && segment.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isWhole) throw corrupt(file, 0, 'this is not a segment of the log');
  if (checksumOf(segment) !== segment.readUInt32LE(CHECKSUM_AT))
    throw corrupt(file, 0, 'the head of the segment is damaged');
  const version = segment.readUInt32LE(8);
  if (version < 1 || version > WAL_FORMAT_VERSION) throw unknownVersion(file, version);
  if (segment.readBigUInt64LE(16) !== BigInt(sequence))
    throw corrupt(file, 16, `this is segment ${segment.readBigUInt64LE(16)}`);
  return { version, sequence, salt: segment.readUInt32LE(12), lastIndex: Number(segment.readBigUInt64LE(24)) };
}

/** Everything but the checksum itself, the zeros behind it included. */
function checksumOf(segment: Buffer): number {
  return crc32c(segment.subarray(CHECKSUM_AT + 4, PROLOGUE_BYTES), crc32c(segment.subarray(0, CHECKSUM_AT)));
}

function unknownVersion(file: string, version: number): WalError {
  const advice = `this program reads versions 1 to ${WAL_FORMAT_VERSION}: start the program that wrote it`;
  return new WalError('FORMAT', `${file}: the log has format version ${version}, ${advice}`, { file, offset: 8 });
}

/** `0000000000000001.wal`: hexadecimal, so that names sort as numbers do. */
export function segmentName(sequence: number): string {
  return `${sequence.toString(16).padStart(16, '0')}.wal`;
}

/** The sequence in a segment's name; undefined for other files. */
export function sequenceOf(name: string): number | undefined {
  const match = /^([0-9a-f]{16})\.wal$/.exec(name);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16);
}
