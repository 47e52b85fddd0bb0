import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../test/kit/cluster.ts';
import { benchKube } from './kube/main.ts';
import { type Comparison, type MeasuredRun, table } from './report.ts';
import { type Side, startEtcd, startOurs } from './servers.ts';
import { type Size, WORKLOADS, type Workload } from './workloads.ts';

const HELP = `keelson bench: the same loads against Keelson and Debian's etcd, three members each, in turn on this machine

  npm run bench                                        every workload at its sizes
  npm run bench -- put --clients 1000 --against etcd   one workload at one size (10 clients a connection)
  npm run bench -- range --against none                Keelson alone
  npm run bench -- put --profile profiles              leaves a CPU profile of each member in that folder
  npm run bench -- kube                                the API servers: see npm run bench -- kube --help

  --rounds N      alternations (5)                 --seconds S   of each run (4)
  --connections C, --clients C                     --against etcd or none
  --json FILE     writes every run and the machine
`;

// The API servers have a command line of their own.
if (process.argv[2]?.startsWith('kube')) process.exit(await benchKube(process.argv.slice(2)));

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    connections: { type: 'string' },
    clients: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    against: { type: 'string', default: 'etcd' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function chosenWorkloads(): readonly Workload[] {
  const unknown = positionals.find((name) => !WORKLOADS.some((w) => w.name === name));
  if (unknown !== undefined) {
    process.stderr.write(
      `keelson bench: no workload "${unknown}" (there are: ${WORKLOADS.map((w) => w.name).join(', ')})\n`,
    );
    process.exit(2);
  }
  return positionals.length === 0 ? WORKLOADS : WORKLOADS.filter((w) => positionals.includes(w.name));
}

function sizesOf(workload: Workload): readonly Size[] {
  const { connections, clients } = values;
  if (connections === undefined && clients === undefined) return workload.sizes;
  const many = Number(clients ?? connections);
  return [{ connections: Number(connections ?? Math.ceil(many / 10)), clients: many }];
}

async function measure(side: Side, workload: Workload, size: Size): Promise<MeasuredRun> {
  const before = side.usage();
  const result = await workload.run(side.urls, size, Number(values.seconds));
  const after = side.usage();
  const serverCpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return { ...result, serverCpuSeconds, serverBytes: after.residentBytes };
}

async function compare(sides: readonly Side[], workload: Workload, size: Size): Promise<Comparison> {
  const runs: Record<Side['name'], MeasuredRun[]> = { keelson: [], etcd: [] };
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const side of sides) {
      const run = await measure(side, workload, size);
      runs[side.name].push(run);
      const load = `${workload.name} ${size.connections}x${size.clients}`;
      const cpu = ((1e6 * run.serverCpuSeconds) / Math.max(1, run.operations)).toFixed(1);
      process.stderr.write(
        `${load} round ${round} ${side.name}: ${Math.round(run.perSecond)}/s p99 ${run.p99Ms.toFixed(1)} ms, ${cpu} us of server CPU each\n`,
      );
    }
  }
  return { workload: workload.name, ...size, ...runs };
}

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const workloads = chosenWorkloads();
  const folder = await temporaryFolder();
  const sides: Side[] = [];
  try {
    sides.push(await startOurs(join(folder.path, 'keelson'), { profileFolder: values.profile }));
    if (values.against === 'etcd') sides.push(await startEtcd(join(folder.path, 'etcd')));
    const comparisons: Comparison[] = [];
    for (const workload of workloads)
      for (const size of sizesOf(workload)) comparisons.push(await compare(sides, workload, size));
    const machine = {
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
      node: process.version,
    };
    process.stdout.write(
      `${machine.cores} x ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}\n\n${table(comparisons)}\n`,
    );
    if (values.json !== undefined) {
      mkdirSync(dirname(values.json), { recursive: true });
      writeFileSync(values.json, `${JSON.stringify({ machine, comparisons }, null, 2)}\n`);
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    await folder.remove();
  }
}

await main();
