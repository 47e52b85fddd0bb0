import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { client, Kubectl } from '../../kit/cluster.ts';
import { freePorts } from '../../kit/ports.ts';
import { eventually, type Running, start } from '../../kit/process.ts';

const TOKEN = 'a-token-of-the-test';

/** The path of the kube-apiserver to test with, when this machine has one. */
export const KUBE_APISERVER = process.env['KEELSON_TEST_KUBE_APISERVER'];

/** A kube-apiserver that runs on some store, and a kubectl that knows it. */
export interface KubeApiserver {
  readonly api: KubeApi;
  readonly kubectl: Kubectl;
  readonly process: Running;
  stop(): Promise<void>;
}

/** Starts an unmodified kube-apiserver with everything at its defaults but where it listens, and how long events live. */
export async function startKubeApiserver(folder: string, etcdServers: readonly string[]): Promise<KubeApiserver> {
  await mkdir(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const [keyFile, tokenFile, kubeconfig] = [join(folder, 'sa.key'), join(folder, 'tokens'), join(folder, 'kubeconfig')];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(tokenFile, `${TOKEN},admin,admin,system:masters\n`);
  await writeFile(kubeconfig, kubeconfigOf(`https://127.0.0.1:${port}`));
  const process = start(KUBE_APISERVER ?? '', [
    `--etcd-servers=${etcdServers.join(',')}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${join(folder, 'certs')}`],
    ...['--advertise-address=192.0.2.10', '--service-cluster-ip-range=10.0.0.0/24', `--token-auth-file=${tokenFile}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-signing-key-file=${keyFile}`],
    ...[`--service-account-key-file=${keyFile}`, '--authorization-mode=RBAC', '--event-ttl=15s'],
    // No controller fills in service accounts here; pods are to be created all the same.
    ...['--disable-admission-plugins=ServiceAccount', '--etcd-compaction-interval=20s'],
  ]);
  const api = new KubeApi(port);
  try {
    await eventually(
      'kube-apiserver is ready',
      async () => {
        if (process.child.exitCode !== null) throw new Error('kube-apiserver ended');
        return (await api.call('GET', '/readyz')).status === 200 ? true : undefined;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  } catch (error) {
    await process.stop('SIGKILL');
    throw new Error(`${String(error)}\n${process.errors().slice(-3000)}`);
  }
  return {
    api,
    kubectl: new Kubectl(client('KUBECTL'), kubeconfig, join(folder, 'cache')),
    process,
    stop: async () => {
      api.close();
      await process.stop();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: KubeObject;
}

/** As much of an object as is looked at here. */
export interface KubeObject {
  readonly kind?: string;
  readonly message?: string;
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string; readonly continue?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly items?: readonly KubeObject[];
}

/** The Kubernetes API without a client's retries: every answer is seen as it is. */
export class KubeApi {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  constructor(port: number) {
    this.#port = port;
  }

  async call(method: string, path: string, body?: object): Promise<Answer> {
    const response = await this.#open(method, path, body, 20_000);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const isJson = response.headers['content-type']?.startsWith('application/json');
    return { status: response.statusCode ?? 0, body: isJson ? (JSON.parse(text) as KubeObject) : {} };
  }

  /** The lines of a watch until `signal`, or until the server ends it. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<{ type: string; object: KubeObject }> {
    const response = await this.#open('GET', path, undefined, 0);
    signal.addEventListener('abort', () => response.destroy());
    let rest = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as { type: string; object: KubeObject };
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(method: string, path: string, body: object | undefined, timeoutMs: number): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request({
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        agent: this.#agent,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...(timeoutMs === 0 ? {} : { timeout: timeoutMs }),
      });
      call.on('response', resolve).on('error', reject);
      call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: TOKEN } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
