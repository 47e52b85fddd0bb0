import type { DiskFile } from '../../io/doors.ts';
import { decodeMeta, type Meta, type PageHeader, readPageHeader } from './bolt-format.ts';
import { EtcdFileError } from './etcd-file-error.ts';
import { ETCD_FILE_LIMITS, PAGE_SIZES } from './limits.ts';

const { blockBytes, cachedBlocks, maxPageBytes } = ETCD_FILE_LIMITS;

/** A page with its overflow: its header was checked against where it stands, its elements were not. */
export interface Page {
  readonly header: PageHeader;
  readonly bytes: Buffer;
}

/** The pages of a file, read as they are asked for; a few blocks are remembered. */
export class BoltPages {
  readonly meta: Meta;
  readonly #file: DiskFile;
  /** In the order in which they were read. */
  readonly #blocks = new Map<number, Buffer>();

  private constructor(file: DiskFile, meta: Meta) {
    this.#file = file;
    this.meta = meta;
  }

  /**
   * Reads the meta pages; the newer of those that are sound is in force. `sizeBytes` is how much of the file is the database.
   * Errors: EtcdFileError CORRUPT; DiskError.
   */
  static async open(file: DiskFile, sizeBytes: number): Promise<BoltPages> {
    const meta = await metaOf(file, sizeBytes);
    const has = Math.floor(sizeBytes / meta.pageBytes);
    if (meta.pages > has) throw corrupt(`the file ends here, of ${meta.pages} pages it has ${has}`, has);
    return new BoltPages(file, meta);
  }

  /** The page `id` and what it overflows into. Errors: EtcdFileError CORRUPT; DiskError. */
  async read(id: number): Promise<Page> {
    const { pageBytes, pages } = this.meta;
    if (id < 2 || id >= pages) throw corrupt(`something refers to page ${id}, the pages are 2 to ${pages - 1}`);
    const first = await this.#one(id);
    const header = readPageHeader(first);
    if (header.id !== id) throw corrupt(`it says that it is page ${header.id}`, id);
    if (header.overflow === 0) return { header, bytes: first };
    const length = (header.overflow + 1) * pageBytes;
    if (id + header.overflow >= pages || length > maxPageBytes)
      throw corrupt(`it says that it is ${length} bytes long`, id);
    return { header, bytes: asBuffer(await this.#file.read(id * pageBytes, length)) };
  }

  async #one(id: number): Promise<Buffer> {
    const { pageBytes } = this.meta;
    const offset = id * pageBytes;
    const number = Math.floor(offset / blockBytes);
    const block = this.#blocks.get(number) ?? (await this.#load(number));
    const at = offset - number * blockBytes;
    if (block.length < at + pageBytes) throw corrupt('the file ends within it', id);
    return block.subarray(at, at + pageBytes);
  }

  async #load(number: number): Promise<Buffer> {
    const block = asBuffer(await this.#file.read(number * blockBytes, blockBytes));
    const [oldest] = this.#blocks.keys();
    if (oldest !== undefined && this.#blocks.size >= cachedBlocks) this.#blocks.delete(oldest);
    this.#blocks.set(number, block);
    return block;
  }
}

/** The meta in force. The second page's place is known only from a page size, which a damaged first page does not tell. */
async function metaOf(file: DiskFile, sizeBytes: number): Promise<Meta> {
  const head = asBuffer(await file.read(0, Math.min(sizeBytes, 2 * PAGE_SIZES.most)));
  const first = decodeMeta(head, 0);
  const seconds: (Meta | string)[] = [];
  for (let pageBytes: number = PAGE_SIZES.least; pageBytes <= PAGE_SIZES.most; pageBytes *= 2) {
    if (typeof first !== 'string' && first.pageBytes !== pageBytes) continue;
    const second = decodeMeta(head, pageBytes);
    if (typeof second === 'string' || second.pageBytes === pageBytes) seconds.push(second);
  }
  const sound = [first, ...seconds].filter((meta) => typeof meta !== 'string');
  const newest = sound.reduce<Meta | undefined>(
    (best, meta) => (best === undefined || meta.txid > best.txid ? meta : best),
    undefined,
  );
  if (newest === undefined) throw corrupt(`no sound meta page, this is no database of etcd's (${String(first)})`, 0);
  return newest;
}

export function corrupt(detail: string, page?: number): EtcdFileError {
  return new EtcdFileError('CORRUPT', detail, page);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
