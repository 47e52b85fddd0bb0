import type { Violations } from './operation.ts';

/** One state of one object as somebody was told of it: by a write's answer, a read, a list or a watch. */
export interface SeenVersion {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  readonly value: string;
}

/** An acknowledged create or update. Times are the operations'. */
export interface AcknowledgedVersion extends SeenVersion {
  readonly start: number;
  readonly end: number;
}

/** A delete that was not refused. `end` Infinity: its outcome is unknown. */
export interface PossibleDelete {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A whole list, however many pages it had. */
export interface SeenList {
  readonly client: number;
  readonly resourceVersion: number;
  readonly items: readonly SeenVersion[];
}

/**
 * A version has one resourceVersion, and a resourceVersion is one version: of one object, with one uid and one value. Every value is written once.
 */
export function checkVersions(seen: readonly SeenVersion[]): Violations {
  const violations: string[] = [];
  const byRevision = new Map<number, SeenVersion>();
  const byValue = new Map<string, SeenVersion>();
  for (const version of seen) {
    const known = byRevision.get(version.resourceVersion);
    if (known === undefined) byRevision.set(version.resourceVersion, version);
    else if (!sameVersion(known, version))
      violations.push(`resourceVersion ${version.resourceVersion} is ${textOf(known)} and ${textOf(version)}`);
    const valued = byValue.get(version.value);
    if (valued === undefined) byValue.set(version.value, version);
    else if (valued.resourceVersion !== version.resourceVersion)
      violations.push(
        `${textOf(version)} was written once and has the resourceVersions ${valued.resourceVersion} and ${version.resourceVersion}`,
      );
  }
  return violations;
}

/**
 * A list is one moment: nothing in it is newer than it says itself to be, nothing twice, two lists of one moment are the same, and every version that was
 * acknowledged with a resourceVersion at or below its own is there, or a later one, or was perhaps deleted.
 */
export function checkLists(
  lists: readonly SeenList[],
  writes: readonly AcknowledgedVersion[],
  deletes: readonly PossibleDelete[],
): Violations {
  const byMoment = new Map<number, SeenList>();
  return lists.flatMap((list) => {
    const known = byMoment.get(list.resourceVersion);
    if (known === undefined) byMoment.set(list.resourceVersion, list);
    else if (momentOf(known) !== momentOf(list))
      return [`two lists at ${list.resourceVersion} differ: ${momentOf(known)}, and ${momentOf(list)}`];
    return [...checkItems(list), ...checkComplete(list, writes, deletes)];
  });
}

function checkItems({ client, resourceVersion, items }: SeenList): Violations {
  const violations: string[] = [];
  const names = new Set<string>();
  for (const item of items) {
    if (item.resourceVersion > resourceVersion)
      violations.push(
        `a list of client ${client} at ${resourceVersion} has ${textOf(item)} of ${item.resourceVersion}`,
      );
    if (names.has(item.name))
      violations.push(`a list of client ${client} at ${resourceVersion} has ${item.name} twice`);
    names.add(item.name);
  }
  return violations;
}

function checkComplete(
  { client, resourceVersion, items }: SeenList,
  writes: readonly AcknowledgedVersion[],
  deletes: readonly PossibleDelete[],
): Violations {
  const newest = new Map<string, AcknowledgedVersion>();
  for (const write of writes) {
    const known = newest.get(write.name);
    if (write.resourceVersion > resourceVersion) continue;
    if (known === undefined || known.resourceVersion < write.resourceVersion) newest.set(write.name, write);
  }
  const listed = new Map(items.map((item) => [item.name, item]));
  const violations: string[] = [];
  for (const write of newest.values()) {
    const item = listed.get(write.name);
    const where = `a list of client ${client} at ${resourceVersion}`;
    if (item !== undefined && item.resourceVersion < write.resourceVersion)
      violations.push(
        `${where} has ${textOf(item)}, and not ${textOf(write)}, acknowledged with ${write.resourceVersion}`,
      );
    // A delete that was over before the write began cannot have been of it.
    const mayBeGone = deletes.some(({ name, end }) => name === write.name && end > write.start);
    if (item === undefined && !mayBeGone)
      violations.push(`${where} lacks ${textOf(write)}, acknowledged with ${write.resourceVersion}`);
  }
  return violations;
}

const momentOf = ({ items }: SeenList): string =>
  items
    .map((item) => `${textOf(item)}@${item.resourceVersion}`)
    .sort()
    .join(' ');

const sameVersion = (a: SeenVersion, b: SeenVersion): boolean =>
  a.name === b.name && a.uid === b.uid && a.value === b.value;

const textOf = ({ name, value }: SeenVersion): string => `${name}=${value}`;
