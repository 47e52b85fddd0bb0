import type { MemberId } from '../base/brand.ts';
import { utf8Bytes, utf8Text } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';
import type { BackendForm } from '../storage/snapshots/backend-directory.ts';

/** The newest format of a data directory: what is in it, and how. */
export const DIRECTORY_FORMAT = 4;

/** Formats that this code reads, each with the form of the backend that is new in it; it writes the one that it is told. */
const FORMATS: ReadonlyMap<number, BackendForm> = new Map([
  [1, 'plain'],
  [2, 'checked'],
  [3, 'ordered'],
  [DIRECTORY_FORMAT, 'packed'],
]);

/** Who the data directory belongs to: written to the head of every log segment. */
export interface MemberMetadata {
  readonly clusterId: bigint;
  readonly memberId: MemberId;
}

export function encodeMetadata({ clusterId, memberId }: MemberMetadata): Uint8Array {
  return utf8Bytes(JSON.stringify({ clusterId: clusterId.toString(16), memberId: memberId.toString(16) }));
}

/** Errors: CORRUPT when these are not the bytes of a data directory's metadata. */
export function decodeMetadata(bytes: Uint8Array): MemberMetadata {
  const fields = parsed(utf8Text(bytes));
  const [clusterId, memberId] = [fields['clusterId'], fields['memberId']];
  if (typeof clusterId !== 'string' || typeof memberId !== 'string' || !isHex(clusterId) || !isHex(memberId)) {
    throw new StoreError('CORRUPT', 'the log does not say which member it belongs to');
  }
  return { clusterId: BigInt(`0x${clusterId}`), memberId: BigInt(`0x${memberId}`) as MemberId };
}

/**
 * The format of a data directory, `newest` when it is new. Errors: CORRUPT when it is a later one than `newest`.
 * A version never reads what a later one wrote: going back is to remove the member and to add it anew.
 */
export async function readFormat(disk: Disk, dataDir: string, newest: number): Promise<number> {
  const path = formatPath(dataDir);
  if (!(await disk.exists(path))) return newest;
  const text = utf8Text(await disk.readFile(path)).trim();
  const known = [...FORMATS.keys()].filter((format) => format <= newest);
  const found = known.find((format) => text === `keelson ${format}`);
  if (found !== undefined) return found;
  const names = known.map((format) => `keelson ${format}`).join(', ');
  throw new StoreError('CORRUPT', `${path} says "${text}"; this version reads ${names}: upgrade this member`);
}

/** The form of the backend in a new directory of this format. */
export function formOf(format: number): BackendForm {
  return FORMATS.get(format) ?? 'packed';
}

/** The first format that has backends of this form. */
export function formatWith(form: BackendForm): number {
  for (const [format, its] of FORMATS) if (its === form) return format;
  return DIRECTORY_FORMAT;
}

/** Notes the format that the directory has now: it is new, or its backend was copied when it was opened. */
export async function noteFormat(disk: Disk, dataDir: string, format: number): Promise<void> {
  const path = formatPath(dataDir);
  const text = `keelson ${format}\n`;
  if ((await disk.exists(path)) && utf8Text(await disk.readFile(path)) === text) return;
  await disk.writeFileAtomically(path, utf8Bytes(text));
}

function formatPath(dataDir: string): string {
  return `${dataDir}/FORMAT`;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isHex(text: string): boolean {
  return /^[0-9a-f]{1,16}$/.test(text);
}
