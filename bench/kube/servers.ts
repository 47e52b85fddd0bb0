import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KEELSON } from '../../test/kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../../test/kit/etcd.ts';
import { freePorts } from '../../test/kit/ports.ts';
import { type Running, start } from '../../test/kit/process.ts';
import { installClients } from '../clients.ts';
import { type Usage, usageOf } from '../usage.ts';
import { ApiConnection, type ApiTarget } from './api-connection.ts';

export type SideName = 'keelson' | 'kubernetes';

export interface SideOptions {
  /** Store members; both sides have as many. */
  readonly members: number;
  /** Where Keelson's API server leaves a profile of its CPU (V8's format) when it stops; undefined: nowhere. */
  readonly profileFolder?: string | undefined;
}

/** A store and one API server on it, with TLS, a token of system:masters and --authorization-mode=RBAC; everything else at its defaults. */
export class Side {
  readonly name: SideName;
  readonly store: Store;
  readonly #folder: string;
  readonly #options: SideOptions;
  #api: Running | undefined;
  #target: ApiTarget | undefined;

  private constructor(name: SideName, store: Store, folder: string, options: SideOptions) {
    this.name = name;
    this.store = store;
    this.#folder = folder;
    this.#options = options;
  }

  /** Starts the store alone. */
  static async start(name: SideName, folder: string, options: SideOptions): Promise<Side> {
    await mkdir(folder, { recursive: true });
    if (name === 'kubernetes') installClients();
    const stores = { keelson: startKeelson, kubernetes: startRealEtcd };
    const store = await stores[name](join(folder, 'store'), options.members);
    return new Side(name, store, folder, options);
  }

  /** Starts the API server; resolves when /readyz says so, with the time that took. */
  async startApi(): Promise<number> {
    const [port = 0] = await freePorts(1);
    const target = { host: '127.0.0.1', port, token: TOKEN };
    const tokenFile = join(this.#folder, 'tokens');
    await writeFile(tokenFile, `${TOKEN},admin,admin,system:masters\n`, { mode: 0o600 });
    const common = [
      ...[`--etcd-servers=${this.store.clientUrls.join(',')}`, `--token-auth-file=${tokenFile}`],
      ...['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(this.#folder, 'certs')}`],
      '--authorization-mode=RBAC',
    ];
    const startedMs = performance.now();
    this.#api = this.name === 'keelson' ? this.#startOurs(common) : await this.#startTheirs(common);
    await untilReady(target, this.#api);
    this.#target = target;
    return performance.now() - startedMs;
  }

  async stopApi(): Promise<void> {
    await this.#api?.stop();
    this.#api = undefined;
  }

  get target(): ApiTarget {
    if (this.#target === undefined) throw new Error('the API server does not run');
    return this.#target;
  }

  apiUsage(): Usage {
    return usageOf([this.#api?.pid ?? 0]);
  }

  storeUsage(): Usage {
    return usageOf(this.store.processes.map(({ pid }) => pid));
  }

  async stop(): Promise<void> {
    await this.stopApi();
    await this.store.stop();
  }

  #startOurs(common: readonly string[]): Running {
    const { profileFolder } = this.#options;
    const nodeArgs = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    return start(process.execPath, [...nodeArgs, KEELSON, 'apiserver', ...common]);
  }

  async #startTheirs(common: readonly string[]): Promise<Running> {
    const keyFile = join(this.#folder, 'sa.key');
    if (!existsSync(keyFile)) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      await writeFile(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    }
    return start(kubeApiserver(), [
      ...common,
      ...['--advertise-address=192.0.2.10', '--service-cluster-ip-range=10.0.0.0/24'],
      ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-signing-key-file=${keyFile}`],
      `--service-account-key-file=${keyFile}`,
    ]);
  }
}

const TOKEN = 'a-token-of-the-benchmark';
const READY_MS = 120_000;

async function untilReady(target: ApiTarget, process: Running): Promise<void> {
  const endMs = performance.now() + READY_MS;
  while (performance.now() < endMs && process.child.exitCode === null) {
    const status = await ApiConnection.open(target).then(
      async (connection) => {
        const answer = await connection.fetch('GET', '/readyz');
        connection.close();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`an API server did not become ready\n${process.errors().slice(-3000)}`);
}

/** The one that test/conformance/kube-apiserver.sh has built, or another. */
function kubeApiserver(): string {
  const path = process.env['KEELSON_TEST_KUBE_APISERVER'] ?? join('.cache', 'kube-apiserver', 'kube-apiserver');
  if (!existsSync(path)) throw new Error(`no kube-apiserver at ${path}: test/conformance/kube-apiserver.sh builds one`);
  return path;
}
