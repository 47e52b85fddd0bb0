import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../../test/kit/cluster.ts';
import { machineText, stampOf, thisMachine } from '../report/machine.ts';
import { type ApiComparison, type ApiRun, loadTable, type StartRun, startTable } from './report.ts';
import { saveKube } from './save.ts';
import { Side, type SideName } from './servers.ts';
import { API_WORKLOADS, type ApiWorkload, type Scale } from './workloads.ts';

const HELP = `keelson bench kube: the same loads against Keelson's API server on Keelson and a real kube-apiserver on etcd, in turn on this machine

  npm run bench -- kube                                    every workload
  npm run bench -- kube-list --objects 50000               one of: ${API_WORKLOADS.map(({ name }) => name).join(', ')}, kube-start
  npm run bench -- kube-get --against none                 Keelson alone
  npm run bench -- kube-get --profile profiles             leaves a CPU profile of Keelson's API server in that folder

  --rounds N (5)       --seconds S of each run (4)     --members M of each store (1)     --against kubernetes or none
  --connections C (8)  --clients C of get and create (64)
  --objects N of lists and gets (10000)                --watchers W (1000)  --updates U of each run (200)
  --save FOLDER        kube.json, kube.md and kube.svg there (docs/benchmarks); none: nowhere
  --json FILE          writes every run

Both sides: TLS, HTTP/2, a static token of system:masters, --authorization-mode=RBAC, everything else at its defaults.
`;

const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  members: { type: 'string', default: '1' },
  against: { type: 'string', default: 'kubernetes' },
  connections: { type: 'string', default: '8' },
  clients: { type: 'string', default: '64' },
  objects: { type: 'string', default: '10000' },
  watchers: { type: 'string', default: '1000' },
  updates: { type: 'string', default: '200' },
  save: { type: 'string', default: 'docs/benchmarks' },
  json: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const START = 'kube-start';
/** What a server makes of its memory when it is left alone. */
const IDLE_MS = 3_000;
const SAMPLE_MS = 20;

/** `args`: the command line from the workload on. Returns the exit code. */
export async function benchKube(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const known = [...API_WORKLOADS.map(({ name }) => name), START, 'kube'];
  const unknown = positionals.find((name) => !known.includes(name));
  if (values.help || unknown !== undefined) {
    process.stdout.write(HELP);
    return unknown === undefined ? 0 : 2;
  }
  const isChosen = (name: string): boolean => positionals.includes(name) || positionals.includes('kube');
  const scale: Scale = {
    objects: Number(values.objects),
    connections: Number(values.connections),
    clients: Number(values.clients),
    watchers: Number(values.watchers),
    updates: Number(values.updates),
    seconds: Number(values.seconds),
  };
  const rounds = Number(values.rounds);
  const folder = await temporaryFolder();
  const sides: Side[] = [];
  try {
    const options = { members: Number(values.members), profileFolder: values.profile };
    const names: readonly SideName[] = values.against === 'kubernetes' ? ['keelson', 'kubernetes'] : ['keelson'];
    for (const name of names) sides.push(await Side.start(name, join(folder.path, name), options));
    // The first start also makes the certificates and the default objects: not what is measured.
    for (const side of sides) await side.startApi();
    const starts = isChosen(START) ? await measureStarts(sides, rounds) : undefined;
    const comparisons: ApiComparison[] = [];
    for (const workload of API_WORKLOADS.filter(({ name }) => isChosen(name))) {
      comparisons.push(await compare(sides, workload, scale, rounds));
    }
    const machine = thisMachine();
    process.stdout.write(`${machineText(machine)}; ${JSON.stringify({ ...scale, members: options.members })}\n\n`);
    if (starts !== undefined) process.stdout.write(`${startTable(starts)}\n\n`);
    if (comparisons.length > 0) process.stdout.write(`${loadTable(comparisons)}\n`);
    if (values.save !== 'none' && values.against === 'kubernetes') {
      const stamp = stampOf(args);
      const loads = comparisons.map((comparison) => ({ ...comparison, ...stamp }));
      saveKube(values.save, { machine, loads, starts: starts && { runs: starts, ...stamp } });
    }
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify({ machine, scale, starts, comparisons }, null, 2)}\n`);
    }
    return 0;
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    await folder.remove();
  }
}

async function measureStarts(sides: readonly Side[], rounds: number): Promise<Record<SideName, StartRun[]>> {
  const runs: Record<SideName, StartRun[]> = { keelson: [], kubernetes: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const side of sides) {
      await side.stopApi();
      const readyMs = await side.startApi();
      const { cpuSeconds } = side.apiUsage();
      await delay(IDLE_MS);
      const { residentBytes: idleBytes } = side.apiUsage();
      runs[side.name].push({ readyMs, cpuSeconds, idleBytes });
      tell(
        `${START} round ${round} ${side.name}: ${Math.round(readyMs)} ms, ${cpuSeconds} s of CPU, ${Math.round(idleBytes / 1024 / 1024)} MiB`,
      );
    }
  }
  return runs;
}

async function compare(
  sides: readonly Side[],
  workload: ApiWorkload,
  scale: Scale,
  rounds: number,
): Promise<ApiComparison> {
  const runs: Record<SideName, ApiRun[]> = { keelson: [], kubernetes: [] };
  for (const side of sides) await workload.prepare(side, scale);
  for (let round = 1; round <= rounds; round++) {
    for (const side of sides) {
      const run = await measure(side, workload, scale);
      runs[side.name].push(run);
      const cpu = ((1e6 * run.apiCpuSeconds) / Math.max(1, run.operations)).toFixed(1);
      tell(
        `${workload.name} round ${round} ${side.name}: ${run.perSecond.toFixed(1)}/s p50 ${run.p50Ms.toFixed(1)} p99 ${run.p99Ms.toFixed(1)} ms, ${cpu} us of the API server's CPU each`,
      );
    }
  }
  return { workload: workload.name, runs };
}

async function measure(side: Side, workload: ApiWorkload, scale: Scale): Promise<ApiRun> {
  const before = { api: side.apiUsage(), store: side.storeUsage() };
  let peakBytes = before.api.residentBytes;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, side.apiUsage().residentBytes);
  }, SAMPLE_MS);
  try {
    const result = await workload.run(side, scale);
    const after = { api: side.apiUsage(), store: side.storeUsage() };
    return {
      ...result,
      apiCpuSeconds: after.api.cpuSeconds - before.api.cpuSeconds,
      storeCpuSeconds: after.store.cpuSeconds - before.store.cpuSeconds,
      beforeBytes: before.api.residentBytes,
      peakBytes: Math.max(peakBytes, after.api.residentBytes),
      afterBytes: after.api.residentBytes,
    };
  } finally {
    clearInterval(timer);
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
