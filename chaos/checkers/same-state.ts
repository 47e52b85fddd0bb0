import type { Violations } from './operation.ts';

/** What one member says about its state at one revision, byte for byte or as a digest of all its bytes. */
export interface StateReport {
  readonly member: string;
  readonly revision: number;
  /** What the digest is of: reports are compared with those of the same kind. Of a hash, also how far history had been compacted. */
  readonly kind: string;
  readonly digest: string;
}

/** Members that have come to the same revision hold the same bytes. */
export function checkSameState(reports: readonly StateReport[]): Violations {
  const violations: string[] = [];
  const known = new Map<string, StateReport>();
  for (const report of reports) {
    const { member, revision, kind, digest } = report;
    const name = `${revision} ${kind}`;
    const other = known.get(name);
    if (other === undefined) known.set(name, report);
    else if (other.digest !== digest)
      violations.push(
        `revision ${revision}, ${kind}: ${member} holds ${digest}, ${other.member} holds ${other.digest}`,
      );
  }
  return violations;
}
