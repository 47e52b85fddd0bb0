import type { Violations } from './operation.ts';

/** What one answer told a client about how far the store is. */
export interface SeenRevision {
  readonly client: number;
  readonly start: number;
  readonly end: number;
  readonly revision: number;
  /** The answer of a write that changed something: its revision is its own. */
  readonly wrote: boolean;
  /** Of a read that may be stale: it says nothing about now. */
  readonly isStale?: boolean;
}

/**
 * Revisions never go back: not for one client, and not between any two calls of which one began after the other had ended. Two
 * writes never share one.
 */
export function checkRevisions(seen: readonly SeenRevision[]): Violations {
  return [...checkUnique(seen), ...checkRealTime(seen.filter(({ isStale }) => isStale !== true))];
}

function checkUnique(seen: readonly SeenRevision[]): Violations {
  const violations: string[] = [];
  const writers = new Map<number, SeenRevision>();
  for (const answer of seen) {
    if (!answer.wrote) continue;
    const other = writers.get(answer.revision);
    if (other === undefined) writers.set(answer.revision, answer);
    else violations.push(`revision ${answer.revision} was given to ${describe(other)} and to ${describe(answer)}`);
  }
  return violations;
}

function checkRealTime(seen: readonly SeenRevision[]): Violations {
  const violations: string[] = [];
  const byEnd = [...seen].sort((a, b) => a.end - b.end);
  let next = 0;
  let newest: SeenRevision | undefined;
  for (const answer of [...seen].sort((a, b) => a.start - b.start)) {
    for (let ended = byEnd[next]; ended !== undefined && ended.end < answer.start; ended = byEnd[++next]) {
      if (newest === undefined || ended.revision > newest.revision) newest = ended;
    }
    if (newest === undefined) continue;
    const isBehind = answer.wrote ? answer.revision <= newest.revision : answer.revision < newest.revision;
    if (isBehind)
      violations.push(
        `${describe(answer)} was told revision ${answer.revision}, after ${describe(newest)} had been told ${newest.revision}`,
      );
  }
  return violations;
}

function describe({ client, start, end, wrote }: SeenRevision): string {
  return `the ${wrote ? 'write' : 'read'} of client ${client} in [${start}..${end}]`;
}
