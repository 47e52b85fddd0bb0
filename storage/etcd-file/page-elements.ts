import { ELEMENT_BYTES, PAGE_HEADER_BYTES, PageFlag, safeNumber } from './bolt-format.ts';
import { corrupt, type Page } from './bolt-pages.ts';

/** An element of a leaf: a row, or a bucket with its header in `value`. Views into the page. */
export interface LeafElement {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly flags: number;
}

export interface BranchElement {
  readonly key: Buffer;
  readonly child: number;
}

/** What is in a page of a tree, every size checked. Errors: EtcdFileError CORRUPT. */
export function elementsOf(
  page: Page,
): { readonly leaf: readonly LeafElement[] } | { readonly branch: readonly BranchElement[] } {
  const { id, flags, count } = page.header;
  if (PAGE_HEADER_BYTES + ELEMENT_BYTES * count > page.bytes.length)
    throw corrupt(`${count} elements do not fit into it`, id);
  if (flags === PageFlag.leaf) return { leaf: Array.from({ length: count }, (_, i) => leafElement(page, i)) };
  if (flags === PageFlag.branch) return { branch: Array.from({ length: count }, (_, i) => branchElement(page, i)) };
  throw corrupt(`it should be a branch or a leaf and has the flags 0x${flags.toString(16)}`, id);
}

function leafElement(page: Page, index: number): LeafElement {
  const { bytes } = page;
  const header = PAGE_HEADER_BYTES + ELEMENT_BYTES * index;
  const at = header + bytes.readUInt32LE(header + 4);
  const valueAt = at + bytes.readUInt32LE(header + 8);
  const end = valueAt + bytes.readUInt32LE(header + 12);
  check(page, index, at, end);
  return { flags: bytes.readUInt32LE(header), key: bytes.subarray(at, valueAt), value: bytes.subarray(valueAt, end) };
}

function branchElement(page: Page, index: number): BranchElement {
  const { bytes } = page;
  const header = PAGE_HEADER_BYTES + ELEMENT_BYTES * index;
  const at = header + bytes.readUInt32LE(header);
  const end = at + bytes.readUInt32LE(header + 4);
  check(page, index, at, end);
  return { key: bytes.subarray(at, end), child: safeNumber(bytes, header + 8) };
}

function check(page: Page, index: number, at: number, end: number): void {
  const { id, count } = page.header;
  const firstByte = PAGE_HEADER_BYTES + ELEMENT_BYTES * count;
  if (at < firstByte || end > page.bytes.length) throw corrupt(`element ${index} lies outside of it`, id);
}
