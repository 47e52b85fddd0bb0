import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLUSTER_LIMITS } from '../limits.ts';

const execute = promisify(execFile);

/** Less than this cannot be given to a file. */
const BLOCK_BYTES = 4096;

/** A small file system of its own (ext4 in an image file, through a loop device): it can be full without anybody else noticing. Needs root. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** Ballast that lies there. */
  #files = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** One for each of `count` members, or none at all. Errors: SmallDiskError. */
  static async makeAll(directory: string, count: number): Promise<readonly SmallDisk[]> {
    const made: SmallDisk[] = [];
    try {
      for (let i = 1; i <= count; i++) made.push(await SmallDisk.make(directory, `m${i}`));
      return made;
    } catch (error) {
      for (const disk of made) await disk.unmount();
      throw error;
    }
  }

  /** Makes and mounts one in `directory`. Errors: SmallDiskError, in a line for people. */
  static async make(directory: string, name: string): Promise<SmallDisk> {
    const path = join(directory, `${name}.disk`);
    const image = `${path}.img`;
    try {
      await mkdir(path, { mode: 0o700 });
      await (await open(image, 'wx', 0o600)).close();
      await truncate(image, CLUSTER_LIMITS.smallDiskBytes);
      // Without blocks reserved for root and without a journal, all of it can be filled.
      await execute('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', image]);
      await execute('mount', ['-o', 'loop', image, path]);
    } catch (error) {
      throw new SmallDiskError(error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : String(error));
    }
    return new SmallDisk(path);
  }

  /** Leaves about `freeBytes`: everything else is given to files that nobody needs. */
  async fill(freeBytes: number): Promise<void> {
    // What a file system needs for itself is only known once it has given space away: what is still missing is halved until it fits.
    for (let wanted = (await this.freeBytes()) - freeBytes; wanted >= BLOCK_BYTES; ) {
      const isTaken = await execute('fallocate', ['-l', String(wanted), `${this.#ballast}-${this.#files++}`]).then(
        () => true,
        () => false,
      );
      const excess = (await this.freeBytes()) - freeBytes;
      wanted = isTaken ? excess : Math.min(excess, Math.floor(wanted / 2));
    }
  }

  async empty(): Promise<void> {
    while (this.#files > 0) await rm(`${this.#ballast}-${--this.#files}`, { force: true });
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Whoever has files open there must have ended. */
  async unmount(): Promise<void> {
    await execute('umount', [this.path]);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

/** This machine does not let us mount a file system. */
export class SmallDiskError extends Error {
  override readonly name = 'SmallDiskError';
}
