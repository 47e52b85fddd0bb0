import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real etcd in a process of its own. */
export interface RealEtcd {
  readonly clientUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;

/** The binary that $KEELSON_TEST_ETCD names; undefined (and the test skips) where there is none. */
export const etcdBinary: string | undefined = process.env['KEELSON_TEST_ETCD'];
export const etcdctlBinary: string | undefined = process.env['KEELSON_TEST_ETCDCTL'];

/** Starts a one-member etcd on free ports with an empty data directory; ready when it answers /health. */
export async function startEtcd(extraArguments: readonly string[] = []): Promise<RealEtcd> {
  if (etcdBinary === undefined) throw new TypeError('KEELSON_TEST_ETCD is not set');
  const dataDir = await mkdtemp(join(tmpdir(), 'keelson-etcd-'));
  const [client, peer] = [await freePort(), await freePort()];
  const clientUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const child = spawn(
    etcdBinary,
    [
      ...['--name', 'real', '--data-dir', dataDir, '--log-level', 'error'],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...[
        '--listen-peer-urls',
        peerUrl,
        '--initial-advertise-peer-urls',
        peerUrl,
        '--initial-cluster',
        `real=${peerUrl}`,
      ],
      ...['--unsafe-no-fsync', ...extraArguments],
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await untilHealthy(clientUrl);
  } catch (error) {
    await stop();
    throw error;
  }
  return { clientUrl, pid: child.pid ?? 0, stop };
}

/** Runs etcdctl against `endpoint`; what it printed, or an error with what it complained about. */
export function etcdctl(endpoint: string, ...words: string[]): string {
  if (etcdctlBinary === undefined) throw new TypeError('KEELSON_TEST_ETCDCTL is not set');
  return execFileSync(etcdctlBinary, ['--endpoints', endpoint, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
    timeout: START_TIMEOUT_MS,
  });
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** A port that was free a moment ago on 127.0.0.1. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    if (Date.now() > deadline) throw new TypeError(`etcd at ${url} did not become healthy`);
    await sleep(50);
  }
}
