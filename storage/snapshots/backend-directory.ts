import { join } from 'node:path';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { type Disk, DiskError } from '../../io/doors.ts';
import type { Backend, BackendOp, BackendStore } from '../backend/backend.ts';
import { checkedStore } from '../backend/checked.ts';
import { KEYSPACES } from '../backend/keyspaces.ts';
import type { ReceivedSnapshot } from './sink.ts';

const CURRENT_NAME = 'CURRENT';

/** What `CURRENT` says: the backend in force, and whether its values carry checksums (storage/backend/checked.ts). */
interface Pointer {
  readonly number: number;
  readonly isChecked: boolean;
}

const POINTER = /^([1-9]\d{0,14})( checked)?\n?$/;

/** Rows copied at a time when a backend is upgraded. */
const COPY_ROWS = { limit: 4096, maxBytes: 1024 * 1024 } as const;

export interface BackendDirectoryOptions {
  /** Told of damage when it is read. Without it values carry no checksums, as versions before they were made left them. */
  readonly onDamage?: (error: DiskError) => void;
  /** Leaves a backend of before there were checksums as it is, so that an older version can go on with it. */
  readonly keepsForm?: boolean;
}

/**
 * The directory in which the backend lives, as one of two numbered neighbours: `CURRENT` names the one in force. A snapshot is loaded into
 * the next number and comes into force with one atomic write of `CURRENT`, so a crash at any step leaves the whole old
 * state or the whole new one. What is not in force is removed at the next start. A backend of before there were checksums is
 * upgraded in the same way, once, when it is opened, unless it is to be kept.
 */
export class BackendDirectory {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #store: BackendStore;
  #number: number;
  #backend: Backend;
  readonly #isChecked: boolean;

  private constructor(disk: Disk, dir: string, store: BackendStore, current: Pointer & { readonly backend: Backend }) {
    this.#disk = disk;
    this.#dir = dir;
    this.#store = store;
    this.#number = current.number;
    this.#isChecked = current.isChecked;
    this.#backend = current.backend;
  }

  /** Opens the backend in force, an empty one in a new directory. Errors: DiskError; CORRUPT when it or the pointer to it is damaged. */
  static async open(
    disk: Disk,
    dir: string,
    store: BackendStore,
    { onDamage, keepsForm = false }: BackendDirectoryOptions = {},
  ): Promise<BackendDirectory> {
    await disk.makeDirectory(dir);
    const found = await readPointer(disk, dir);
    const isChecked = onDamage !== undefined && (found === undefined || found.isChecked || !keepsForm);
    const checked = isChecked ? checkedStore(store, onDamage) : store;
    let pointer = found ?? (await writePointer(disk, dir, { number: 1, isChecked }));
    // A process that was killed in the middle of an install may have left a pointer that is not durable yet: it must be, before the
    // backend that it does not name goes.
    await disk.syncDirectory(dir);
    if (pointer.number > 1) await store.remove(pathOf(dir, pointer.number - 1));
    await store.remove(pathOf(dir, pointer.number + 1));
    if (isChecked && !pointer.isChecked) {
      await copyRows(disk, dir, { from: store, to: checked, number: pointer.number });
      const former = pointer.number;
      pointer = await writePointer(disk, dir, { number: former + 1, isChecked });
      await store.remove(pathOf(dir, former));
    }
    const backend = await checked.open(pathOf(dir, pointer.number));
    return new BackendDirectory(disk, dir, checked, { ...pointer, backend });
  }

  /**
   * Puts the backend in force out of the way, where nothing ever reads or removes it, so that the next `open` begins with an empty one; it must
   * not be open. Returns the path that it has now.
   */
  static async setAside(disk: Disk, dir: string, store: BackendStore): Promise<string> {
    const pointer = await readPointer(disk, dir).catch(() => undefined);
    const names = await disk.list(dir);
    const aside = join(dir, `damaged-${1 + names.filter((name) => name.startsWith('damaged-')).length}`);
    if (pointer !== undefined) await store.rename(pathOf(dir, pointer.number), aside);
    else if (await disk.exists(join(dir, CURRENT_NAME))) await disk.remove(join(dir, CURRENT_NAME));
    return aside;
  }

  /** Whether its values carry checksums. */
  get isChecked(): boolean {
    return this.#isChecked;
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
      await writePointer(this.#disk, this.#dir, { number, isChecked: this.#isChecked });
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

/** Undefined in a new directory. Errors: DiskError CORRUPT. */
async function readPointer(disk: Disk, dir: string): Promise<Pointer | undefined> {
  const path = join(dir, CURRENT_NAME);
  if (!(await disk.exists(path))) return undefined;
  const match = POINTER.exec(utf8Text(await disk.readFile(path)));
  if (match === null) throw new DiskError('CORRUPT', path, 'this file should hold a number');
  return { number: Number(match[1]), isChecked: match[2] !== undefined };
}

async function writePointer(disk: Disk, dir: string, pointer: Pointer): Promise<Pointer> {
  const text = `${pointer.number}${pointer.isChecked ? ' checked' : ''}\n`;
  await disk.writeFileAtomically(join(dir, CURRENT_NAME), utf8Bytes(text));
  return pointer;
}

/** Copies every row of a backend into its next neighbour, which is durable when this resolves. */
async function copyRows(
  disk: Disk,
  dir: string,
  { from, to, number }: { readonly from: BackendStore; readonly to: BackendStore; readonly number: number },
): Promise<void> {
  const source = await from.open(pathOf(dir, number));
  const target = await to.open(pathOf(dir, number + 1));
  const view = source.view();
  try {
    for (const space of KEYSPACES) {
      for (let start: Uint8Array = new Uint8Array(0); ; ) {
        const rows = await view.scan(space, { from: start, ...COPY_ROWS });
        const last = rows.at(-1);
        if (last === undefined) break;
        await target.write(rows.map(({ key, value }): BackendOp => ({ op: 'put', space, key, value })));
        start = new Uint8Array(last.key.length + 1);
        start.set(last.key);
      }
    }
    await target.sync();
    await disk.syncDirectory(dir);
  } finally {
    await view.close();
    await target.close();
    await source.close();
  }
}

function pathOf(dir: string, number: number): string {
  return join(dir, String(number));
}
