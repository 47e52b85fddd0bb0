import { PARTS } from '../profile/rooms.ts';
import {
  type Comparison,
  MEASURES,
  type MeasuredRun,
  markdown,
  median,
  nameOf,
  percent,
  warmUpText,
} from '../report.ts';

/** What ran the loads: how many members each side had, on how many cores all of it ran. */
export interface Setting {
  readonly members: number;
  readonly cores: number;
}

/** A Markdown table of where the time of Keelson's members went, and how far each load is from what disk and sockets alone allow. */
export function explanations(comparisons: readonly Comparison[], setting: Setting): string {
  const head = [
    ...['load', ...PARTS.map((part) => (part === 'collection' ? 'GC' : part)), 'busiest thread', 'machine'],
    'first second → warm, CPU each, ours / etcd',
    ...['log on the disk, ours / etcd', 'puts per durable write', 'disk alone', 'of it', 'sockets alone', 'of it'],
  ];
  return markdown(
    head,
    comparisons.map((c) => [
      nameOf(c),
      ...PARTS.map((part) => (c.cpu === undefined ? '' : percent(c.cpu.parts[part]))),
      c.cpu === undefined ? '' : percent(c.cpu.busiestThread),
      percent(median(c.keelson.map((run) => machineShare(run, setting)))),
      c.warmUps === undefined ? '' : [c.warmUps.keelson, c.warmUps.etcd].map(warmUpText).join(' / '),
      writes(c) ? [c.keelson, c.etcd].map((runs) => logShare(runs, setting)).join(' / ') : '',
      ...limitCells(c),
    ]),
  );
}

/** How much of all cores members and generator used. */
function machineShare({ serverCpuSeconds, generatorCpuSeconds, seconds }: MeasuredRun, { cores }: Setting): number {
  return (serverCpuSeconds + generatorCpuSeconds) / seconds / cores;
}

/** A load that hardly asks the disk for anything (a few syncs are the members' own) writes nothing. */
function writes({ limits }: Comparison): boolean {
  return limits?.disk !== undefined;
}

/** Which share of the time a member's log was being made durable. */
function logShare(runs: readonly MeasuredRun[], { members }: Setting): string {
  return runs.length === 0 ? '–' : percent(median(runs.map((run) => run.disk.seconds / members / run.seconds)));
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
