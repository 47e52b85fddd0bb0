import type { Change, History, Operation } from './history.ts';

/** What one client's watch was told, over all the streams that it resumed on. */
export interface WatchLog {
  readonly client: number;
  readonly prefix: string;
  /** Where it began, or began anew because what it still needed was compacted. */
  from: number;
  told: { readonly revision: number; readonly change: Change }[];
  /** Complete up to this revision. */
  through: number;
}

/** Every revision from the first to the last was published by somebody. */
export function checkNoGap(history: History): readonly string[] {
  const missing: string[] = [];
  for (let revision = 2; revision <= history.lastRevision; revision++) {
    if (history.changesAt(revision) === undefined) missing.push(`revision ${revision} was published by nobody`);
  }
  return missing;
}

/** Every write that was answered is in the history as it was answered; every value there was written, and once. */
export function checkWrites(history: History, operations: readonly Operation[]): readonly string[] {
  const violations: string[] = [];
  const written = new Map<string, number[]>();
  for (let revision = 2; revision <= history.lastRevision; revision++) {
    for (const { value } of history.changesAt(revision) ?? []) {
      if (value === undefined) continue;
      const at = written.get(value) ?? [];
      if (at.at(-1) !== revision) at.push(revision);
      written.set(value, at);
    }
  }
  for (const [value, revisions] of written) {
    if (revisions.length > 1) violations.push(`${value} was applied more than once: at ${revisions.join(', ')}`);
  }
  for (const operation of operations) {
    if (operation.outcome !== 'ok') continue;
    if (writes(operation) && written.get(operation.value)?.[0] !== operation.revision) {
      violations.push(
        `${describe(operation)} was acknowledged, but the history has it at ${written.get(operation.value) ?? 'no revision'}`,
      );
    }
    if (operation.type === 'pair' && (history.changesAt(operation.revision)?.length ?? 0) !== operation.keys.length) {
      violations.push(`${describe(operation)} is not one whole revision`);
    }
  }
  return violations;
}

/**
 * Linearizable: revisions order all writes, so it is enough that every operation sees the state of the revision that its answer
 * names, and that no operation's revision lies before that of one that had ended when it began.
 */
export function checkLinearizable(history: History, operations: readonly Operation[]): readonly string[] {
  const violations: string[] = [];
  const known = operations.filter((operation) => operation.outcome === 'ok');
  for (const operation of known) {
    const before = history.stateAt(changesStore(operation) ? operation.revision - 1 : operation.revision);
    const [key = ''] = operation.keys;
    if (operation.type === 'read' && before.get(key)?.value !== operation.seen) {
      violations.push(`${describe(operation)} saw ${operation.seen}, the history has ${before.get(key)?.value}`);
    }
    if (operation.type === 'past' && history.stateAt(operation.expected).get(key)?.value !== operation.seen) {
      const there = history.stateAt(operation.expected).get(key)?.value;
      violations.push(
        `${describe(operation)} saw ${operation.seen} at revision ${operation.expected}, the history has ${there}`,
      );
    }
    if (
      operation.type === 'cas' &&
      ((before.get(key)?.modRevision ?? 0) === operation.expected) !== operation.succeeded
    ) {
      violations.push(
        `${describe(operation)}: expected ${operation.expected}, there was ${before.get(key)?.modRevision ?? 0}`,
      );
    }
    if (operation.type === 'delete' && before.has(key) !== operation.succeeded) {
      violations.push(`${describe(operation)}: the key was ${before.has(key) ? '' : 'not '}there`);
    }
  }
  return [...violations, ...checkRealTime(known)];
}

function checkRealTime(known: readonly Operation[]): readonly string[] {
  const violations: string[] = [];
  const byEnd = [...known].sort((a, b) => a.end - b.end);
  let next = 0;
  let newest: Operation | undefined;
  for (const operation of [...known].sort((a, b) => a.start - b.start)) {
    for (let ended = byEnd[next]; ended !== undefined && ended.end < operation.start; ended = byEnd[++next]) {
      if (newest === undefined || ended.revision > newest.revision) newest = ended;
    }
    if (newest === undefined) continue;
    const isBehind = changesStore(operation)
      ? operation.revision <= newest.revision
      : operation.revision < newest.revision;
    if (isBehind) violations.push(`${describe(operation)} began after ${describe(newest)} had ended`);
  }
  return violations;
}

/** Ordered, unique, complete, previous values exact: what a watch was told is what the history says, from its start on. */
export function checkWatches(history: History, watches: readonly WatchLog[]): readonly string[] {
  const violations: string[] = [];
  for (const { client, prefix, from, told, through } of watches) {
    const expected: string[] = [];
    for (let revision = from; revision <= through; revision++) {
      for (const change of history.changesAt(revision) ?? []) {
        if (change.key.startsWith(prefix)) expected.push(`${revision} ${JSON.stringify(change)}`);
      }
    }
    const got = told.map(({ revision, change }) => `${revision} ${JSON.stringify(change)}`);
    const wrong = expected.findIndex((line, i) => line !== got[i]);
    if (wrong >= 0)
      violations.push(`watch of client ${client}: was told ${got[wrong]}, the history has ${expected[wrong]}`);
    else if (got.length > expected.length)
      violations.push(`watch of client ${client}: was told ${got[expected.length]} too much`);
  }
  return violations;
}

function writes(operation: Operation): boolean {
  return operation.type === 'put' || operation.type === 'pair' || (operation.type === 'cas' && operation.succeeded);
}

function changesStore(operation: Operation): boolean {
  return writes(operation) || (operation.type === 'delete' && operation.succeeded);
}

function describe({ client, member, type, keys, value, start, end, revision }: Operation): string {
  return `${type} ${keys.join('+')}=${value} of client ${client} on ${member} [${start}..${end}] at revision ${revision}`;
}
