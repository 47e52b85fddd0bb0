import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, temporaryFolder } from '../test/kit/cluster.ts';
import { startRealEtcd } from '../test/kit/etcd.ts';
import { type LoadResult, runLoad } from './load.ts';
import { type Comparison, table } from './report.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

const HELP = `keelson bench: the same loads against Keelson and Debian's etcd, three members each, in turn on this machine

  npm run bench                                        every workload at 1x1 and 10x100
  npm run bench -- put --connections 10 --clients 100  one workload at one size
  npm run bench -- range --against none                Keelson alone

  --rounds N      alternations (5)          --seconds S   of each run (4)
  --against etcd  or none                   --json FILE   writes every run and the machine
`;

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
    help: { type: 'boolean', default: false },
  },
});

interface Size {
  readonly connections: number;
  readonly clients: number;
}

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

function chosenSizes(): readonly Size[] {
  if (values.connections === undefined && values.clients === undefined)
    return [
      { connections: 1, clients: 1 },
      { connections: 10, clients: 100 },
    ];
  return [{ connections: Number(values.connections ?? 1), clients: Number(values.clients ?? values.connections ?? 1) }];
}

/** The real clients' paths, as the acceptance tests have them. */
function installClients(): void {
  const clients = spawnSync('bash', [join('test', 'conformance', 'clients.sh'), '--env'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (clients.status !== 0) throw new Error('the real etcd could not be installed');
  for (const line of clients.stdout.trim().split('\n')) {
    const [name, value] = line.split('=');
    if (name !== undefined && value !== undefined) process.env[name] = value;
  }
}

async function compare(
  workload: Workload,
  size: Size,
  keelson: readonly string[],
  etcd: readonly string[],
): Promise<Comparison> {
  const results: { keelson: LoadResult[]; etcd: LoadResult[] } = { keelson: [], etcd: [] };
  const once = (urls: readonly string[]): Promise<LoadResult> =>
    runLoad({ urls, path: workload.path, message: workload.messages(), ...size, seconds: Number(values.seconds) });
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const side of ['keelson', 'etcd'] as const) {
      const urls = side === 'keelson' ? keelson : etcd;
      if (urls.length === 0) continue;
      const result = await once(urls);
      results[side].push(result);
      process.stderr.write(
        `${workload.name} ${size.connections}x${size.clients} round ${round + 1} ${side}: ${Math.round(result.perSecond)}/s p99 ${result.p99Ms.toFixed(1)} ms\n`,
      );
    }
  }
  return { workload: workload.name, ...size, ...results };
}

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const workloads = chosenWorkloads();
  const folder = await temporaryFolder();
  if (values.against === 'etcd') installClients();
  const etcd = values.against === 'etcd' ? await startRealEtcd(join(folder.path, 'etcd'), 3) : undefined;
  const keelson = await Cluster.start(join(folder.path, 'keelson'));
  try {
    const comparisons: Comparison[] = [];
    for (const workload of workloads) {
      for (const size of chosenSizes())
        comparisons.push(await compare(workload, size, keelson.clientUrls, etcd?.clientUrls ?? []));
    }
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
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, comparisons }, null, 2)}\n`);
  } finally {
    await keelson.stop();
    await etcd?.stop();
    await folder.remove();
  }
}

await main();
