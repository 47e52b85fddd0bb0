import type { Violations } from './operation.ts';

/** What one member says about its state at one revision, byte for byte or as a digest of all its bytes. */
export interface StateReport {
  readonly member: string;
  readonly revision: number;
  readonly digest: string;
}

/** Members that have come to the same revision hold the same bytes. */
export function checkSameState(reports: readonly StateReport[]): Violations {
  const violations: string[] = [];
  const known = new Map<number, StateReport>();
  for (const report of reports) {
    const other = known.get(report.revision);
    if (other === undefined) known.set(report.revision, report);
    else if (other.digest !== report.digest)
      violations.push(
        `revision ${report.revision}: ${report.member} holds ${report.digest}, ${other.member} holds ${other.digest}`,
      );
  }
  return violations;
}
