import { basename, dirname, join } from 'node:path';
import { utf8Bytes, utf8Text } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';

/**
 * The member id (hexadecimal) under which a directory is to join its cluster: it stands there until there is a log. With it the member
 * joins as an existing cluster's, whatever its configuration says, so that it can be started the way it always was.
 */
const NAME = 'REJOIN';

/** The id that an empty data directory is to join under; undefined when nothing says so. */
export async function rejoinId(disk: Disk, dataDir: string): Promise<bigint | undefined> {
  const path = join(dataDir, NAME);
  if (!(await disk.exists(path))) return undefined;
  const text = utf8Text(await disk.readFile(path)).trim();
  if (!/^[0-9a-f]{1,16}$/.test(text)) throw new StoreError('CORRUPT', `${path} should hold the id of a member`);
  return BigInt(`0x${text}`);
}

/**
 * Moves a member's data directory, and its log's if that lies elsewhere, out of the way, whatever is in it, and leaves in its place one that is empty but for the id to join
 * under. Done again it does nothing. Returns the path that the old one has now; undefined when it was moved before. Errors: DiskError LOCKED
 * when a process uses the directory.
 */
export async function setDirectoryAside(
  disk: Disk,
  { dataDir, walDir }: { readonly dataDir: string; readonly walDir: string | undefined },
  id: bigint,
): Promise<string | undefined> {
  if ((await rejoinId(disk, dataDir).catch(() => undefined)) === id) return undefined;
  let aside: string | undefined;
  if (await disk.exists(dataDir)) {
    const lock = await disk.lock(dataDir);
    await lock.release();
    aside = await moveAside(disk, dataDir);
  }
  if (walDir !== undefined && (await disk.exists(walDir))) await moveAside(disk, walDir);
  await disk.makeDirectory(dataDir);
  await disk.writeFileAtomically(join(dataDir, NAME), utf8Bytes(`${id.toString(16)}\n`));
  return aside;
}

async function moveAside(disk: Disk, path: string): Promise<string> {
  const aside = await freeName(disk, path);
  await disk.rename(path, aside);
  await disk.syncDirectory(dirname(path));
  return aside;
}

async function freeName(disk: Disk, dataDir: string): Promise<string> {
  const taken = new Set(await disk.list(dirname(dataDir)));
  for (let number = 1; ; number++) {
    const name = `${basename(dataDir)}.damaged-${number}`;
    if (!taken.has(name)) return join(dirname(dataDir), name);
  }
}
