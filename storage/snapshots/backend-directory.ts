import { join } from 'node:path';
import { keyBehind, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { type Disk, DiskError } from '../../io/doors.ts';
import type { Backend, BackendOp, BackendStore, KeyOrder } from '../backend/backend.ts';
import { checkedStore } from '../backend/checked.ts';
import { KEYSPACES } from '../backend/keyspaces.ts';
import { packedStore } from '../backend/packed.ts';
import type { ReceivedSnapshot } from './sink.ts';

const CURRENT_NAME = 'CURRENT';

/**
 * What a backend's rows look like on disk, in the order in which versions came to it: as they are; with checksums behind their values
 * (storage/backend/checked.ts); with revisions before the other keyspaces, too; and with revisions in packs (storage/backend/packed.ts).
 */
export type BackendForm = 'plain' | 'checked' | 'ordered' | 'packed';

const FORMS: readonly BackendForm[] = ['plain', 'checked', 'ordered', 'packed'];

/** What `CURRENT` says: the backend in force, and its form. */
interface Pointer {
  readonly number: number;
  readonly form: BackendForm;
}

const POINTER = /^([1-9]\d{0,14})( checked| ordered| packed)?\n?$/;

/** Rows copied at a time when a backend is upgraded. */
const COPY_ROWS = { limit: 4096, maxBytes: 1024 * 1024 } as const;

export interface BackendDirectoryOptions {
  /** Of a new backend, and of one that is copied. The newest unless given. */
  readonly form?: BackendForm;
  /** Told of damage when it is read, which only checksums can tell. */
  readonly onDamage?: (error: DiskError) => void;
  /** Leaves a backend of before there were checksums as it is, so that an older version can go on with it. */
  readonly keepsForm?: boolean;
}

/**
 * The directory in which the backend lives, as one of two numbered neighbours: `CURRENT` names the one in force. A snapshot is loaded into
 * the next number and comes into force with one atomic write of `CURRENT`, so a crash at any step leaves the whole old
 * state or the whole new one. What is not in force is removed at the next start. A backend of before there were checksums is
 * copied in the same way, once, when it is opened, unless it is to be kept; one with checksums stays in its form.
 */
export class BackendDirectory {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #store: FormedStore;
  #number: number;
  #backend: Backend;
  /** Of the backend in force, and of those that replace it. */
  readonly form: BackendForm;

  private constructor(disk: Disk, dir: string, store: FormedStore, current: Pointer & { readonly backend: Backend }) {
    this.#disk = disk;
    this.#dir = dir;
    this.#store = store;
    this.#number = current.number;
    this.form = current.form;
    this.#backend = current.backend;
  }

  /** Opens the backend in force, an empty one in a new directory. Errors: DiskError; CORRUPT when it or the pointer to it is damaged. */
  static async open(
    disk: Disk,
    dir: string,
    store: BackendStore,
    { form = 'packed', onDamage = () => undefined, keepsForm = false }: BackendDirectoryOptions = {},
  ): Promise<BackendDirectory> {
    await disk.makeDirectory(dir);
    const found = await readPointer(disk, dir);
    const stays = found !== undefined && (found.form !== 'plain' || keepsForm);
    const stores = (of: BackendForm): FormedStore => formedStore(store, of, onDamage);
    let pointer = found ?? (await writePointer(disk, dir, { number: 1, form }));
    // A process that was killed in the middle of an install may have left a pointer that is not durable yet: it must be, before the
    // backend that it does not name goes.
    await disk.syncDirectory(dir);
    if (pointer.number > 1) await store.remove(pathOf(dir, pointer.number - 1));
    await store.remove(pathOf(dir, pointer.number + 1));
    if (!stays && pointer.form !== form) {
      const former = pointer;
      await copyRows(disk, dir, { from: stores(former.form), to: stores(form), number: former.number });
      pointer = await writePointer(disk, dir, { number: former.number + 1, form });
      await store.remove(pathOf(dir, former.number));
    }
    const formed = stores(pointer.form);
    const backend = await formed.open(pathOf(dir, pointer.number));
    return new BackendDirectory(disk, dir, formed, { ...pointer, backend });
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
      await writePointer(this.#disk, this.#dir, { number, form: this.form });
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

/** A store whose backends all have one form. */
interface FormedStore {
  open(path: string): Promise<Backend>;
  remove(path: string): Promise<void>;
}

function formedStore(store: BackendStore, form: BackendForm, onDamage: (error: DiskError) => void): FormedStore {
  const order: KeyOrder = form === 'ordered' || form === 'packed' ? 'revisionsFirst' : 'mixed';
  const rows = rowsOf(store, form, onDamage);
  return { open: (path) => rows.open(path, order), remove: (path) => store.remove(path) };
}

function rowsOf(store: BackendStore, form: BackendForm, onDamage: (error: DiskError) => void): BackendStore {
  if (form === 'plain') return store;
  return form === 'packed' ? packedStore(store, onDamage) : checkedStore(store, onDamage);
}

/** Undefined in a new directory. Errors: DiskError CORRUPT. */
async function readPointer(disk: Disk, dir: string): Promise<Pointer | undefined> {
  const path = join(dir, CURRENT_NAME);
  if (!(await disk.exists(path))) return undefined;
  const match = POINTER.exec(utf8Text(await disk.readFile(path)));
  if (match === null) throw new DiskError('CORRUPT', path, 'this file should hold a number');
  const form = FORMS.find((name) => match[2] === ` ${name}`) ?? 'plain';
  return { number: Number(match[1]), form };
}

async function writePointer(disk: Disk, dir: string, pointer: Pointer): Promise<Pointer> {
  const text = `${pointer.number}${pointer.form === 'plain' ? '' : ` ${pointer.form}`}\n`;
  await disk.writeFileAtomically(join(dir, CURRENT_NAME), utf8Bytes(text));
  return pointer;
}

/** Copies every row of a backend into its next neighbour, which is durable when this resolves. */
async function copyRows(
  disk: Disk,
  dir: string,
  { from, to, number }: { readonly from: FormedStore; readonly to: FormedStore; readonly number: number },
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
        start = keyBehind(last.key);
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
