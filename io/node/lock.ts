import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskError } from '../doors.ts';
import { errnoOf } from './disk-error.ts';

const LOCK_FILE = 'LOCK';

/** Who holds a directory. `start` (clock ticks since boot) and `boot` tell a process from a later one with the same pid. */
interface Owner {
  readonly pid: number;
  readonly start: string;
  readonly boot: string;
  readonly token: string;
}

/** Locks held by this very process: a restart inside a container gets the same pid again, so the pid alone proves nothing. */
const heldHere = new Set<string>();

/**
 * Takes `directory` for this process by a file that names it. A lock whose process is gone is taken over. Fails with LOCKED when
 * its process lives. The file comes into being with its whole content (a link of a finished file), so it is never half-read.
 * Node has no flock; what two processes that find the same stale lock in the same instant could still get past is caught by
 * RocksDB, which holds a lock of the kernel's on its own directory.
 */
export async function lockDirectory(directory: string): Promise<{ release(): Promise<void> }> {
  const path = join(directory, LOCK_FILE);
  const owner = await thisProcess();
  const mine = `${path}.${owner.token}`;
  await writeFile(mine, JSON.stringify(owner), { mode: 0o600 });
  try {
    await take(path, mine);
  } finally {
    await rm(mine, { force: true });
  }
  heldHere.add(owner.token);
  return { release: () => release(path, owner.token) };
}

async function take(path: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < 4; attempt++) {
    if (await linked(mine, path)) return;
    const holder = await ownerIn(path);
    if (holder === 'gone') continue;
    if (holder !== 'unreadable' && (await isAlive(holder))) throw lockedBy(path, holder);
    await removeStale(path, holder, `${mine}.stale`);
  }
  throw new DiskError('LOCKED', path, 'several processes compete for this directory');
}

/** Moves the stale lock aside; if a competitor has replaced it meanwhile, its lock is put back. */
async function removeStale(path: string, stale: Owner | 'unreadable', aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await ownerIn(aside);
  const replaced = typeof moved === 'object' && (stale === 'unreadable' || moved.token !== stale.token);
  if (replaced) await linked(aside, path);
  await unlink(aside);
  if (replaced) throw lockedBy(path, moved);
}

async function release(path: string, token: string): Promise<void> {
  heldHere.delete(token);
  const holder = await ownerIn(path);
  if (typeof holder === 'object' && holder.token === token) await rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function lockedBy(path: string, holder: Owner): DiskError {
  return new DiskError('LOCKED', path, `process ${holder.pid} uses this directory; stop it first, or choose another`);
}

async function isAlive(holder: Owner): Promise<boolean> {
  if (holder.pid === process.pid) return heldHere.has(holder.token);
  const boot = await bootId();
  if (boot !== '' && holder.boot !== '' && boot !== holder.boot) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  const { state, start } = await statOf(holder.pid);
  // Killed, and not yet reaped by its parent (a container's first process may never do it): it holds nothing any more.
  if (state === 'Z' || state === 'X') return false;
  return start === '' || holder.start === '' || start === holder.start;
}

async function thisProcess(): Promise<Owner> {
  return {
    pid: process.pid,
    start: (await statOf(process.pid)).start,
    boot: await bootId(),
    token: randomBytes(12).toString('hex'),
  };
}

/** `gone`: no lock file; `unreadable`: something that no version of this program wrote, or was torn by a power cut. */
async function ownerIn(path: string): Promise<Owner | 'gone' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'gone';
    throw error;
  }
  return parseOwner(text) ?? 'unreadable';
}

function parseOwner(text: string): Owner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { pid, start, boot, token } = fields as { pid?: unknown; start?: unknown; boot?: unknown; token?: unknown };
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (typeof start !== 'string' || typeof boot !== 'string' || typeof token !== 'string') return undefined;
  return { pid, start, boot, token };
}

/**
 * Fields 3 (state) and 22 (start time) of /proc/<pid>/stat (proc(5)), counted after the name in parentheses; empty where there is
 * no /proc.
 */
async function statOf(pid: number): Promise<{ readonly state: string; readonly start: string }> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return { state: '', start: '' };
  }
}

async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return '';
  }
}
