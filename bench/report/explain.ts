import { PARTS } from '../profile/rooms.ts';
import { type Comparison, MEASURES, type MeasuredRun, markdown, median, nameOf, percent } from '../report.ts';

/** A Markdown table of where the time of Keelson's members went, and how far each load is from what disk and sockets alone allow. */
export function explanations(comparisons: readonly Comparison[], members: number): string {
  const head = [
    ...['load', ...PARTS.map((part) => (part === 'collection' ? 'GC' : part)), 'log on the disk (etcd)'],
    ...['puts per durable write', 'disk alone', 'of it', 'sockets alone', 'of it'],
  ];
  return markdown(
    head,
    comparisons.map((c) => [
      nameOf(c),
      ...PARTS.map((part) => (c.shares === undefined ? '' : percent(c.shares[part]))),
      writes(c) ? `${percent(diskShare(c.keelson, members))} (${percent(diskShare(c.etcd, members))})` : '',
      ...limitCells(c),
    ]),
  );
}

/** A load that hardly asks the disk for anything (a few syncs are the members' own) writes nothing. */
function writes({ limits }: Comparison): boolean {
  return limits?.disk !== undefined;
}

/** Which share of the time a member's log was being made durable. */
function diskShare(runs: readonly MeasuredRun[], members: number): number {
  return median(runs.map((run) => run.disk.seconds / members / run.seconds));
}

function limitCells({ limits, keelson }: Comparison): readonly string[] {
  if (limits === undefined) return ['', '', '', '', ''];
  const rate = median(keelson.map(MEASURES.rate));
  const { disk, socketsPerSecond } = limits;
  const sockets = [`${Math.round(socketsPerSecond)}/s`, percent(rate / socketsPerSecond)];
  if (disk === undefined) return ['', '', '', ...sockets];
  return [
    disk.operationsPerWrite.toFixed(1),
    `${Math.round(disk.operationsPerSecond)}/s`,
    percent(rate / disk.operationsPerSecond),
    ...sockets,
  ];
}
