import type { Violations } from './operation.ts';
import { type Change, type KeyState, type RevisionLog, sameKeyState, textOfKey } from './revision-log.ts';

/** One event as it was told. */
export interface WatchEvent {
  readonly revision: number;
  readonly change: Change;
  /** The key as the event describes it, of a put; and as it was before, when that was asked for and there. */
  readonly kv?: KeyState | undefined;
  readonly previousKv?: KeyState | undefined;
}

/** One response of a watch; fragments that belong together count as one. */
export interface WatchTold {
  readonly events: readonly WatchEvent[];
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
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  /** It was ended because history before this revision is gone. */
  readonly compactedTo?: number | undefined;
}

/**
 * The guarantees of a watch (etcd API guarantees): ordered, unique, reliable, atomic, resumable, bookmarkable; each event with exactly
 * the numbers that the key had (so that a create can be told from an update), and with previous values exactly what they were (of a
 * revision in `compactions`, what was before may be gone). A watch that resumes is one watch: nothing may be missing or told twice in between.
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
    ...checkExact(log, watch, compactions),
    ...checkEnd(watch),
  ]);
}

/** How far the watch was told everything. */
export function throughOf({ from, told }: WatchRecord): number {
  return told.reduce((through, { revision }) => Math.max(through, revision), from - 1);
}

/** Whether the watch asked to hear of this change. */
function isWanted({ prefix, noPut, noDelete }: WatchRecord, { key, value }: Change): boolean {
  return key.startsWith(prefix) && (value === undefined ? noDelete !== true : noPut !== true);
}

/** Ordered and unique, and nothing from before the start. */
function checkOrder({ client, from, told }: WatchRecord): Violations {
  const violations: string[] = [];
  let last = from;
  const seen = new Set<string>();
  for (const { revision, change } of told.flatMap(({ events }) => events)) {
    if (revision < from) violations.push(`watch of client ${client}: told ${revision}, though it begins at ${from}`);
    else if (revision < last) violations.push(`watch of client ${client}: unordered, ${revision} after ${last}`);
    const name = `${revision} ${change.key} ${change.value}`;
    if (seen.has(name)) violations.push(`watch of client ${client}: ${change.key} at ${revision} was told twice`);
    seen.add(name);
    last = Math.max(last, revision);
  }
  return violations;
}

/** All events of a revision that match come in one response. */
function checkAtomic(log: RevisionLog, watch: WatchRecord): Violations {
  const violations: string[] = [];
  for (const { events } of watch.told) {
    const counts = new Map<number, number>();
    for (const { revision } of events) counts.set(revision, (counts.get(revision) ?? 0) + 1);
    for (const [revision, count] of counts) {
      const whole = (log.changesAt(revision) ?? []).filter((change) => isWanted(watch, change)).length;
      if (count < whole)
        violations.push(
          `watch of client ${watch.client}: not atomic, one response had ${count} of ${whole} events of ${revision}`,
        );
    }
  }
  return violations;
}

/**
 * After a bookmark for a revision nothing at or below it comes any more; a bookmark is never for a revision before the start, nor before
 * what was told; headers never lie behind their events.
 */
function checkBookmarks({ client, from, told }: WatchRecord): Violations {
  const violations: string[] = [];
  const name = `watch of client ${client}`;
  let marked = 0;
  let newest = 0;
  for (const { events, revision, isProgress } of told) {
    for (const event of events) {
      if (event.revision <= marked) violations.push(`${name}: event ${event.revision} after a bookmark for ${marked}`);
      if (event.revision > revision) violations.push(`${name}: event ${event.revision} under the header ${revision}`);
      newest = Math.max(newest, event.revision);
    }
    if (!isProgress) continue;
    if (revision < from) violations.push(`${name}: a bookmark for ${revision}, though it begins at ${from}`);
    if (revision < newest) violations.push(`${name}: a bookmark for ${revision} after event ${newest}`);
    marked = Math.max(marked, revision);
  }
  return violations;
}

/** Reliable and resumable: exactly what the log says from the start on, previous values included. */
function checkReliable(log: RevisionLog, watch: WatchRecord, compactions: ReadonlySet<number>): Violations {
  const { client, from, told, prevKv } = watch;
  const through = throughOf(watch);
  const expected: string[] = [];
  for (let revision = from; revision <= through; revision++) {
    for (const change of log.changesAt(revision) ?? [])
      if (isWanted(watch, change)) expected.push(textOf(revision, change, prevKv));
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

/** Create and mod revision, version and lease of every event are those that the key had: after it, and before it. */
function checkExact(log: RevisionLog, watch: WatchRecord, compactions: ReadonlySet<number>): Violations {
  const violations: string[] = [];
  const name = `watch of client ${watch.client}`;
  for (const { revision, change, kv, previousKv } of watch.told.flatMap(({ events }) => events)) {
    const { key } = change;
    // A key that changes twice in a revision is described by its last change alone.
    const isOnly = (log.changesAt(revision) ?? []).filter((other) => other.key === key).length === 1;
    const after = log.stateAt(revision).get(key);
    if (kv !== undefined && isOnly && !sameKeyState(kv, after))
      violations.push(`${name}: ${key} at ${revision} is ${textOfKey(kv)}, the log has ${textOfKey(after)}`);
    if (!watch.prevKv || (previousKv === undefined && compactions.has(revision))) continue;
    const before = log.stateAt(revision - 1).get(key);
    if (kv !== undefined && !sameKeyState(previousKv, before))
      violations.push(
        `${name}: before ${revision} ${key} was ${textOfKey(previousKv)}, the log has ${textOfKey(before)}`,
      );
  }
  return violations;
}

/** Only a watch that needs what is gone is ended for it. */
function checkEnd(watch: WatchRecord): Violations {
  const next = throughOf(watch) + 1;
  return watch.compactedTo === undefined || next < watch.compactedTo
    ? []
    : [
        `watch of client ${watch.client}: ended by a compaction to ${watch.compactedTo}, and needed only ${next} and later`,
      ];
}

function textOf(revision: number, { key, value, previous }: Change, prevKv: boolean): string {
  const was = prevKv ? ` (was ${previous ?? 'nothing'})` : '';
  return `${revision} ${key}=${value ?? '(deleted)'}${was}`;
}
