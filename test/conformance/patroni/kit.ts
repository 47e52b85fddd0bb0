import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientAt } from '../../kit/cluster.ts';
import { freePorts } from '../../kit/ports.ts';
import { type Running, type RunResult, run, start } from '../../kit/process.ts';
import { python, TRIPLET } from '../../kit/python.ts';

/** PostgreSQL refuses to run as root: whoever is root runs it as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const PASSWORD = 'of-the-test';

/** How a cluster of Patroni behaves in time, in seconds; `ttl` is the least it takes. */
export const TIMING = { ttl: 20, loop_wait: 2, retry_timeout: 5 };

/** What `GET /cluster` tells of one member. */
export interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
}

/** A Patroni with its PostgreSQL, Debian's, whose cluster state is in the store. */
export class PatroniNode {
  readonly name: string;
  readonly #folder: string;
  readonly #ports: { readonly rest: number; readonly sql: number };
  #process: Running | undefined;

  private constructor(name: string, folder: string, ports: { readonly rest: number; readonly sql: number }) {
    this.name = name;
    this.#folder = folder;
    this.#ports = ports;
  }

  static async create(parent: string, name: string, etcdHosts: readonly string[]): Promise<PatroniNode> {
    const [rest = 0, sql = 0] = await freePorts(2);
    const folder = join(parent, name);
    await mkdir(folder, { recursive: true });
    await chmod(parent, 0o755);
    if (NOBODY !== undefined) await chown(folder, NOBODY.uid, NOBODY.gid);
    const node = new PatroniNode(name, folder, { rest, sql });
    // YAML is what Patroni reads, and JSON is YAML.
    await writeFile(join(folder, 'patroni.yml'), JSON.stringify(node.#configuration(etcdHosts)));
    return node;
  }

  start(): void {
    const { command, env } = environment();
    this.#process = start(command, [join(clientAt('python'), 'usr/bin/patroni'), join(this.#folder, 'patroni.yml')], {
      env,
      cwd: this.#folder,
      ...(NOBODY === undefined ? {} : { as: NOBODY }),
    });
  }

  /** The status of a question about its role: `/primary` and `/replica` answer 200 or 503. */
  async is(role: 'primary' | 'replica'): Promise<boolean> {
    return (await this.#ask(`/${role}`))?.status === 200;
  }

  /** The cluster as this node sees it; undefined while it does not answer. */
  async cluster(): Promise<readonly PatroniMember[] | undefined> {
    const answer = await this.#ask('/cluster');
    return ((await answer?.json()) as { members?: PatroniMember[] } | undefined)?.members;
  }

  /** Runs SQL on this node's PostgreSQL. */
  sql(statement: string): Promise<RunResult> {
    const psql = join(clientAt('postgres'), 'usr/lib/postgresql/15/bin/psql');
    const target = `host=127.0.0.1 port=${this.#ports.sql} user=postgres dbname=postgres connect_timeout=2`;
    return run(psql, ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement, target], {
      env: { ...environment().env, PGPASSWORD: PASSWORD },
      timeoutMs: 10_000,
    });
  }

  /** What Patroni and its PostgreSQL wrote into their logs. */
  log(): string {
    return `${this.#process?.output() ?? ''}${this.#process?.errors() ?? ''}`;
  }

  /** Power is cut: Patroni and its PostgreSQL die at once. */
  async kill(): Promise<void> {
    const postmaster = await this.sql("select pg_read_file('postmaster.pid')");
    this.#process?.child.kill('SIGKILL');
    const pid = Number(postmaster.stdout.split('\n')[0]);
    if (Number.isSafeInteger(pid) && pid > 1) process.kill(pid, 'SIGKILL');
    await this.#process?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGTERM');
  }

  async #ask(path: string): Promise<Response | undefined> {
    const signal = AbortSignal.timeout(5_000);
    return fetch(`http://127.0.0.1:${this.#ports.rest}${path}`, { signal }).catch(() => undefined);
  }

  #configuration(etcdHosts: readonly string[]): object {
    const postgres = clientAt('postgres');
    return {
      scope: 'shop',
      name: this.name,
      restapi: { listen: `127.0.0.1:${this.#ports.rest}`, connect_address: `127.0.0.1:${this.#ports.rest}` },
      etcd3: { hosts: etcdHosts },
      bootstrap: { dcs: TIMING, initdb: [{ encoding: 'UTF8' }, { locale: 'C' }] },
      postgresql: {
        listen: `127.0.0.1:${this.#ports.sql}`,
        connect_address: `127.0.0.1:${this.#ports.sql}`,
        data_dir: join(this.#folder, 'data'),
        bin_dir: join(postgres, 'usr/lib/postgresql/15/bin'),
        pgpass: join(this.#folder, 'pgpass'),
        authentication: {
          superuser: { username: 'postgres', password: PASSWORD },
          replication: { username: 'replicator', password: PASSWORD },
        },
        pg_hba: [
          'host all all 127.0.0.1/32 md5',
          'host replication replicator 127.0.0.1/32 md5',
          'local all all trust',
        ],
        parameters: {
          unix_socket_directories: this.#folder,
          timezone: 'GMT',
          log_timezone: 'GMT',
          shared_buffers: '16MB',
        },
      },
    };
  }
}

/** Python with its libraries, and PostgreSQL's besides. */
function environment(): { readonly command: string; readonly env: Readonly<Record<string, string>> } {
  const { command, env } = python();
  const libraries = ['usr/lib', 'lib'].map((folder) => join(clientAt('postgres'), folder, TRIPLET));
  return { command, env: { ...env, LD_LIBRARY_PATH: [env['LD_LIBRARY_PATH'], ...libraries].join(':') } };
}
