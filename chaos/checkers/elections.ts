import type { Violations } from './operation.ts';

/** One version of the lease as somebody was told of it. */
export interface LeaseVersion {
  readonly resourceVersion: number;
  /** Empty: it was given back. */
  readonly holder: string;
  readonly transitions: number;
}

/** An acknowledged write, on the strength of the version `replaces` (0: it was created). */
export interface AcknowledgedUpdate {
  readonly by: string;
  readonly replaces: number;
  readonly resourceVersion: number;
}

/** A time in which a candidate had reason to think that it leads, by its own clock, which is everybody's here. */
export interface Term {
  readonly holder: string;
  readonly transitions: number;
  readonly from: number;
  /** When its last acknowledged renewal, counted from when that was sent, ran out; or when it gave up. */
  readonly until: number;
}

/** Something that was done by a leader under the guard of its token, and accepted. */
export interface FencedWrite extends AcknowledgedUpdate {
  /** The leaseTransitions of its term. */
  readonly token: number;
  /** One more than that of the version it replaced. */
  readonly sequence: number;
}

export interface ElectionRecord {
  readonly versions: readonly LeaseVersion[];
  readonly updates: readonly AcknowledgedUpdate[];
  readonly terms: readonly Term[];
  readonly writes: readonly FencedWrite[];
}

/**
 * Leader election over a lease. A version of the lease is one holder's; its transitions never fall, and do not stay when the holder changes; no two
 * acknowledged updates overlap in the versions that they replaced; never two leaders at once; and what leaders did is in the order of their tokens.
 */
export function checkElection({ versions, updates, terms, writes }: ElectionRecord): Violations {
  return [
    ...checkTransitions(versions),
    ...checkSerial('the lease', updates),
    ...checkTerms(terms),
    ...checkSerial('the guarded object', writes),
    ...checkFencing(writes),
  ];
}

function checkTransitions(versions: readonly LeaseVersion[]): Violations {
  const violations: string[] = [];
  let last: LeaseVersion | undefined;
  for (const version of [...versions].sort((a, b) => a.resourceVersion - b.resourceVersion)) {
    if (last !== undefined) {
      const changed = `${textOf(version)}, after ${textOf(last)}`;
      if (last.resourceVersion === version.resourceVersion) {
        if (last.holder !== version.holder || last.transitions !== version.transitions)
          violations.push(`one version of the lease is ${textOf(version)} and ${textOf(last)}`);
      } else if (version.transitions < last.transitions) violations.push(`transitions fell: ${changed}`);
      else if (version.transitions === last.transitions && version.holder !== last.holder && version.holder !== '')
        violations.push(`the holder changed without a transition: ${changed}`);
    }
    last = version;
  }
  return violations;
}

/** By the API server's serialization: between a version and the one that it replaced lies no other. */
function checkSerial(what: string, updates: readonly AcknowledgedUpdate[]): Violations {
  const violations: string[] = [];
  let last: AcknowledgedUpdate | undefined;
  for (const update of [...updates].sort((a, b) => a.resourceVersion - b.resourceVersion)) {
    if (update.resourceVersion <= update.replaces)
      violations.push(
        `${what}: ${update.by} replaced ${update.replaces} with ${update.resourceVersion}, which is not newer`,
      );
    if (last !== undefined && update.replaces < last.resourceVersion)
      violations.push(
        `${what}: ${update.by} replaced ${update.replaces} with ${update.resourceVersion}, although ${last.by} had written ${last.resourceVersion} in between`,
      );
    last = update;
  }
  return violations;
}

function checkTerms(terms: readonly Term[]): Violations {
  const violations: string[] = [];
  let latest: Term | undefined;
  for (const term of [...terms].sort((a, b) => a.from - b.from)) {
    if (latest !== undefined && latest.holder !== term.holder && term.from < latest.until)
      violations.push(
        `two leaders: ${term.holder} (${term.transitions}) from ${term.from.toFixed(0)}, and ${latest.holder} (${latest.transitions}) until ${latest.until.toFixed(0)}`,
      );
    if (latest === undefined || term.until > latest.until) latest = term;
  }
  return violations;
}

function checkFencing(writes: readonly FencedWrite[]): Violations {
  const violations: string[] = [];
  const holders = new Map<number, string>();
  let last: FencedWrite | undefined;
  for (const write of [...writes].sort((a, b) => a.resourceVersion - b.resourceVersion)) {
    const by = `${write.by} wrote ${write.sequence} at ${write.resourceVersion} with token ${write.token}`;
    const holder = holders.get(write.token);
    if (holder !== undefined && holder !== write.by) violations.push(`${by}, which was ${holder}'s`);
    holders.set(write.token, write.by);
    if (last !== undefined && write.token < last.token)
      violations.push(`${by}, after ${last.by} with token ${last.token}`);
    if (last !== undefined && write.sequence <= last.sequence)
      violations.push(`${by}, after ${last.by} had written ${last.sequence}`);
    last = write;
  }
  return violations;
}

const textOf = ({ resourceVersion, holder, transitions }: LeaseVersion): string =>
  `${holder === '' ? 'nobody' : holder} (${transitions}) at ${resourceVersion}`;
