import { dirname } from 'node:path';
import { StoreError } from '../base/store-error.ts';
import type { Disk, DiskFile } from '../io/doors.ts';
import type { Backend } from '../storage/backend/backend.ts';
import { auditBoltFile, BoltReader } from '../storage/etcd-file/bolt-reader.ts';
import { assertDigest, databaseBytes, digestOf } from '../storage/etcd-file/digest.ts';
import { type Imported, type ImportOptions, importRows } from '../storage/etcd-file/import.ts';
import type { MemberConfig } from './config.ts';
import type { MemberDoors } from './doors.ts';
import { openMember } from './startup.ts';

export interface RestoreOptions extends ImportOptions {
  /** The snapshot file, an absolute path. */
  readonly path: string;
  /** Takes a file that does not end with its SHA-256, or with a wrong one: a database that was copied from a data directory. */
  readonly skipHashCheck: boolean;
}

/**
 * Founds a member of the cluster that `config` names, with the content of an etcd snapshot file. Every member of that cluster has to be
 * restored from the same file with the same options: what was restored is part of the cluster's id, so members that were not
 * refuse each other instead of serving different stores. The data directory appears at the end, whole, or not at all.
 * Errors: EtcdFileError for the file; INTERNAL with a text for the operator, when the data directory is not empty or the configuration is wrong;
 * DiskError.
 */
export async function restoreEtcdFile(
  config: MemberConfig,
  doors: MemberDoors,
  options: RestoreOptions,
): Promise<Imported> {
  await assertEmpty(doors.disk, config.dataDir);
  const file = await doors.disk.open(options.path, 'read');
  try {
    const digest = await digestOf(file);
    if (!options.skipHashCheck) assertDigest(digest);
    if (!digest.isEqual) await auditBoltFile(file, databaseBytes(await file.size()).sizeBytes); // nothing else vouches for it
    const token = `${config.initialClusterToken}/${digest.digest.toString('hex')}/${options.bumpRevision}`;
    return await aside(doors.disk, config.dataDir, (dataDir) =>
      found({ ...config, dataDir, initialClusterState: 'new', initialClusterToken: token }, doors, { file, options }),
    );
  } finally {
    await file.close();
  }
}

/** Founds a member as any other is founded, and puts the rows of the file to those that it begins with. */
async function found(
  config: MemberConfig,
  doors: MemberDoors,
  { file, options }: { readonly file: DiskFile; readonly options: ImportOptions },
): Promise<Imported> {
  const { sizeBytes } = databaseBytes(await file.size());
  const reader = await BoltReader.open(file, sizeBytes, { audit: false });
  const { wal, backends } = await openMember(config, doors, { clock: doors.clock, synced: () => undefined });
  try {
    return await load(reader, backends.backend, options);
  } finally {
    await wal.close();
    await backends.close();
  }
}

async function load(reader: BoltReader, backend: Backend, options: ImportOptions): Promise<Imported> {
  const rows = importRows(reader, options);
  for (;;) {
    const step = await rows.next();
    if (step.done === true) {
      await backend.sync();
      return step.value;
    }
    if (step.value.length > 0) await backend.write(step.value);
  }
}

/** Lets `make` fill a directory beside `dataDir` and gives it that name when it is done; nothing is left of one that failed. */
async function aside<T>(disk: Disk, dataDir: string, make: (dir: string) => Promise<T>): Promise<T> {
  const dir = `${dataDir}.restoring`;
  await disk.makeDirectory(dir);
  const lock = await disk.lock(dir);
  try {
    await removeLeftovers(disk, dir);
    const made = await make(dir);
    await lock.release();
    await disk.rename(dir, dataDir);
    await disk.syncDirectory(dirname(dataDir));
    return made;
  } catch (error) {
    await disk.removeTree(dir);
    throw error;
  }
}

/** Of a restore that was interrupted. */
async function removeLeftovers(disk: Disk, dir: string): Promise<void> {
  for (const name of await disk.list(dir)) {
    if (!name.startsWith('LOCK')) await disk.removeTree(`${dir}/${name}`);
  }
}

async function assertEmpty(disk: Disk, dataDir: string): Promise<void> {
  if (!(await disk.exists(dataDir)) || (await disk.list(dataDir)).length === 0) return;
  throw new StoreError('INTERNAL', `the data directory ${dataDir} is not empty: a restore makes a new one`);
}
