import type { Violations } from './operation.ts';
import type { Change, RevisionLog } from './revision-log.ts';

/** One response of a watch. */
export interface WatchTold {
  readonly events: readonly { readonly revision: number; readonly change: Change }[];
  /** Of the header. */
  readonly revision: number;
  /** Without events: everything up to `revision` has been told. */
  readonly isProgress: boolean;
}

/** What one client's watch was told, over all the streams on which it resumed. */
export interface WatchRecord {
  readonly client: number;
  readonly prefix: string;
  /** The first revision that it asked for. */
  readonly from: number;
  readonly told: readonly WatchTold[];
  readonly prevKv: boolean;
}

/**
 * The guarantees of a watch (etcd API guarantees): ordered, unique, reliable, atomic, resumable, bookmarkable, and with previous
 * values exactly what they were (of a revision in `compactions`, what was before may be gone). A watch that resumes is one watch: nothing may be missing or told twice in between.
 */
export function checkWatches(
  log: RevisionLog,
  watches: readonly WatchRecord[],
  compactions: ReadonlySet<number> = new Set(),
): Violations {
  return watches.flatMap((watch) => [
    ...checkOrder(watch),
    ...checkAtomic(log, watch),
    ...checkBookmarks(watch),
    ...checkReliable(log, watch, compactions),
  ]);
}

/** How far the watch was told everything. */
export function throughOf({ from, told }: WatchRecord): number {
  return told.reduce((through, { revision }) => Math.max(through, revision), from - 1);
}

/** Ordered and unique. */
function checkOrder({ client, from, told }: WatchRecord): Violations {
  const violations: string[] = [];
  let last = from - 1;
  const seen = new Set<string>();
  for (const { revision, change } of told.flatMap(({ events }) => events)) {
    if (revision < last) violations.push(`watch of client ${client}: unordered, ${revision} after ${last}`);
    const name = `${revision} ${change.key}`;
    if (seen.has(name)) violations.push(`watch of client ${client}: ${change.key} at ${revision} was told twice`);
    seen.add(name);
    last = Math.max(last, revision);
  }
  return violations;
}

/** All events of a revision that match come in one response. */
function checkAtomic(log: RevisionLog, { client, prefix, told }: WatchRecord): Violations {
  const violations: string[] = [];
  for (const { events } of told) {
    const counts = new Map<number, number>();
    for (const { revision } of events) counts.set(revision, (counts.get(revision) ?? 0) + 1);
    for (const [revision, count] of counts) {
      const whole = (log.changesAt(revision) ?? []).filter(({ key }) => key.startsWith(prefix)).length;
      if (count < whole)
        violations.push(
          `watch of client ${client}: not atomic, one response had ${count} of ${whole} events of ${revision}`,
        );
    }
  }
  return violations;
}

/** After a bookmark for a revision nothing at or below it comes any more; headers never lie behind their events. */
function checkBookmarks({ client, told }: WatchRecord): Violations {
  const violations: string[] = [];
  let marked = 0;
  for (const { events, revision, isProgress } of told) {
    for (const event of events) {
      if (event.revision <= marked)
        violations.push(`watch of client ${client}: event ${event.revision} after a bookmark for ${marked}`);
      if (event.revision > revision)
        violations.push(`watch of client ${client}: event ${event.revision} under the header ${revision}`);
    }
    if (isProgress) marked = Math.max(marked, revision);
  }
  return violations;
}

/** Reliable and resumable: exactly what the log says from the start on, previous values included. */
function checkReliable(log: RevisionLog, watch: WatchRecord, compactions: ReadonlySet<number>): Violations {
  const { client, prefix, from, told, prevKv } = watch;
  const through = throughOf(watch);
  const expected: string[] = [];
  for (let revision = from; revision <= through; revision++) {
    for (const change of log.changesAt(revision) ?? [])
      if (change.key.startsWith(prefix)) expected.push(textOf(revision, change, prevKv));
  }
  const got = told.flatMap(({ events }) =>
    events.map(({ revision, change }) => {
      const mayLack = prevKv && change.previous === undefined && compactions.has(revision);
      const original = mayLack ? log.changesAt(revision)?.find(({ key }) => key === change.key) : undefined;
      return textOf(revision, original?.value === change.value ? (original ?? change) : change, prevKv);
    }),
  );
  const wrong = expected.findIndex((line, i) => line !== got[i]);
  if (wrong >= 0)
    return [`watch of client ${client}: was told ${got[wrong] ?? 'nothing more'}, the log has ${expected[wrong]}`];
  return got.length > expected.length
    ? [`watch of client ${client}: was told ${got[expected.length]}, the log has no such event`]
    : [];
}

function textOf(revision: number, { key, value, previous }: Change, prevKv: boolean): string {
  const was = prevKv ? ` (was ${previous ?? 'nothing'})` : '';
  return `${revision} ${key}=${value ?? '(deleted)'}${was}`;
}
