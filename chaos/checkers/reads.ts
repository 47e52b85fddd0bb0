import type { Violations } from './operation.ts';
import { type KeyState, type RevisionLog, sameKeyState, textOfKey } from './revision-log.ts';

/** A read that names, or is answered with, the revision that it shows: of the past, of now, or a stale one. */
export interface ReadRecord {
  readonly client: number;
  /** It asks for [key, rangeEnd); `rangeEnd` empty: for the one key. */
  readonly key: string;
  readonly rangeEnd: string;
  /** 0: none. */
  readonly limit: number;
  readonly revision: number;
  readonly rows: readonly (readonly [string, KeyState])[];
  readonly count: number;
  readonly more: boolean;
}

/** Every read shows exactly the state at its revision: the keys in their order, each with all its numbers, how many there are, and whether there are more. */
export function checkReads(log: RevisionLog, reads: readonly ReadRecord[]): Violations {
  return reads.flatMap((read) => checkRead(log, read));
}

function checkRead(log: RevisionLog, read: ReadRecord): Violations {
  const { client, key, rangeEnd, limit, revision, rows, count, more } = read;
  const name = `client ${client} read ${rangeEnd === '' ? key : `[${key}, ${rangeEnd})`} at revision ${revision}`;
  const there = [...log.stateAt(revision)]
    .filter(([known]) => (rangeEnd === '' ? known === key : known >= key && known < rangeEnd))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const expected = limit > 0 ? there.slice(0, limit) : there;
  const wrong = Array.from({ length: Math.max(expected.length, rows.length) }, (_, i) => i).find(
    (i) => expected[i]?.[0] !== rows[i]?.[0] || !sameKeyState(expected[i]?.[1], rows[i]?.[1]),
  );
  if (wrong !== undefined) return [`${name}: ${textOfRow(rows[wrong])}, where it is ${textOfRow(expected[wrong])}`];
  if (count !== there.length) return [`${name}: was told that there are ${count} keys, there are ${there.length}`];
  return more === expected.length < there.length ? [] : [`${name}: was told that there are ${more ? '' : 'no '}more`];
}

function textOfRow(row: readonly [string, KeyState] | undefined): string {
  return row === undefined ? '(none)' : `${row[0]}=${textOfKey(row[1])}`;
}
