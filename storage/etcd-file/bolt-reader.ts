import { byteString, compareBytes } from '../../base/bytes.ts';
import type { DiskFile } from '../../io/doors.ts';
import {
  BUCKET_FLAG,
  BUCKET_HEADER_BYTES,
  PAGE_HEADER_BYTES,
  PageFlag,
  readPageHeader,
  safeNumber,
} from './bolt-format.ts';
import { BoltPages, corrupt, type Page } from './bolt-pages.ts';
import type { BoltRow } from './bolt-writer.ts';
import { EtcdFileError } from './etcd-file-error.ts';
import { ETCD_FILE_LIMITS } from './limits.ts';
import { type BranchElement, elementsOf, type LeafElement } from './page-elements.ts';
import { PageLedger } from './page-ledger.ts';

/** Reads a database of bbolt's page by page. Whatever the bytes are, errors are EtcdFileError (CORRUPT) and DiskError. */
export class BoltReader {
  readonly #pages: BoltPages;
  /** By name, in the order of the names. */
  readonly #buckets = new Map<string, Buffer>();
  readonly #ledger: PageLedger | undefined;

  private constructor(pages: BoltPages, ledger: PageLedger | undefined) {
    this.#pages = pages;
    this.#ledger = ledger;
  }

  /**
   * Reads the meta pages and the tree of buckets. `sizeBytes`: how much of the file is the database.
   * `audit`: every page must turn out to have one use; then each bucket has to be read once, and `assertAudited` asked.
   */
  static async open(file: DiskFile, sizeBytes: number, options: { readonly audit: boolean }): Promise<BoltReader> {
    const pages = await BoltPages.open(file, sizeBytes);
    const reader = new BoltReader(pages, options.audit ? new PageLedger(pages.meta.pages) : undefined);
    if (options.audit) await reader.#readFreelist();
    await reader.#readBuckets();
    return reader;
  }

  /** Bytes of the pages in use or free: the database without what lies behind. */
  get sizeBytes(): number {
    return this.#pages.meta.pages * this.#pages.meta.pageBytes;
  }

  /** The names of the buckets, byte strings, in order. */
  get bucketNames(): readonly string[] {
    return [...this.#buckets.keys()];
  }

  /** The rows of a bucket, a page at a time, in the order of their keys; views that stay valid. A bucket that is not there has none. */
  async *rows(bucket: string): AsyncGenerator<readonly BoltRow[], void> {
    const value = this.#buckets.get(bucket);
    if (value === undefined) return;
    for await (const elements of this.#leaves(value)) {
      if (elements.some(({ flags }) => (flags & BUCKET_FLAG) !== 0))
        throw corrupt(`the bucket "${bucket}" has a bucket in it`);
      yield elements;
    }
  }

  /** All rows of a bucket that is small. Errors: UNSUPPORTED when it is not. */
  async allRows(bucket: string): Promise<readonly BoltRow[]> {
    const all: BoltRow[] = [];
    for await (const rows of this.rows(bucket)) {
      all.push(...rows);
      if (all.length > ETCD_FILE_LIMITS.maxSmallRows) {
        throw new EtcdFileError(
          'UNSUPPORTED',
          `the bucket "${bucket}" has more than ${ETCD_FILE_LIMITS.maxSmallRows} rows`,
        );
      }
    }
    return all;
  }

  /** What audits are for: without a freelist every page that is not in use is free. */
  assertAudited(): void {
    if (this.#pages.meta.freelist !== undefined) this.#ledger?.assertComplete();
  }

  async #readBuckets(): Promise<void> {
    for await (const elements of this.#leavesOf(this.#pages.meta.root)) {
      for (const { key, value, flags } of elements) {
        if ((flags & BUCKET_FLAG) === 0) throw corrupt('there is a row among the buckets');
        this.#buckets.set(byteString(key), value);
      }
      if (this.#buckets.size > ETCD_FILE_LIMITS.maxBuckets)
        throw corrupt(`there are more than ${ETCD_FILE_LIMITS.maxBuckets} buckets`);
    }
  }

  /** The leaves of a bucket: those of its tree, or the one that stands in place. */
  async *#leaves(bucket: Buffer): AsyncGenerator<readonly LeafElement[], void> {
    if (bucket.length < BUCKET_HEADER_BYTES) throw corrupt(`a bucket of ${bucket.length} bytes`);
    const root = safeNumber(bucket, 0);
    if (root !== 0) return yield* this.#leavesOf(root);
    const bytes = bucket.subarray(BUCKET_HEADER_BYTES);
    if (bytes.length < PAGE_HEADER_BYTES) throw corrupt(`a bucket of ${bucket.length} bytes`);
    const header = readPageHeader(bytes);
    if (header.flags !== PageFlag.leaf) throw corrupt('a bucket in place that is not one leaf');
    const order = new Order();
    yield this.#leaf({ header, bytes }, order);
  }

  async *#leavesOf(root: number): AsyncGenerator<readonly LeafElement[], void> {
    const order = new Order();
    const path: { readonly id: number; readonly children: readonly BranchElement[]; next: number }[] = [];
    for (let id: number | undefined = root; id !== undefined; ) {
      const page: Page = await this.#pages.read(id);
      this.#ledger?.use(id, page.header.overflow + 1);
      if (page.header.flags === PageFlag.branch) {
        if (path.length >= ETCD_FILE_LIMITS.maxDepth) throw corrupt('the tree is too deep', id);
        path.push({ id, children: this.#children(page), next: 0 });
      } else {
        const elements = this.#leaf(page, order);
        if (elements.length === 0 && path.length > 0) throw corrupt('an empty leaf', id);
        if (elements.length > 0) yield elements;
      }
      id = nextChild(path, order);
    }
  }

  #children(page: Page): readonly BranchElement[] {
    const elements = elementsOf(page);
    if (!('branch' in elements) || elements.branch.length === 0)
      throw corrupt('a branch without children', page.header.id);
    return elements.branch;
  }

  #leaf(page: Page, order: Order): readonly LeafElement[] {
    const elements = elementsOf(page);
    if (!('leaf' in elements)) throw corrupt('it should be a leaf', page.header.id);
    for (const { key } of elements.leaf) order.next(key, page.header.id);
    return elements.leaf;
  }

  async #readFreelist(): Promise<void> {
    const { freelist } = this.#pages.meta;
    if (freelist === undefined) return;
    const { header, bytes } = await this.#pages.read(freelist);
    if (header.flags !== PageFlag.freelist) throw corrupt('it should be the freelist', freelist);
    this.#ledger?.use(freelist, header.overflow + 1);
    // A count of 0xffff stands for one that does not fit: it comes first in the list then.
    const isLong = header.count === 0xffff;
    const count = isLong ? safeNumber(bytes, PAGE_HEADER_BYTES) : header.count;
    const from = PAGE_HEADER_BYTES + (isLong ? 8 : 0);
    if (count > (bytes.length - from) / 8) throw corrupt(`a freelist of ${count} pages`, freelist);
    for (let i = 0; i < count; i++) this.#ledger?.free(safeNumber(bytes, from + 8 * i));
  }
}

/** Reads a whole database, to see that it is sound. Errors: EtcdFileError CORRUPT; DiskError. */
export async function auditBoltFile(file: DiskFile, sizeBytes: number): Promise<void> {
  const reader = await BoltReader.open(file, sizeBytes, { audit: true });
  for (const bucket of reader.bucketNames) {
    for await (const rows of reader.rows(bucket)) void rows;
  }
  reader.assertAudited();
}

/** Keys must rise through the whole tree. That also ends every walk: what leads back, or twice to the same page, does not rise. */
class Order {
  #last: Uint8Array | undefined;
  /** The key that the branch above gives the page that is read: its keys are not below. */
  #least: Uint8Array | undefined;

  next(key: Uint8Array, page: number): void {
    if (this.#last !== undefined && compareBytes(this.#last, key) >= 0) throw corrupt('a key is out of order', page);
    if (this.#least !== undefined && compareBytes(this.#least, key) > 0)
      throw corrupt('a key is below the one in the branch', page);
    this.#last = key;
  }

  child(key: Uint8Array, page: number): void {
    if (this.#last !== undefined && compareBytes(this.#last, key) >= 0)
      throw corrupt('a branch key is out of order', page);
    this.#least = key;
  }
}

function nextChild(
  path: { readonly id: number; readonly children: readonly BranchElement[]; next: number }[],
  order: Order,
): number | undefined {
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const child = top.children[top.next];
    if (child === undefined) {
      path.pop();
      continue;
    }
    top.next++;
    order.child(child.key, top.id);
    return child.child;
  }
  return undefined;
}
