import { constants, open } from 'node:fs';
import { access, mkdir, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk } from '../doors.ts';
import { errnoOf, toDiskError } from './disk-error.ts';
import { NodeFile } from './file.ts';
import { lockDirectory } from './lock.ts';

/** What a data directory holds is its owner's alone. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

const FLAGS = { read: 'r', create: 'wx+', write: 'r+' } as const;

/** Each write returns when it is on the disk. Windows has no such flag for Node: there writes are synced one by one. */
const DURABLE_FLAGS = process.platform === 'win32' ? undefined : constants.O_WRONLY | constants.O_DSYNC;

let temporaryFiles = 0;

/** The machine's file system. */
export const nodeDisk: Disk = {
  makeDirectory: (path) => guarded(path, () => makeDirectory(path)),
  list: (path) => guarded(path, async () => (await readdir(path)).sort()),
  exists: (path) => guarded(path, () => exists(path)),
  open: async (path, mode, options) => {
    const file = await openFile(path, FLAGS[mode]);
    if (options?.durableWrites) await file.openDurably(DURABLE_FLAGS);
    return file;
  },
  readFile: readWhole,
  writeFileAtomically,
  rename: (from, to) => guarded(from, () => rename(from, to)),
  remove: (path) => guarded(path, () => unlink(path)),
  removeTree: (path) => guarded(path, () => rm(path, { recursive: true, force: true })),
  syncDirectory,
  lock: (path) => guarded(path, () => lockDirectory(path)),
};

/** In one piece: a file that is read so may be a whole log. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await nodeDisk.open(path, 'read');
  try {
    return await file.read(0, Number.MAX_SAFE_INTEGER);
  } finally {
    await file.close();
  }
}

async function guarded<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** Makes the directory and its missing parents; their names are durable when this resolves. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (first === undefined) return;
  const top = dirname(first);
  for (let made = dirname(path); ; made = dirname(made)) {
    await syncDirectory(made);
    if (made === top || made === dirname(made)) return;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function openFile(path: string, flags: string): Promise<NodeFile> {
  return new Promise((resolve, reject) => {
    open(path, flags, FILE_MODE, (error, descriptor) => {
      if (error) reject(toDiskError(error, path));
      else resolve(new NodeFile(path, descriptor));
    });
  });
}

async function writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${temporaryFiles++}.tmp`;
  try {
    const file = await openFile(temporary, 'w');
    try {
      await file.write(0, [content]);
      await file.sync();
    } finally {
      await file.close();
    }
    await guarded(path, () => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first failure is the one to report
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return; // a directory cannot be opened there; NTFS journals names itself
  const directory = await openFile(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
