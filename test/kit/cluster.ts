import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type Running, type RunResult, run, start } from './process.ts';

/** `endpoints.json` as `keelson up` writes it. */
export interface Endpoints {
  readonly members: readonly {
    readonly name: string;
    readonly id: string;
    readonly pid: number;
    readonly dataDir: string;
    readonly client: string;
    readonly peer: string;
  }[];
  readonly apiservers: readonly { readonly pid: number; readonly url: string }[];
  readonly ca: string | null;
  readonly kubeconfig: string;
}

/** A program of the real clients; `npm run acceptance` names them. */
export function client(name: 'ETCD' | 'ETCDCTL' | 'KUBECTL' | 'KUBECTL_NEW'): string {
  const path = process.env[`KEELSON_TEST_${name}`];
  if (path === undefined)
    throw new Error(`KEELSON_TEST_${name} is not set: run these tests with \`npm run acceptance\``);
  return path;
}

/** A program of the folder of clients (test/conformance/clients.sh), for instance `etcd-3.4/usr/bin/etcdctl`. */
export function clientAt(path: string): string {
  const folder = process.env['KEELSON_TEST_CLIENTS'];
  if (folder === undefined)
    throw new Error('KEELSON_TEST_CLIENTS is not set: run these tests with `npm run acceptance`');
  return join(folder, path);
}

/** The compiled command line beside these compiled tests, as a user's `keelson` runs it. */
export const KEELSON = join(import.meta.dirname, '..', '..', 'cli', 'main.js');

/** A temporary folder and its removal. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'keelson-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A `keelson up` that runs. */
export class Cluster {
  readonly dataDir: string;
  #up: Running;
  #endpoints: Endpoints;
  readonly #arguments: readonly string[];

  private constructor(dataDir: string, up: Running, endpoints: Endpoints, args: readonly string[]) {
    this.dataDir = dataDir;
    this.#up = up;
    this.#endpoints = endpoints;
    this.#arguments = args;
  }

  static async start(dataDir: string, args: readonly string[] = []): Promise<Cluster> {
    const up = spawnUp(dataDir, args);
    try {
      return new Cluster(dataDir, up, await readyEndpoints(dataDir, up), args);
    } catch (error) {
      await up.stop();
      throw error;
    }
  }

  get endpoints(): Endpoints {
    return this.#endpoints;
  }

  get up(): Running {
    return this.#up;
  }

  get clientUrls(): readonly string[] {
    return this.#endpoints.members.map((member) => member.client);
  }

  /** Reads endpoints.json again: pids change when the supervisor starts a member again. */
  async refresh(): Promise<Endpoints> {
    this.#endpoints = JSON.parse(await readFile(join(this.dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
    return this.#endpoints;
  }

  etcdctl(
    args: readonly string[],
    options: { readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<RunResult> {
    return run(client('ETCDCTL'), [`--endpoints=${this.clientUrls.join(',')}`, ...args], options);
  }

  /** SIGKILL to everything at once, the supervisor first so that it starts nothing again; then a new `up` on the same folder. */
  async killAllAndRestart(): Promise<void> {
    const endpoints = await this.refresh();
    this.#up.child.kill('SIGKILL');
    for (const { pid } of [...endpoints.members, ...endpoints.apiservers]) killIfAlive(pid);
    await this.#up.stop('SIGKILL');
    this.#up = spawnUp(this.dataDir, this.#arguments);
    this.#endpoints = await readyEndpoints(this.dataDir, this.#up);
  }

  async stop(): Promise<number | null> {
    return this.#up.stop();
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

function spawnUp(dataDir: string, args: readonly string[]): Running {
  return start(process.execPath, [KEELSON, 'up', '--data-dir', dataDir, '--port', '0', ...args]);
}

/** endpoints.json is written when everything is ready; one that names dead processes is of the run before. */
async function readyEndpoints(dataDir: string, up: Running): Promise<Endpoints> {
  const started = Date.now();
  return eventually(
    '`keelson up` writes endpoints.json',
    async () => {
      if (up.child.exitCode !== null) throw new Error(`keelson up ended: ${up.errors()}`);
      const path = join(dataDir, 'endpoints.json');
      const endpoints = JSON.parse(await readFile(path, 'utf8')) as Endpoints;
      const { mtimeMs } = await import('node:fs/promises').then((fs) => fs.stat(path));
      return mtimeMs >= started && endpoints.apiservers.length > 0 ? endpoints : undefined;
    },
    { timeoutMs: 60_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${up.output()}\n${up.errors()}`);
  });
}

/** kubectl with a kubeconfig and a cache folder of its own. */
export class Kubectl {
  readonly #binary: string;
  readonly #kubeconfig: string;
  readonly #cache: string;

  constructor(binary: string, kubeconfig: string, cacheFolder: string) {
    this.#binary = binary;
    this.#kubeconfig = kubeconfig;
    this.#cache = cacheFolder;
  }

  #arguments(args: readonly string[]): readonly string[] {
    return [`--kubeconfig=${this.#kubeconfig}`, `--cache-dir=${this.#cache}`, ...args];
  }

  try(args: readonly string[], input?: string): Promise<RunResult> {
    return run(this.#binary, this.#arguments(args), input === undefined ? {} : { input });
  }

  /** Standard output of a call that must succeed. */
  async ok(args: readonly string[], input?: string): Promise<string> {
    const result = await this.try(args, input);
    if (result.code !== 0)
      throw new Error(`kubectl ${args.join(' ')} -> ${result.code}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  }

  watch(args: readonly string[]): Running {
    return start(this.#binary, this.#arguments(args));
  }
}
