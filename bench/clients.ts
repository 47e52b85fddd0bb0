import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { client } from '../test/kit/cluster.ts';

/** Fetches the real clients, as the acceptance tests have them, and says where they are. Throws with what to do when that fails. */
export function installClients(): void {
  if (process.env['KEELSON_TEST_ETCD'] !== undefined) return;
  const clients = spawnSync('bash', [join('test', 'conformance', 'clients.sh'), '--env'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const line of clients.status === 0 ? clients.stdout.trim().split('\n') : []) {
    const [name, value] = line.split('=');
    if (name !== undefined && value !== undefined) process.env[name] = value;
  }
  client('ETCD');
}
