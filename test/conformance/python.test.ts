import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../kit/etcd.ts';
import { run } from '../kit/process.ts';
import { python } from '../kit/python.ts';

/** Debian's python3-etcd3 (gRPC) and python3-etcd3gw (the JSON gateway): the same steps on Keelson and on etcd, the same words. */

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', 'test', 'conformance', 'python');

let folder: { readonly path: string; remove(): Promise<void> };
let stores: readonly Store[] = [];

before(async () => {
  folder = await temporaryFolder();
  stores = await Promise.all([
    startKeelson(join(folder.path, 'keelson'), 3),
    startRealEtcd(join(folder.path, 'etcd'), 3),
  ]);
});
after(async () => {
  await Promise.all(stores.map((store) => store.stop()));
  await folder?.remove();
});

for (const script of ['etcd3_steps.py', 'etcd3gw_steps.py']) {
  test(script, { timeout: 120_000 }, async (t) => {
    const [ours = [], theirs = []] = await Promise.all(
      stores.map(async (store) => {
        const { command, env } = python();
        const at = new URL(store.clientUrls[0] ?? '').host;
        const result = await run(command, [join(SCRIPTS, script), at], { env, timeoutMs: 100_000 });
        assert.equal(result.code, 0, `${result.stdout}\n${result.stderr}`);
        return result.stdout.trim().split('\n');
      }),
    );
    t.diagnostic(`${theirs.length} steps`);
    assert.deepEqual(ours, theirs);
  });
}
