import { dirname } from 'node:path';
import type { Prng } from '../../base/prng.ts';
import { type Disk, DiskError, type DiskFile } from '../../io/doors.ts';
import { SECTOR_BYTES, SimInode, type SurvivingWrites } from './disk-file.ts';

/** A change of names: durable after syncDirectory of every directory that it touches. `inode` undefined: the name goes. */
interface NameChange {
  readonly names: readonly { readonly path: string; readonly inode: SimInode | undefined }[];
}

export interface SimDiskOptions {
  /** Decides what survives a crash. */
  readonly prng: Prng;
  /** Awaited inside every operation, before it has its effect; the simulator's latency. */
  readonly pause?: (operation: 'read' | 'write' | 'sync' | 'name') => Promise<void> | undefined;
  /** The disk is full above this; Infinity unless given. */
  readonly capacityBytes?: number;
}

/**
 * A disk in memory that forgets as a real one does. Written bytes are durable after sync(), names after syncDirectory().
 * crash() cuts the power: of what was not synced some sectors reach the disk and others do not, in any order; of the
 * names a prefix of the changes. Handles, mounts and locks die with it, the disk itself goes on.
 */
export class SimDisk implements Disk {
  readonly #options: SimDiskOptions;
  readonly #directories = new Set<string>(['/']);
  #names = new Map<string, SimInode>();
  #durableNames = new Map<string, SimInode>();
  #pendingNames: NameChange[] = [];
  readonly #locks = new Set<string>();
  #epoch = 0;
  #failures: { readonly operation: 'write' | 'sync'; readonly matches: (path: string) => boolean }[] = [];
  #temporaryFiles = 0;
  /** The disk is full above this. */
  capacityBytes: number;
  /** Syncs of files so far, for tests that count them. */
  syncs = 0;
  /** Operations to go until `#tripped` is called. */
  #tripIn = 0;
  #tripped: () => void = () => undefined;
  #readFlips: { readonly chance: number; readonly matches: (path: string) => boolean } | undefined;

  constructor(options: SimDiskOptions) {
    this.#options = options;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** The disk as one process sees it: dead once that process is killed or the power is cut, however late its last calls come. */
  mount(): Disk {
    const epoch = this.#epoch;
    const living = <T>(call: () => Promise<T>): Promise<T> => {
      return epoch === this.#epoch ? call() : Promise.reject(new DiskError('CLOSED', '/', 'the process was killed'));
    };
    return {
      makeDirectory: (path) => living(() => this.makeDirectory(path)),
      list: (path) => living(() => this.list(path)),
      exists: (path) => living(() => this.exists(path)),
      open: (path, mode) => living(() => this.open(path, mode)),
      readFile: (path) => living(() => this.readFile(path)),
      writeFileAtomically: (path, content) => living(() => this.writeFileAtomically(path, content)),
      rename: (from, to) => living(() => this.rename(from, to)),
      remove: (path) => living(() => this.remove(path)),
      removeTree: (path) => living(() => this.removeTree(path)),
      syncDirectory: (path) => living(() => this.syncDirectory(path)),
      lock: (path) => living(() => this.lock(path)),
    };
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#act('name', () => {
      for (let made = path; !this.#directories.has(made); made = dirname(made)) this.#directories.add(made);
    });
  }

  async list(path: string): Promise<readonly string[]> {
    return await this.#act('read', () => {
      this.#assertDirectory(path);
      const all = [...this.#names.keys(), ...this.#directories].filter(
        (name) => name !== '/' && dirname(name) === path,
      );
      return all.map((name) => name.slice(path === '/' ? 1 : path.length + 1)).sort();
    });
  }

  async exists(path: string): Promise<boolean> {
    return await this.#act('read', () => this.#names.has(path) || this.#directories.has(path));
  }

  async open(path: string, mode: 'read' | 'create' | 'write'): Promise<DiskFile> {
    return await this.#act('name', () => {
      this.#assertDirectory(dirname(path));
      const known = this.#names.get(path);
      if (mode === 'create') {
        if (known !== undefined) throw new DiskError('EXISTS', path, 'the file exists');
        const inode = new SimInode();
        this.#change([{ path, inode }]);
        return this.#handle(path, inode);
      }
      if (known === undefined) throw new DiskError('NOT_FOUND', path, 'no such file');
      return this.#handle(path, known);
    });
  }

  async readFile(path: string): Promise<Uint8Array> {
    return await this.#act('read', () => {
      const inode = this.#inodeAt(path);
      return this.#read(path, inode.read(0, inode.size));
    });
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    const process = this.mount();
    const temporary = `${path}.${this.#temporaryFiles++}.tmp`;
    const file = await process.open(temporary, 'create');
    await file.write(0, [content]);
    await file.sync();
    await file.close();
    await process.rename(temporary, path);
    await process.syncDirectory(dirname(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#act('name', () => {
      const inode = this.#inodeAt(from);
      this.#assertDirectory(dirname(to));
      this.#change([
        { path: from, inode: undefined },
        { path: to, inode },
      ]);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#act('name', () => {
      this.#inodeAt(path);
      this.#change([{ path, inode: undefined }]);
    });
  }

  async removeTree(path: string): Promise<void> {
    await this.#act('name', () => {
      const isInside = (name: string): boolean => name === path || name.startsWith(`${path}/`);
      for (const name of [...this.#names.keys()].filter(isInside)) this.#change([{ path: name, inode: undefined }]);
      for (const name of [...this.#directories].filter(isInside)) this.#directories.delete(name);
    });
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#act('sync', () => {
      this.#assertDirectory(path);
      const left: NameChange[] = [];
      for (const change of this.#pendingNames) {
        if (change.names.every((name) => dirname(name.path) === path)) this.#applyDurably(change);
        else left.push(change);
      }
      this.#pendingNames = left;
    });
  }

  async lock(path: string): Promise<{ release(): Promise<void> }> {
    return await this.#act('name', () => {
      if (this.#locks.has(path)) throw new DiskError('LOCKED', path, 'the directory is in use');
      this.#locks.add(path);
      const epoch = this.#epoch;
      return {
        release: async () => {
          if (epoch === this.#epoch) this.#locks.delete(path);
        },
      };
    });
  }

  /** Cuts the power. `surviving` says what becomes of the sectors that were not synced; chance decides unless it is given. */
  crash(surviving?: SurvivingWrites): void {
    const { prng } = this.#options;
    this.kill();
    const kept =
      surviving === 'none'
        ? 0
        : surviving === 'all'
          ? this.#pendingNames.length
          : prng.between(0, this.#pendingNames.length);
    for (const change of this.#pendingNames.slice(0, kept)) this.#applyDurably(change);
    this.#pendingNames = [];
    const how = surviving ?? prng.pick(['none', 'all', 'prefix', 'any'] as const);
    for (const inode of new Set(this.#durableNames.values())) inode.crash(how, prng);
    this.#names = new Map(this.#durableNames);
  }

  /** Kills the process: handles and locks die, everything written stays in the kernel's hands. */
  kill(): void {
    this.#epoch++;
    this.#locks.clear();
  }

  /** Makes writes to, or syncs of, files whose path matches fail with code IO until `heal`. */
  fail(operation: 'write' | 'sync', matches: (path: string) => boolean): void {
    this.#failures.push({ operation, matches });
  }

  /** Calls `tripped` in the middle of the `operations`th operation from now: before it has its effect. */
  tripIn(operations: number, tripped: () => void): void {
    this.#tripIn = operations;
    this.#tripped = tripped;
  }

  /** From now on a read of a file whose path matches has a bit flipped with this chance; the disk itself is fine. */
  flipReads(chance: number, matches: (path: string) => boolean): void {
    this.#readFlips = { chance, matches };
  }

  heal(): void {
    this.#failures = [];
    this.#readFlips = undefined;
    this.#tripIn = 0;
    this.capacityBytes = this.#options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Nothing is injected just now. */
  get isSound(): boolean {
    const isFull = this.capacityBytes !== (this.#options.capacityBytes ?? Number.POSITIVE_INFINITY);
    return this.#failures.length === 0 && this.#readFlips === undefined && !isFull;
  }

  /** Every file, with its size. */
  files(): readonly { readonly path: string; readonly sizeBytes: number }[] {
    return [...this.#names]
      .map(([path, { size }]) => ({ path, sizeBytes: size }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** What a process would read of a whole file now; undefined when there is none of that name. */
  contentOf(path: string): Uint8Array | undefined {
    const inode = this.#names.get(path);
    return inode?.read(0, inode.size);
  }

  /** One sector of a file takes the place of another: a write that went astray. `from` undefined: a write that never came. */
  misplace(path: string, sector: number, from: number | undefined): void {
    const inode = this.#inodeAt(path);
    const bytes = from === undefined ? new Uint8Array(SECTOR_BYTES) : inode.read(from * SECTOR_BYTES, SECTOR_BYTES);
    for (const [i, byte] of bytes.entries()) inode.rot(sector * SECTOR_BYTES + i, () => byte);
  }

  /** Flips bits of one byte on the disk. */
  rot(path: string, offset: number, mask: number): void {
    this.#inodeAt(path).rot(offset, (byte) => byte ^ mask);
  }

  #handle(path: string, inode: SimInode): DiskFile {
    const epoch = this.#epoch;
    let isClosed = false;
    const assertOpen = (): void => {
      if (isClosed || epoch !== this.#epoch) throw new DiskError('CLOSED', path, 'the file is closed');
    };
    const act = async <T>(operation: 'read' | 'write' | 'sync', effect: () => T): Promise<T> => {
      assertOpen();
      this.#count();
      await this.#options.pause?.(operation);
      assertOpen();
      const isFailing = this.#failures.some((failure) => failure.operation === operation && failure.matches(path));
      // What a failed fsync was for is gone, and the next one will not say so.
      if (isFailing && operation === 'sync') inode.loseUnsynced();
      if (isFailing) throw new DiskError('IO', path, `injected failure of a ${operation}`);
      return effect();
    };
    const sync = (): Promise<void> =>
      act('sync', () => {
        this.syncs++;
        inode.sync();
      });
    const readInto = (offset: number, into: Uint8Array): number => {
      const bytes = this.#read(path, inode.read(offset, into.length));
      into.set(bytes);
      return bytes.length;
    };
    return {
      read: (offset, sizeBytes) => act('read', () => this.#read(path, inode.read(offset, sizeBytes))),
      readInto: (offset, into) => act('read', () => readInto(offset, into)),
      readIntoNow: (offset, into) => {
        assertOpen();
        return readInto(offset, into);
      },
      write: async (offset, parts, options) => {
        const copy = Buffer.concat(parts);
        await act('write', () => {
          this.#assertSpace(path, offset + copy.length - inode.size);
          inode.write(offset, copy);
        });
        if (options?.durable) await sync();
      },
      sync,
      allocate: (sizeBytes) =>
        act('write', () => {
          this.#assertSpace(path, sizeBytes - inode.size);
          if (sizeBytes > inode.size) inode.resize(sizeBytes);
        }),
      truncate: (sizeBytes) => act('write', () => inode.resize(sizeBytes)),
      size: () => act('read', () => inode.size),
      close: async () => {
        isClosed = true;
      },
    };
  }

  /** An operation whose process dies while it waits has no effect: nothing may come between the look and the effect. */
  async #act<T>(operation: 'read' | 'write' | 'sync' | 'name', effect: () => T): Promise<T> {
    const epoch = this.#epoch;
    this.#count();
    await this.#options.pause?.(operation);
    if (epoch !== this.#epoch) throw new DiskError('CLOSED', '/', 'the process was killed');
    return effect();
  }

  #count(): void {
    if (this.#tripIn > 0 && --this.#tripIn === 0) this.#tripped();
  }

  #read(path: string, bytes: Uint8Array): Uint8Array {
    const flips = this.#readFlips;
    const { prng } = this.#options;
    if (flips === undefined || bytes.length === 0 || !flips.matches(path) || !prng.chance(flips.chance)) return bytes;
    const at = prng.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << prng.between(0, 7));
    return bytes;
  }

  #change(names: NameChange['names']): void {
    for (const { path, inode } of names) {
      if (inode === undefined) this.#names.delete(path);
      else this.#names.set(path, inode);
    }
    this.#pendingNames.push({ names });
  }

  #applyDurably(change: NameChange): void {
    for (const { path, inode } of change.names) {
      if (inode === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, inode);
    }
  }

  #inodeAt(path: string): SimInode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new DiskError('NOT_FOUND', path, 'no such file');
    return inode;
  }

  #assertDirectory(path: string): void {
    if (!this.#directories.has(path)) throw new DiskError('NOT_FOUND', path, 'no such directory');
  }

  #assertSpace(path: string, moreBytes: number): void {
    if (moreBytes <= 0 || this.capacityBytes === Number.POSITIVE_INFINITY) return;
    const used = [...new Set(this.#names.values())].reduce((sum, inode) => sum + inode.size, 0);
    if (used + moreBytes > this.capacityBytes) throw new DiskError('NO_SPACE', path, 'no space left');
  }
}
