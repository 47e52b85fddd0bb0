import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { APISERVER_FLAGS } from '../flags/apiserver-flags.ts';
import { apiServerSettings } from '../flags/apiserver-options.ts';
import { addFlags, type Flag, FlagReader, type Given } from '../flags/flag.ts';
import { UsageError } from '../usage-error.ts';

const UP_FLAGS: readonly Flag[] = [
  { name: 'members', value: 'N', help: 'members of a new cluster, each with an API server (default: 3)' },
  { name: 'data-dir', value: 'DIR', help: 'where everything is kept', default: './keelson-data' },
  {
    name: 'client-port',
    value: 'PORT',
    help: 'client port of the first member; the next have +10, +20 ..., peer ports are one and secure ports two above',
    default: '2379',
  },
  { name: 'api-port', value: 'PORT', help: 'port of the first API server; the next have +1, +2 ...', default: '6443' },
  { name: 'port', value: '0', help: '0: free ports for everything', only: ['0'] },
  { name: 'host', value: 'ADDRESS', help: 'address to listen on', default: '127.0.0.1' },
  { name: 'log-level', value: 'LEVEL', help: 'of the files in DIR/logs', default: 'info' },
];

/** Flags of the API servers that `up` sets itself. */
const OWN = ['bind-address', 'secure-port', 'cert-dir', 'admin-kubeconfig', 'log-level'];
const PASSED: readonly Flag[] = APISERVER_FLAGS.filter(({ name }) => !OWN.includes(name)).map((flag) => ({
  ...flag,
  help: `passed to the API servers: ${flag.help}`,
}));

/** `keelson up`: a local cluster. */
export function upCommand(exit: (code: number) => void): Command {
  const command = new Command('up')
    .summary('a local highly available cluster')
    .description(
      'Starts a local cluster, one process per member and one API server beside each, and keeps it running.\nCtrl-C stops it; started again on the same directory it has the same data and the same ports.',
    );
  const given = addFlags(command, [...UP_FLAGS, ...PASSED]);
  command.addHelpText(
    'after',
    `
Examples:
  keelson up
  keelson up --members 1 --port 0 --data-dir /tmp/demo
  kubectl --kubeconfig keelson-data/kubeconfig get namespaces
  etcdctl --endpoints 127.0.0.1:2379,127.0.0.1:2389,127.0.0.1:2399 endpoint status`,
  );
  return command.allowExcessArguments(false).action(async () => exit(await up(given)));
}

async function up(given: Given): Promise<number> {
  const flags = new FlagReader([...UP_FLAGS.map((flag) => ({ ...flag })), ...PASSED], given);
  apiServerSettings(new Map([...given].filter(([name]) => PASSED.some((flag) => flag.name === name)))); // said here, not by six processes
  const dataDir = resolve(flags.text('data-dir'));
  const { planCluster, checkMembers, savePlan, busyPort } = await import('../up/plan.ts');
  const members = flags.has('members') ? flags.integer('members', 1) : undefined;
  checkMembers(members);
  const { plan, isNew } = await planCluster({
    dataDir,
    host: hostOf(flags),
    members,
    clientPort: flags.integer('client-port', 1, 65_000),
    apiPort: flags.integer('api-port', 1, 65_500),
    freePorts: flags.has('port'),
  });
  const [{ mkdir }, { lockDirectory }, { LocalCluster }, { ensureStorePki }] = await Promise.all([
    import('node:fs/promises'),
    import('../../io/node/lock.ts'),
    import('../up/cluster.ts'),
    import('../up/store-pki.ts'),
  ]);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDir);
  try {
    const busy = await busyPort(plan, isNew);
    if (busy !== undefined)
      throw new UsageError(`port ${busy} is in use; choose others with --client-port and --api-port, or --port 0`);
    await savePlan(dataDir, plan);
    const cluster = new LocalCluster({
      dataDir,
      plan,
      storePki: await ensureStorePki(join(dataDir, 'store-pki'), plan.host),
      script: fileURLToPath(new URL('../main.js', import.meta.url)),
      apiServerArgs: PASSED.flatMap(({ name }) =>
        given.has(name) ? [`--${name}=${absolute(name, given.get(name) ?? '')}`] : [],
      ),
      logLevel: flags.text('log-level'),
      say: (line) => void process.stderr.write(`keelson: ${line}\n`),
    });
    return await run(cluster, dataDir);
  } finally {
    await lock.release();
  }
}

function hostOf(flags: FlagReader): string {
  const host = flags.text('host');
  if (isIP(host) === 0) throw new UsageError(`invalid value "${host}" for --host: must be an IP address`);
  return host;
}

/** Files keep their meaning wherever the processes run. */
const absolute = (name: string, value: string): string =>
  name.endsWith('-file')
    ? value
        .split(',')
        .map((path) => resolve(path))
        .join(',')
    : value;

async function run(
  cluster: {
    start(): Promise<void>;
    stop(): Promise<void>;
    endpoints(): import('../up/endpoints.ts').Endpoints;
    readonly kubeconfig: string;
  },
  dataDir: string,
): Promise<number> {
  const asked = new Promise<'asked'>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done('asked'));
  });
  try {
    const startedMs = Date.now();
    const outcome = await Promise.race([asked, cluster.start()]);
    if (outcome !== 'asked') {
      process.stdout.write(welcome(cluster.endpoints(), dataDir, (Date.now() - startedMs) / 1000));
      await asked;
    }
    process.stderr.write('keelson: stopping ...\n');
    return 0;
  } finally {
    await cluster.stop();
  }
}

/** What there is now, and what to type next. */
function welcome(endpoints: import('../up/endpoints.ts').Endpoints, dataDir: string, seconds: number): string {
  const members = endpoints.members.map(({ name, client, id }) => `  ${name}  ${client}  (id ${id})\n`).join('');
  const servers = endpoints.apiservers.map(({ url }) => `  ${url}\n`).join('');
  return `
Keelson is ready after ${seconds.toFixed(1)} s.

Members (etcd API):
${members}API servers (Kubernetes API):
${servers}
Where everything is:  ${join(dataDir, 'endpoints.json')}
Logs:                 ${join(dataDir, 'logs')}

Try:
  export KUBECONFIG=${endpoints.kubeconfig}
  kubectl get namespaces
  etcdctl --endpoints=${endpoints.members.map(({ client }) => client).join(',')} endpoint status -w table

Ctrl-C stops it.
`;
}
