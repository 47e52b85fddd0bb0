import { join } from 'node:path';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { type Disk, DiskError } from '../../io/doors.ts';
import type { Backend, BackendStore } from '../backend/backend.ts';
import type { ReceivedSnapshot } from './sink.ts';

const CURRENT_NAME = 'CURRENT';

/**
 * The directory in which the backend lives, as one of two numbered neighbours: `CURRENT` names the one in force. A snapshot is loaded into
 * the next number and comes into force with one atomic write of `CURRENT`, so a crash at any step leaves the whole old
 * state or the whole new one. What is not in force is removed at the next start.
 */
export class BackendDirectory {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #store: BackendStore;
  #number: number;
  #backend: Backend;

  private constructor(disk: Disk, dir: string, store: BackendStore, current: { number: number; backend: Backend }) {
    this.#disk = disk;
    this.#dir = dir;
    this.#store = store;
    this.#number = current.number;
    this.#backend = current.backend;
  }

  /** Opens the backend in force, an empty one in a new directory. Errors: DiskError. */
  static async open(disk: Disk, dir: string, store: BackendStore): Promise<BackendDirectory> {
    await disk.makeDirectory(dir);
    const pointer = join(dir, CURRENT_NAME);
    if (!(await disk.exists(pointer))) await disk.writeFileAtomically(pointer, utf8Bytes('1\n'));
    // A process that was killed in the middle of an install may have left a pointer that is not durable yet: it must be, before the
    // backend that it does not name goes.
    await disk.syncDirectory(dir);
    const number = Number(utf8Text(await disk.readFile(pointer)));
    if (!Number.isSafeInteger(number) || number < 1)
      throw new DiskError('IO', pointer, 'this file should hold a number');
    if (number > 1) await store.remove(pathOf(dir, number - 1));
    await store.remove(pathOf(dir, number + 1));
    const backend = await store.open(pathOf(dir, number));
    return new BackendDirectory(disk, dir, store, { number, backend });
  }

  /** The backend in force. */
  get backend(): Backend {
    return this.#backend;
  }

  /**
   * Replaces the whole state by the snapshot: durable when this resolves. The former backend is closed (views included) and
   * removed. Nothing may be written to it meanwhile. Errors: SnapshotError, with the old state still in force, open and untouched;
   * DiskError, after which the member must stop: the next start finds out which state is in force.
   */
  async install(snapshot: ReceivedSnapshot): Promise<Backend> {
    const number = this.#number + 1;
    const next = await this.#load(number, snapshot);
    await this.#point(number, next);
    const former = this.#backend;
    this.#backend = next;
    this.#number = number;
    await former.close();
    await this.#store.remove(pathOf(this.#dir, number - 1));
    return next;
  }

  async close(): Promise<void> {
    await this.#backend.close();
  }

  async #point(number: number, next: Backend): Promise<void> {
    try {
      await this.#disk.writeFileAtomically(join(this.#dir, CURRENT_NAME), utf8Bytes(`${number}\n`));
    } catch (error) {
      await next.close();
      throw error;
    }
  }

  async #load(number: number, snapshot: ReceivedSnapshot): Promise<Backend> {
    const path = pathOf(this.#dir, number);
    await this.#store.remove(path); // a load that failed may have left something
    const backend = await this.#store.open(path);
    try {
      for await (const rows of snapshot.batches()) await backend.write(rows);
      await backend.sync();
      await this.#disk.syncDirectory(this.#dir);
      return backend;
    } catch (error) {
      await backend.close();
      await this.#store.remove(path);
      throw error;
    }
  }
}

function pathOf(dir: string, number: number): string {
  return join(dir, String(number));
}
