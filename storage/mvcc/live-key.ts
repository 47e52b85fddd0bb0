import type { Placed, Slab } from './slabs.ts';

/**
 * A key that exists. Its newest value lies in the slabs; of what it was before only the revisions are known here.
 * Invariant: createRevision <= modRevision, version >= 1, and everything in `older` precedes (modRevision, modSub).
 */
export class LiveKey implements Placed {
  readonly key: string;
  createRevision: number;
  modRevision: number;
  modSub: number;
  version: number;
  lease: bigint;
  /** Revisions before the newest one; undefined when there are none, as for most keys. */
  older: RevisionList | undefined;
  slab: Slab | undefined = undefined;
  offset = 0;
  length = 0;

  constructor(key: string, main: number, sub: number, older: RevisionList | undefined) {
    this.key = key;
    this.createRevision = main;
    this.modRevision = main;
    this.modSub = sub;
    this.version = 1;
    this.lease = 0n;
    this.older = older;
  }
}

/** Revisions of one key, ascending and flat: main, then sub * 2, plus 1 when the revision is a tombstone. */
export type RevisionList = number[];

/** Below this an array is copied to its exact size: most keys have few revisions, and growing reserves room for sixteen. */
const EXACT_LENGTH = 4;

export function appended(list: RevisionList | undefined, main: number, sub: number, tombstone: boolean): RevisionList {
  const detail = sub * 2 + (tombstone ? 1 : 0);
  if (list === undefined) return [main, detail];
  if (list.length < EXACT_LENGTH) return [...list, main, detail];
  list.push(main, detail);
  return list;
}

/** The index in `list` of the last revision with main <= `main`; -2 when there is none. */
export function lastAt(list: RevisionList, main: number): number {
  let low = 0;
  let high = list.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle * 2] as number) <= main) low = middle + 1;
    else high = middle;
  }
  return low * 2 - 2;
}

export function mainAt(list: RevisionList, index: number): number {
  return list[index] as number;
}

export function subAt(list: RevisionList, index: number): number {
  return Math.floor((list[index + 1] as number) / 2);
}

export function tombstoneAt(list: RevisionList, index: number): boolean {
  return (list[index + 1] as number) % 2 === 1;
}
