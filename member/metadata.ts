import type { MemberId } from '../base/brand.ts';
import { utf8Bytes, utf8Text } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';

/** Version of the layout of a data directory. */
const FORMAT = 1;

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

/** Writes the format version into a new data directory, or refuses one of another version. Errors: CORRUPT. */
export async function checkFormat(disk: Disk, dataDir: string): Promise<void> {
  const path = `${dataDir}/FORMAT`;
  if (!(await disk.exists(path))) {
    await disk.writeFileAtomically(path, utf8Bytes(`keelson ${FORMAT}\n`));
    return;
  }
  const text = utf8Text(await disk.readFile(path)).trim();
  if (text !== `keelson ${FORMAT}`) {
    throw new StoreError('CORRUPT', `${path} says "${text}"; this version reads "keelson ${FORMAT}"`);
  }
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
