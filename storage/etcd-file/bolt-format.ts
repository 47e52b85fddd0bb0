import { PAGE_SIZES } from './limits.ts';

/**
 * The file format of bbolt, version 2 (integers little endian, as on every machine that etcd runs on):
 *
 *   page     id 8 | flags 2 | count 2 | overflow 4 | elements | their bytes       overflow: further pages that belong to it
 *   leaf     element: flags 4 | position 4 | key size 4 | value size 4            position: from the element's own start
 *   branch   element: position 4 | key size 4 | child page 8                      key: not above the child's first
 *   bucket   a leaf's value: root page 8 | sequence 8; root 0: a leaf page follows in place
 *   meta     pages 0 and 1: magic 4 | version 4 | page size 4 | flags 4 | root 8 | sequence 8 | freelist 8 | pages 8 | txid 8 | FNV-1a 8
 *
 * Source: bbolt internal/common/{page,meta,inode}.go.
 */
export const PAGE_HEADER_BYTES = 16;
export const ELEMENT_BYTES = 16;
export const BUCKET_HEADER_BYTES = 16;
export const META_BYTES = 64;

/** The page size of files that are written here. */
export const PAGE_BYTES = 4096;

export const PageFlag = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;

/** The flag of a leaf element whose value is a bucket. */
export const BUCKET_FLAG = 0x01;

/** In the place of a freelist's page: there is none, whoever writes works out which pages are free. */
const NO_FREELIST = 0xffff_ffff_ffff_ffffn;

const MAGIC = 0xed0cdaed;
const VERSION = 2;

export interface Meta {
  readonly pageBytes: number;
  /** Page of the tree of buckets. */
  readonly root: number;
  /** undefined: the file has no freelist. */
  readonly freelist: number | undefined;
  /** Pages in use or free; what lies behind in the file counts for nothing. */
  readonly pages: number;
  readonly txid: bigint;
}

/** A meta page, PAGE_BYTES long. */
export function encodeMetaPage(id: 0 | 1, meta: Omit<Meta, 'freelist' | 'pageBytes'>): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  writePageHeader(page, { id, flags: PageFlag.meta, count: 0, overflow: 0 });
  const at = PAGE_HEADER_BYTES;
  page.writeUInt32LE(MAGIC, at);
  page.writeUInt32LE(VERSION, at + 4);
  page.writeUInt32LE(PAGE_BYTES, at + 8);
  page.writeBigUInt64LE(BigInt(meta.root), at + 16);
  page.writeBigUInt64LE(NO_FREELIST, at + 32);
  page.writeBigUInt64LE(BigInt(meta.pages), at + 40);
  page.writeBigUInt64LE(meta.txid, at + 48);
  page.writeBigUInt64LE(fnv1a64(page.subarray(at, at + 56)), at + 56);
  return page;
}

/** The meta in the page that begins at `offset` of `bytes`; a text that says what is wrong with it. */
export function decodeMeta(bytes: Buffer, offset: number): Meta | string {
  const at = offset + PAGE_HEADER_BYTES;
  if (bytes.length < at + META_BYTES) return 'the file is too short';
  if (bytes.readUInt32LE(at) !== MAGIC) return 'no magic number';
  const version = bytes.readUInt32LE(at + 4);
  if (version !== VERSION) return `format version ${version}, only ${VERSION} is known`;
  if (bytes.readBigUInt64LE(at + 56) !== fnv1a64(bytes.subarray(at, at + 56))) return 'wrong checksum';
  const pageBytes = bytes.readUInt32LE(at + 8);
  if (!isPageSize(pageBytes)) return `a page size of ${pageBytes} bytes`;
  const freelist = bytes.readBigUInt64LE(at + 32);
  return {
    pageBytes,
    root: safeNumber(bytes, at + 16),
    freelist: freelist === NO_FREELIST ? undefined : safeNumber(bytes, at + 32),
    pages: safeNumber(bytes, at + 40),
    txid: bytes.readBigUInt64LE(at + 48),
  };
}

export interface PageHeader {
  readonly id: number;
  readonly flags: number;
  readonly count: number;
  readonly overflow: number;
}

export function writePageHeader(target: Buffer, header: PageHeader): void {
  target.writeBigUInt64LE(BigInt(header.id), 0);
  target.writeUInt16LE(header.flags, 8);
  target.writeUInt16LE(header.count, 10);
  target.writeUInt32LE(header.overflow, 12);
}

export function readPageHeader(page: Buffer): PageHeader {
  return {
    id: safeNumber(page, 0),
    flags: page.readUInt16LE(8),
    count: page.readUInt16LE(10),
    overflow: page.readUInt32LE(12),
  };
}

/** A 64-bit number; one beyond the safe integers, which no page number is, becomes infinite. */
export function safeNumber(bytes: Buffer, offset: number): number {
  const value = bytes.readBigUInt64LE(offset);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY;
}

function isPageSize(size: number): boolean {
  return size >= PAGE_SIZES.least && size <= PAGE_SIZES.most && Number.isInteger(Math.log2(size));
}

/** FNV-1a, 64 bits. */
function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
