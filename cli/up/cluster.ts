import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeKubeconfig } from '../../apiserver/pki/kubeconfig.ts';
import { ensurePki, type Pki } from '../../apiserver/pki/store.ts';
import { SupervisedChild } from './child.ts';
import { type Endpoints, writeEndpoints } from './endpoints.ts';
import { UP_LIMITS } from './limits.ts';
import type { ClusterPlan, PlannedMember } from './plan.ts';
import { untilReady } from './ready.ts';
import type { StorePki } from './store-pki.ts';

export interface LocalClusterOptions {
  readonly dataDir: string;
  readonly plan: ClusterPlan;
  readonly storePki: StorePki;
  /** The compiled main.js. */
  readonly script: string;
  /** Further flags of every API server. */
  readonly apiServerArgs: readonly string[];
  readonly logLevel: string;
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
}

/** A local cluster: one process per member and one API server beside each, kept running. */
export class LocalCluster {
  readonly #options: LocalClusterOptions;
  readonly #members: readonly SupervisedChild[];
  readonly #apiServers: readonly SupervisedChild[];
  #ids: ReadonlyMap<string, string> = new Map();
  #isReady = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LocalClusterOptions) {
    this.#options = options;
    this.#members = options.plan.members.map((member) => this.#child(member.name, this.#memberArgs(member)));
    this.#apiServers = options.plan.members.map((member, i) =>
      this.#child(`apiserver-${i + 1}`, this.#apiServerArgs(member)),
    );
  }

  get kubeconfig(): string {
    return join(this.#options.dataDir, 'kubeconfig');
  }

  /** Starts everything and resolves when all of it is ready and the files that say where it is are written. */
  async start(): Promise<void> {
    const { dataDir, plan, say } = this.#options;
    await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
    const pki = ensurePki(join(dataDir, 'pki'));
    say(`starting ${plan.members.length} member${plan.members.length === 1 ? '' : 's'} ...`);
    for (const member of this.#members) member.start();
    const { ca } = await pki;
    for (const apiServer of this.#apiServers) apiServer.start();
    const signal = AbortSignal.timeout(UP_LIMITS.readyMs);
    await Promise.all(plan.members.map((member) => untilReady(`${this.#clientUrl(member)}/health`, signal)));
    say('the store is ready; starting API servers ...');
    const [ids] = await Promise.all([
      this.#memberIds(signal),
      ...plan.members.map((member) => untilReady(`${this.#apiUrl(member)}/readyz`, signal, ca.certificatePem)),
    ]);
    this.#ids = ids;
    await this.#writeKubeconfig(await pki);
    this.#isReady = true;
    await this.#write();
  }

  /** API servers first, so that they find their store to the end. */
  async stop(): Promise<void> {
    this.#isReady = false;
    await this.#writing;
    await Promise.all(this.#apiServers.map((child) => child.stop()));
    await Promise.all(this.#members.map((child) => child.stop()));
  }

  endpoints(): Endpoints {
    const { dataDir, plan } = this.#options;
    return {
      members: plan.members.map((member, i) => ({
        name: member.name,
        id: this.#ids.get(member.name) ?? '',
        pid: this.#members[i]?.pid ?? 0,
        dataDir: join(dataDir, member.name),
        client: this.#clientUrl(member),
        peer: this.#peerUrl(member),
      })),
      apiservers: plan.members.map((member, i) => ({ pid: this.#apiServers[i]?.pid ?? 0, url: this.#apiUrl(member) })),
      ca: join(dataDir, 'pki', 'ca.crt'),
      kubeconfig: this.kubeconfig,
    };
  }

  #child(name: string, args: readonly string[]): SupervisedChild {
    const { dataDir, script, say } = this.#options;
    const logPath = join(dataDir, 'logs', `${name}.log`);
    return new SupervisedChild({
      name,
      script,
      args,
      logPath,
      onStarted: () => {
        if (this.#isReady) void this.#write();
      },
      onDied: (how, againMs) =>
        say(
          `${name} ended (${how}); ${againMs === undefined ? 'it is not started again' : `starting it again in ${againMs} ms`}; its log is ${logPath}`,
        ),
    });
  }

  #memberArgs(member: PlannedMember): readonly string[] {
    const { dataDir, plan, logLevel, storePki } = this.#options;
    const client = this.#clientUrl(member);
    const peer = this.#peerUrl(member);
    const cluster = plan.members.map((each) => `${each.name}=${this.#peerUrl(each)}`).join(',');
    return [
      ...['member', '--name', member.name, '--data-dir', join(dataDir, member.name)],
      ...['--listen-client-urls', `${client},${this.#secureUrl(member)}`, '--advertise-client-urls', client],
      ...['--cert-file', storePki.server.cert, '--key-file', storePki.server.key],
      ...['--client-cert-auth', '--trusted-ca-file', storePki.ca],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', cluster, '--initial-cluster-token', plan.token, '--log-level', logLevel],
    ];
  }

  /** Its own member comes first among the servers of the store; the others are there when that one is not. */
  #apiServerArgs(member: PlannedMember): readonly string[] {
    const { dataDir, plan, logLevel, apiServerArgs, storePki } = this.#options;
    const others = plan.members.filter((other) => other !== member);
    return [
      ...['apiserver', '--etcd-servers', [member, ...others].map((each) => this.#secureUrl(each)).join(',')],
      ...['--etcd-cafile', storePki.ca, '--etcd-certfile', storePki.root.cert, '--etcd-keyfile', storePki.root.key],
      ...[
        '--bind-address',
        plan.host,
        '--secure-port',
        String(member.apiPort),
        '--cert-dir',
        dataDir,
        '--admin-kubeconfig',
        'none',
      ],
      ...['--log-level', logLevel, ...apiServerArgs],
    ];
  }

  /** By name. A member tells its own a little after it is ready. Errors: those of the store, `signal`'s. */
  async #memberIds(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { plan, storePki } = this.#options;
    const { connectKvClient } = await import('../../client/grpc-client.ts');
    const [ca, cert, key] = await Promise.all(
      [storePki.ca, storePki.root.cert, storePki.root.key].map((path) => readFile(path)),
    );
    const kv = connectKvClient({
      endpoints: plan.members.map((member) => this.#secureUrl(member)),
      tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    });
    try {
      for (;;) {
        const { members } = await kv.memberList({ linearizable: true }, { timeoutMs: 5_000 });
        const ids = new Map(members.map((member) => [member.name, member.ID.toString(16)]));
        if (plan.members.every(({ name }) => ids.has(name))) return ids;
        await pause(UP_LIMITS.askMs, undefined, { signal });
      }
    } finally {
      await kv.close();
    }
  }

  async #writeKubeconfig({ ca, admin }: Pki): Promise<void> {
    const [first] = this.#options.plan.members;
    if (first !== undefined) await writeKubeconfig(this.kubeconfig, this.#apiUrl(first), ca.certificatePem, admin);
  }

  /** One write at a time, each with what is so then. */
  #write(): Promise<void> {
    const path = join(this.#options.dataDir, 'endpoints.json');
    this.#writing = this.#writing
      .then(() => writeEndpoints(path, this.endpoints()))
      .catch((error: unknown) => this.#options.say(`cannot write ${path}: ${String(error)}`));
    return this.#writing;
  }

  #url(scheme: string, port: number): string {
    const { host } = this.#options.plan;
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
  #clientUrl = (member: PlannedMember): string => this.#url('http', member.clientPort);
  /** As the user `root`, by certificate: so that authentication can be enabled without shutting the API servers out. */
  #secureUrl = (member: PlannedMember): string => this.#url('https', member.securePort);
  #peerUrl = (member: PlannedMember): string => this.#url('http', member.peerPort);
  #apiUrl = (member: PlannedMember): string => this.#url('https', member.apiPort);
}
