import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, machineText, type Stamp } from '../report/machine.ts';
import { jsonOf } from '../report/results.ts';
import { type Bar, chart } from '../report/svg.ts';
import { type ApiComparison, type ApiRun, loadTable, ratioOf, type StartRun, startTable } from './report.ts';
import type { SideName } from './servers.ts';

type Starts = Readonly<Record<SideName, readonly StartRun[]>>;

/** What was measured of the API servers, each with the run that it comes from. */
export interface KubeResults {
  readonly machine: Machine;
  readonly loads: readonly (ApiComparison & Stamp)[];
  readonly starts: (Stamp & { readonly runs: Starts }) | undefined;
}

/** The ratios to kube-apiserver that the API server should reach. */
const TARGETS: Readonly<Record<string, number>> = {
  'kube-list': 2.5,
  'kube-get': 3,
  'kube-create': 2,
  'kube-watch': 2,
};
const START_TARGET = 5;
const IDLE_MEMORY_TARGET = 2;
const NO_TARGET = 1;

/** Merges into `folder`: kube.json, kube.md for reading, kube.svg. A load that was measured again takes the place of its older row. */
export function saveKube(folder: string, newer: KubeResults): void {
  const path = join(folder, 'kube.json');
  const older = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KubeResults) : undefined;
  const isOld = ({ workload }: ApiComparison): boolean => newer.loads.every((load) => load.workload !== workload);
  const results: KubeResults = {
    machine: newer.machine,
    loads: [...(older?.loads ?? []).filter(isOld), ...newer.loads],
    starts: newer.starts ?? older?.starts,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, jsonOf(results));
  writeFileSync(join(folder, 'kube.md'), page(results));
  writeFileSync(join(folder, 'kube.svg'), picture(results));
}

function page({ machine, loads, starts }: KubeResults): string {
  const stamps = [...loads, ...(starts === undefined ? [] : [starts])];
  const sources = new Set(stamps.map(({ date, commit, command }) => `- ${date}, commit ${commit}: \`${command}\``));
  return [
    '# The API server beside a real kube-apiserver',
    'Made by `npm run bench -- kube`; how is said there by `--help`. ![](kube.svg)',
    `${machineText(machine)}\n\n${[...sources].join('\n')}`,
    ...(starts === undefined ? [] : [startTable(starts.runs)]),
    `${loadTable(loads)}\n`,
  ].join('\n\n');
}

/** Further right is better in each panel. */
function picture({ machine, loads, starts }: KubeResults): string {
  const bars = (measure: (run: ApiRun) => number, isCost: boolean, target: (name: string) => number): Bar[] =>
    loads.flatMap(({ workload, runs }) => {
      const spread = ratioOf(runs, measure);
      if (spread === undefined) return [];
      return [{ label: workload, ...(isCost ? inverse(spread) : spread), target: target(workload) }];
    });
  const startBar = (label: string, measure: (run: StartRun) => number, target: number): Bar[] => {
    const spread = starts === undefined ? undefined : ratioOf(starts.runs, measure);
    return spread === undefined ? [] : [{ label, ...inverse(spread), target }];
  };
  const panels = [
    {
      title: 'Requests, or events, a second',
      bars: bars(
        ({ perSecond }) => perSecond,
        false,
        (name) => TARGETS[name] ?? NO_TARGET,
      ),
    },
    {
      title: 'CPU of the API server for each',
      bars: bars(
        (run) => run.apiCpuSeconds / Math.max(1, run.operations),
        true,
        (name) => (name === 'kube-watch' ? 2 : NO_TARGET),
      ),
    },
    {
      title: 'Start and memory',
      bars: [
        ...startBar('start to ready', ({ readyMs }) => readyMs, START_TARGET),
        ...startBar('memory, idle', ({ idleBytes }) => idleBytes, IDLE_MEMORY_TARGET),
      ],
    },
  ];
  return chart({
    title: 'Keelson beside kube-apiserver on etcd: how many times better',
    subtitle: machineText(machine),
    panels: panels.filter((panel) => panel.bars.length > 0),
  });
}

function inverse({ min, median, max }: Omit<Bar, 'label' | 'target'>): Omit<Bar, 'label' | 'target'> {
  return { min: 1 / max, median: 1 / median, max: 1 / min };
}
