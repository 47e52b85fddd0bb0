import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clientAt, temporaryFolder } from '../../kit/cluster.ts';
import { leaderOf, type Store, startKeelson, startRealEtcd } from '../../kit/etcd.ts';
import { start } from '../../kit/process.ts';
import { python } from '../../kit/python.ts';

/**
 * Client libraries: Debian's python3-etcd3 (gRPC) and python3-etcd3gw (the JSON gateway), and npm's etcd3. Each takes the same steps on
 * three members of Keelson and of etcd, and comes to the same words.
 */

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', '..', 'test', 'conformance', 'libraries');

interface Library {
  readonly script: string;
  readonly command: () => { readonly command: string; readonly env: Readonly<Record<string, string>> };
  readonly args: (store: Store) => readonly string[];
}

const hosts = (store: Store): readonly string[] => store.clientUrls.map((url) => new URL(url).host);
const LIBRARIES: readonly Library[] = [
  { script: 'etcd3_steps.py', command: python, args: (store) => hosts(store).slice(0, 1) },
  { script: 'etcd3gw_steps.py', command: python, args: (store) => hosts(store).slice(0, 1) },
  {
    script: 'etcd3_npm_steps.mjs',
    command: () => ({ command: process.execPath, env: {} }),
    args: (store) => [hosts(store).join(','), clientAt('npm/node_modules/etcd3/lib/index.js')],
  },
];

let folder: { readonly path: string; remove(): Promise<void> };
let stores: readonly Store[] = [];

before(async () => {
  folder = await temporaryFolder();
  stores = await Promise.all([
    startKeelson(join(folder.path, 'keelson'), 3, ['--bcrypt-cost', '4']),
    startRealEtcd(join(folder.path, 'etcd'), 3, { args: ['--bcrypt-cost', '4'] }),
  ]);
});
after(async () => {
  await Promise.all(stores.map((store) => store.stop()));
  await folder?.remove();
});

for (const library of LIBRARIES) {
  test(library.script, { timeout: 180_000 }, async (t) => {
    const [ours = [], theirs = []] = await Promise.all(stores.map((store) => steps(library, store)));
    t.diagnostic(`${theirs.length} steps`);
    assert.deepEqual(ours, theirs);
  });
}

/** The lines of a script; where it says `kill`, the leader is killed, and it goes on. */
async function steps(library: Library, store: Store): Promise<readonly string[]> {
  const { command, env } = library.command();
  const script = start(command, [join(SCRIPTS, library.script), ...library.args(store)], { env });
  const ended = new Promise<number | null>((resolve) => script.child.once('close', resolve));
  try {
    await Promise.race([script.waitFor(/"step":"kill"/, 150_000).catch(() => undefined), ended]);
    if (script.child.exitCode === null) {
      const leader = await leaderOf(store);
      process.kill(store.processes[leader]?.pid ?? 0, 'SIGKILL');
      script.child.stdin?.write('\n');
    }
    const code = await ended;
    assert.equal(code, 0, `${script.output()}\n${script.errors()}`);
    return script.output().trim().split('\n');
  } finally {
    await script.stop('SIGKILL');
  }
}
