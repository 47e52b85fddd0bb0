import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Prng } from '../../base/prng.ts';
import { InformersWorkload } from '../../chaos/cluster/kubernetes/informers.ts';
import { LeaderElectionWorkload } from '../../chaos/cluster/kubernetes/leader-election.ts';
import { NamespacesWorkload } from '../../chaos/cluster/kubernetes/namespaces.ts';
import { ObjectsWorkload } from '../../chaos/cluster/kubernetes/objects.ts';
import type { ClusterUnderTest } from '../../chaos/cluster/workload.ts';
import { untilReady } from '../../cli/up/ready.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import { Cluster, temporaryFolder } from '../kit/cluster.ts';

/** Kubernetes clients at work while API servers and members are killed: nothing acknowledged is lost, no cache is wrong, nobody leads twice, nothing is left behind. */

const SEED = Number(process.env['KEELSON_TEST_SEED'] ?? 7);
const RUN_MS = Number(process.env['KEELSON_TEST_CHAOS_MS'] ?? 20_000);
/** On a slow machine it lasts longer, until there were some kills. */
const LONGEST_MS = 90_000;
const ENOUGH_KILLS = 4;
const COMPACT_MS = 3_000;

let folder: { readonly path: string; remove(): Promise<void> };
let cluster: Cluster;

before(async () => {
  folder = await temporaryFolder();
  cluster = await Cluster.start(join(folder.path, 'data'));
});
after(async () => {
  await cluster?.stop();
  await folder?.remove();
});

async function underTest(): Promise<ClusterUnderTest> {
  const { members, apiservers, kubeconfig } = cluster.endpoints;
  const text = await readFile(kubeconfig, 'utf8');
  const pem = (name: string): string => {
    const base64 = new RegExp(`${name}: "?([A-Za-z0-9+/=]+)`).exec(text)?.[1];
    assert.ok(base64 !== undefined, `${name} in the kubeconfig`);
    return Buffer.from(base64, 'base64').toString('utf8');
  };
  return {
    members: members.map(({ client }) => client),
    apiservers: apiservers.map(({ url }) => url),
    credentials: {
      ca: pem('certificate-authority-data'),
      cert: pem('client-certificate-data'),
      key: pem('client-key-data'),
    },
  };
}

/**
 * In turn an API server and a member, any of them; the supervisor starts it again, and only then comes the next: however slow the machine, the rest goes
 * on. It takes its time, and longer when there were too few kills in it.
 */
async function killSome({ credentials }: ClusterUnderTest): Promise<number> {
  const prng = new Prng(SEED);
  const startMs = Date.now();
  const isOver = (kills: number): boolean => Date.now() - startMs > (kills < ENOUGH_KILLS ? LONGEST_MS : RUN_MS);
  let kills = 0;
  for (; !isOver(kills); kills++) {
    await delay(prng.between(1_000, 2_500));
    const { apiservers, members } = await cluster.refresh();
    const victims =
      kills % 2 === 0
        ? apiservers.map(({ pid, url }) => ({ pid, health: `${url}/readyz` }))
        : members.map(({ pid, client }) => ({ pid, health: `${client}/health` }));
    const { pid, health } = prng.pick(victims);
    process.kill(pid, 'SIGKILL');
    await untilReady(health, AbortSignal.timeout(LONGEST_MS), credentials?.ca);
  }
  return kills;
}

/** The store forgets what was, again and again: watches and continued lists must be told so (410), and never a part. */
async function compactNow(target: ClusterUnderTest, until: AbortSignal): Promise<void> {
  const kv = connectKvClient({ endpoints: target.members });
  while (!until.aborted) {
    await delay(COMPACT_MS, undefined, { signal: until }).catch(() => undefined);
    const status = await kv.status({ timeoutMs: 2_000 }).catch(() => undefined);
    const revision = status?.header?.revision ?? 0;
    await kv.compact({ revision, physical: false }, { timeoutMs: 2_000 }).catch(() => undefined); // a dead leader compacts nothing
  }
  await kv.close();
}

test('objects, informers, leader election and namespaces while API servers and members are killed', async (t) => {
  const target = await underTest();
  const informers = new InformersWorkload({ seed: SEED });
  const election = new LeaderElectionWorkload();
  const namespaces = new NamespacesWorkload({ seed: SEED, clients: 1 });
  const workloads = [new ObjectsWorkload({ seed: SEED }), informers, election, namespaces];
  const stop = new AbortController();
  const [kills] = await Promise.all([
    killSome(target).finally(() => stop.abort()),
    compactNow(target, stop.signal),
    ...workloads.map((workload) => workload.run(target, stop.signal)),
  ]);
  const violations: string[] = [];
  for (const workload of workloads) {
    for (const line of await workload.check(target)) violations.push(`${workload.name}: ${line}`);
    t.diagnostic(`${workload.name}: ${JSON.stringify(workload.count())}`);
  }
  t.diagnostic(`${kills} kills; informers: ${JSON.stringify(informers.told())}; ${election.terms()} terms`);
  assert.deepEqual(violations, []);
  for (const workload of workloads)
    assert.ok(
      workload.count().acknowledged > 0,
      `${workload.name} got something done: ${JSON.stringify(workload.count())}`,
    );
  assert.ok(kills >= ENOUGH_KILLS, `there was chaos: ${kills} kills`);
});
