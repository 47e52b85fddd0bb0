import { assert } from '../../base/assert.ts';
import {
  BUCKET_FLAG,
  BUCKET_HEADER_BYTES,
  ELEMENT_BYTES,
  encodeMetaPage,
  PAGE_BYTES,
  PAGE_HEADER_BYTES,
  PageFlag,
  writePageHeader,
} from './bolt-format.ts';
import { type PageElement, type PageSink, TreePacker } from './tree-packer.ts';

export interface BoltRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A bucket to be written. `rows` is asked twice and must give the same rows each time, keys strictly ascending and not empty. */
export interface BoltBucket {
  readonly name: Uint8Array;
  rows(): AsyncIterable<readonly BoltRow[]>;
}

/** How a file will look, before any of it is written. */
export interface BoltPlan {
  readonly sizeBytes: number;
  /** Page of the tree of buckets. */
  readonly root: number;
}

/** The newest transaction of a written file; its other meta page is of the one before. */
const TXID = 2n;
/** Pages 0 and 1 are meta pages. */
const FIRST_PAGE = 2;

/** Lays the pages out without writing them: the meta pages come first in a file and must know the end. Buckets are in order of their names. */
export async function planBoltFile(buckets: readonly BoltBucket[]): Promise<BoltPlan> {
  const counter = new PageCounter();
  const packing = new BucketPacking(counter);
  for await (const step of packing.all(buckets)) void step;
  return { root: packing.root, sizeBytes: counter.pages * PAGE_BYTES };
}

/** The bytes of the file, in pieces of whole pages. Holds one batch of rows and a page a level; the rows must be those of the plan. */
export async function* writeBoltFile(buckets: readonly BoltBucket[], plan: BoltPlan): AsyncGenerator<Buffer, void> {
  const meta = { root: plan.root, pages: plan.sizeBytes / PAGE_BYTES };
  yield encodeMetaPage(0, { ...meta, txid: TXID });
  yield encodeMetaPage(1, { ...meta, txid: TXID - 1n });
  const builder = new PageBuilder();
  const packing = new BucketPacking(builder);
  for await (const step of packing.all(buckets)) {
    void step;
    yield* builder.take();
  }
  assert(
    packing.root === plan.root && builder.pages === meta.pages,
    'the rows are the same as when the file was planned',
  );
}

/** One tree a bucket, and at the end the tree of the buckets. */
class BucketPacking {
  readonly #sink: PageSink;
  /** Page of the tree of buckets, when everything is packed. */
  root = 0;

  constructor(sink: PageSink) {
    this.#sink = sink;
  }

  /** Packs everything; stops after every batch, so that the pages which it filled can be taken away. */
  async *all(buckets: readonly BoltBucket[]): AsyncGenerator<'packed', void> {
    const top = new TreePacker(this.#sink);
    for (const bucket of buckets) {
      const tree = new TreePacker(this.#sink);
      for await (const batch of bucket.rows()) {
        for (const { key, value } of batch) tree.add(key, value);
        yield 'packed';
      }
      const root = tree.finish();
      top.add(bucket.name, root === undefined ? emptyBucket() : bucketAt(root), BUCKET_FLAG);
    }
    const root = top.finish();
    assert(root !== undefined, 'a file has buckets');
    this.root = root;
    yield 'packed';
  }
}

function bucketAt(root: number): Buffer {
  const value = Buffer.alloc(BUCKET_HEADER_BYTES);
  value.writeBigUInt64LE(BigInt(root), 0);
  return value;
}

/** A bucket without rows has no page of its own: an empty leaf follows in place. */
function emptyBucket(): Buffer {
  const value = Buffer.alloc(BUCKET_HEADER_BYTES + PAGE_HEADER_BYTES);
  writePageHeader(value.subarray(BUCKET_HEADER_BYTES), { id: 0, flags: PageFlag.leaf, count: 0, overflow: 0 });
  return value;
}

class PageCounter implements PageSink {
  pages = FIRST_PAGE;

  page(_flags: number, _elements: readonly PageElement[], sizeBytes: number): number {
    const id = this.pages;
    this.pages += Math.ceil(sizeBytes / PAGE_BYTES);
    return id;
  }
}

class PageBuilder implements PageSink {
  pages = FIRST_PAGE;
  #built: Buffer[] = [];

  page(flags: number, elements: readonly PageElement[], sizeBytes: number): number {
    const id = this.pages;
    const length = Math.ceil(sizeBytes / PAGE_BYTES);
    this.pages += length;
    const page = Buffer.alloc(length * PAGE_BYTES);
    writePageHeader(page, { id, flags, count: elements.length, overflow: length - 1 });
    let at = PAGE_HEADER_BYTES + ELEMENT_BYTES * elements.length;
    elements.forEach((element, i) => {
      const header = PAGE_HEADER_BYTES + ELEMENT_BYTES * i;
      at = writeElement(page, header, at, element);
    });
    this.#built.push(page);
    return id;
  }

  /** The pages since the last call. */
  take(): readonly Buffer[] {
    const built = this.#built;
    this.#built = [];
    return built;
  }
}

/** Writes an element's header at `header` and its bytes at `at`; answers where the next one's bytes go. */
function writeElement(page: Buffer, header: number, at: number, element: PageElement): number {
  const { key } = element;
  page.set(key, at);
  if ('child' in element) {
    page.writeUInt32LE(at - header, header);
    page.writeUInt32LE(key.length, header + 4);
    page.writeBigUInt64LE(BigInt(element.child), header + 8);
    return at + key.length;
  }
  page.writeUInt32LE(element.flags, header);
  page.writeUInt32LE(at - header, header + 4);
  page.writeUInt32LE(key.length, header + 8);
  page.writeUInt32LE(element.value.length, header + 12);
  page.set(element.value, at + key.length);
  return at + key.length + element.value.length;
}
