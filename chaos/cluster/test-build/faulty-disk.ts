import { setTimeout as pause } from 'node:timers/promises';
import { type Disk, DiskError, type DiskFile } from '../../../io/doors.ts';
import { type DiskTrouble, GOOD_DISK } from './orders.ts';

/** A disk that fails and slows down as it is told. The backend's own files do not go through it. */
export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  trouble: DiskTrouble = GOOD_DISK;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async open(path: string, mode: 'read' | 'create' | 'write'): Promise<DiskFile> {
    return new FaultyFile(this, path, await this.#disk.open(path, mode));
  }

  async readFile(path: string): Promise<Uint8Array> {
    this.check('read', path);
    return this.#disk.readFile(path);
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    this.check('write', path);
    await this.syncing(path);
    return this.#disk.writeFileAtomically(path, content);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.syncing(path);
    return this.#disk.syncDirectory(path);
  }

  makeDirectory = (path: string): Promise<void> => this.#disk.makeDirectory(path);
  list = (path: string): Promise<readonly string[]> => this.#disk.list(path);
  exists = (path: string): Promise<boolean> => this.#disk.exists(path);
  rename = (from: string, to: string): Promise<void> => this.#disk.rename(from, to);
  remove = (path: string): Promise<void> => this.#disk.remove(path);
  removeTree = (path: string): Promise<void> => this.#disk.removeTree(path);
  lock = (path: string): Promise<{ release(): Promise<void> }> => this.#disk.lock(path);

  /** Fails when it should. */
  check(operation: DiskTrouble['failing'][number], path: string): void {
    if (this.trouble.failing.includes(operation)) throw new DiskError('IO', path, `a ${operation} that fails on order`);
  }

  /** Takes its time, and fails when it should. */
  async syncing(path: string): Promise<void> {
    if (this.trouble.slowSyncMs > 0) await pause(this.trouble.slowSyncMs);
    this.check('sync', path);
  }
}

class FaultyFile implements DiskFile {
  readonly #disk: FaultyDisk;
  readonly #path: string;
  readonly #file: DiskFile;
  /** What writes replaced since syncs began to fail: a sync that failed has lost them, as Linux does it. */
  #undo: { readonly offset: number; readonly before: Uint8Array; readonly sizeBytes: number }[] = [];

  constructor(disk: FaultyDisk, path: string, file: DiskFile) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
  }

  async read(offset: number, sizeBytes: number): Promise<Uint8Array> {
    this.#disk.check('read', this.#path);
    return this.#file.read(offset, sizeBytes);
  }

  async readInto(offset: number, into: Uint8Array): Promise<number> {
    this.#disk.check('read', this.#path);
    return this.#file.readInto(offset, into);
  }

  readIntoNow(offset: number, into: Uint8Array): number {
    this.#disk.check('read', this.#path);
    return this.#file.readIntoNow(offset, into);
  }

  async write(offset: number, parts: readonly Uint8Array[]): Promise<void> {
    this.#disk.check('write', this.#path);
    if (this.#disk.trouble.failing.includes('sync')) {
      const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
      const before = Uint8Array.from(await this.#file.read(offset, sizeBytes));
      this.#undo.push({ offset, before, sizeBytes: await this.#file.size() });
    }
    await this.#file.write(offset, parts);
  }

  async sync(): Promise<void> {
    try {
      await this.#disk.syncing(this.#path);
    } catch (error) {
      await this.#lose();
      throw error;
    }
    await this.#file.sync();
    this.#undo = [];
  }

  allocate = (sizeBytes: number): Promise<void> => this.#file.allocate(sizeBytes);
  truncate = (sizeBytes: number): Promise<void> => this.#file.truncate(sizeBytes);
  size = (): Promise<number> => this.#file.size();
  close = (): Promise<void> => this.#file.close();

  async #lose(): Promise<void> {
    for (const { offset, before, sizeBytes } of this.#undo.reverse()) {
      await this.#file.write(offset, [before]);
      await this.#file.truncate(sizeBytes);
    }
    this.#undo = [];
  }
}
