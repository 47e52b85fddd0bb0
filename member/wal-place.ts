import { utf8Bytes, utf8Text } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Disk } from '../io/doors.ts';
import { walExists } from '../storage/wal/open.ts';
import type { MemberConfig } from './config.ts';

type Place = Pick<MemberConfig, 'dataDir' | 'walDir'>;

/** Where a member's log lies. */
export function walPath({ dataDir, walDir }: Place): string {
  return walDir ?? insideOf(dataDir);
}

/**
 * Makes sure that a data directory and a log are of one another: a directory whose log is not where it is looked for would pass for an empty one,
 * and be laid down anew. A log outside is noted in the data directory before it is made. Errors: INTERNAL with a text for the operator.
 */
export async function settleWalPlace(disk: Disk, { dataDir, walDir }: Place): Promise<void> {
  const note = `${dataDir}/WAL_DIR`;
  const noted = (await disk.exists(note)) ? utf8Text(await disk.readFile(note)).trim() : undefined;
  if (noted === walDir) return;
  if (noted !== undefined) throw misplaced(`the log of ${dataDir} lies in ${noted}: start it with that --wal-dir`);
  if (walDir === undefined) return;
  if (await walExists(disk, insideOf(dataDir)))
    throw misplaced(`the log of ${dataDir} lies in ${insideOf(dataDir)}: start it without --wal-dir`);
  if (await walExists(disk, walDir)) throw misplaced(`${walDir} has a log, which is not that of ${dataDir}`);
  await disk.writeFileAtomically(note, utf8Bytes(`${walDir}\n`));
}

function insideOf(dataDir: string): string {
  return `${dataDir}/wal`;
}

function misplaced(text: string): StoreError {
  return new StoreError('INTERNAL', text);
}
