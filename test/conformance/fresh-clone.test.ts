import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, type Endpoints, Kubectl, temporaryFolder } from '../kit/cluster.ts';
import { eventually, run, start } from '../kit/process.ts';

const pids = (endpoints: Endpoints): readonly number[] =>
  [...endpoints.members, ...endpoints.apiservers].map(({ pid }) => pid);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The main path: a fresh clone and `npm start`, nothing else. */
test('a fresh clone runs with npm start', { skip: existsSync('.git') ? false : 'not a checkout' }, async () => {
  const folder = await temporaryFolder();
  const clone = join(folder.path, 'clone');
  const data = join(folder.path, 'data');
  assert.equal((await run('git', ['clone', '--quiet', process.cwd(), clone])).code, 0);
  const up = start('npm', ['start', '--', '--port', '0', '--data-dir', data], { cwd: clone });
  try {
    const endpoints = await eventually(
      'npm start is ready',
      async () => {
        if (up.child.exitCode !== null) throw new Error(up.errors());
        return JSON.parse(await readFile(join(data, 'endpoints.json'), 'utf8')) as Endpoints;
      },
      { timeoutMs: 240_000, everyMs: 250 },
    );
    const urls = endpoints.members.map((m) => m.client).join(',');
    assert.equal((await run(client('ETCDCTL'), [`--endpoints=${urls}`, 'put', 'a', 'b'])).stdout, 'OK\n');
    const kubectl = new Kubectl(client('KUBECTL'), endpoints.kubeconfig, join(folder.path, 'cache'));
    assert.match(await kubectl.ok(['get', 'namespaces']), /default +Active/);
    await up.stop();
    await eventually(
      'everything that npm start started is gone',
      () => (pids(endpoints).some(isAlive) ? undefined : true),
      {
        timeoutMs: 20_000,
      },
    );
  } finally {
    await up.stop();
    await folder.remove();
  }
});
