import type { Violations } from './operation.ts';
import type { RevisionLog } from './revision-log.ts';

/** A write as its client knows it. Every write has a value of its own. */
export interface WriteRecord {
  readonly client: number;
  readonly keys: readonly string[];
  /** Undefined: it deletes. */
  readonly value: string | undefined;
  /** The revision of its answer; undefined when nobody knows whether it happened. */
  readonly revision: number | undefined;
}

/**
 * Every acknowledged write is in the log at the revision of its answer, whole; nothing is there twice, no revision is missing,
 * and nothing is there that nobody wrote.
 */
export function checkDurability(
  log: RevisionLog,
  writes: readonly WriteRecord[],
  options: { readonly isOurs: (key: string) => boolean } = { isOurs: () => true },
): Violations {
  const violations: string[] = [];
  const revisionsOf = new Map<string, number[]>();
  for (let revision = 2; revision <= log.last; revision++) {
    const changes = log.changesAt(revision);
    if (changes === undefined) violations.push(`revision ${revision} was published by nobody`);
    for (const { key, value } of changes ?? []) {
      if (value === undefined || !options.isOurs(key)) continue;
      const at = revisionsOf.get(value) ?? [];
      if (at.at(-1) !== revision) at.push(revision);
      revisionsOf.set(value, at);
    }
  }
  for (const [value, revisions] of revisionsOf)
    if (revisions.length > 1) violations.push(`${value} was applied more than once: at ${revisions.join(', ')}`);
  const written = new Set(writes.map(({ value }) => value));
  for (const [value, revisions] of revisionsOf)
    if (!written.has(value)) violations.push(`${value} at revision ${revisions[0]} was written by nobody`);
  for (const write of writes) violations.push(...checkAcknowledged(log, write));
  return violations;
}

function checkAcknowledged(log: RevisionLog, { client, keys, value, revision }: WriteRecord): Violations {
  if (revision === undefined) return [];
  const changes = log.changesAt(revision) ?? [];
  const isThere = keys.every((key) => changes.some((change) => change.key === key && change.value === value));
  if (isThere && changes.length === keys.length) return [];
  const there = changes.map((change) => `${change.key}=${change.value ?? '(deleted)'}`).join(' ');
  const wanted = keys.map((key) => `${key}=${value ?? '(deleted)'}`).join(' ');
  return [
    `client ${client} was told that ${wanted} is revision ${revision}, which holds ${there === '' ? 'nothing' : there}`,
  ];
}
