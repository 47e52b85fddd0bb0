import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { client, KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, type RunResult, run, start } from '../kit/process.ts';
import { contentOf, Writers } from '../kit/writers.ts';

/**
 * Members come and go, by etcdctl and by `keelson cluster replace`, while writers write: the quorum is kept, nothing acknowledged is lost,
 * who was removed stays out.
 */

const TIMEOUT = { timeout: 120_000 };

interface Node {
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  process: Running;
}

let folder: { readonly path: string; remove(): Promise<void> };
let ports: number[] = [];
const nodes = new Map<string, Node>();

before(async () => {
  folder = await temporaryFolder();
  ports = [...(await freePorts(16))];
  const founders = ['m1', 'm2', 'm3'].map((name) => ({ name, ...urls() }));
  const cluster = founders.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',');
  for (const founder of founders) spawn(founder, { cluster, state: 'new' });
  await healthy('m1', 'm2', 'm3');
});
after(async () => {
  await Promise.all([...nodes.values()].map((node) => node.process.stop('SIGKILL')));
  await folder?.remove();
});

function urls(): { readonly clientUrl: string; readonly peerUrl: string } {
  const [a, b] = [ports.shift(), ports.shift()];
  return { clientUrl: `http://127.0.0.1:${a}`, peerUrl: `http://127.0.0.1:${b}` };
}

function spawn(
  { name, clientUrl, peerUrl }: Omit<Node, 'process'>,
  { cluster, state }: { readonly cluster: string; readonly state: 'new' | 'existing' },
): Node {
  const process_ = start(process.execPath, [
    ...[KEELSON, 'member', '--name', name, '--data-dir', join(folder.path, name)],
    ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster', cluster, '--initial-cluster-state', state, '--snapshot-count', '200'],
  ]);
  const node = { name, clientUrl, peerUrl, process: process_ };
  nodes.set(name, node);
  return node;
}

function nodeOf(name: string): Node {
  const node = nodes.get(name);
  if (node === undefined) throw new TypeError(`${name} was never started`);
  return node;
}

function endpoints(...names: readonly string[]): string {
  return names.map((name) => nodeOf(name).clientUrl).join(',');
}

function etcdctl(names: readonly string[], args: readonly string[]): Promise<RunResult> {
  return run(client('ETCDCTL'), [`--endpoints=${endpoints(...names)}`, ...args], { timeoutMs: 20_000 });
}

/** Until it says yes: changes of members are refused while connections are young. */
async function etcdctlOk(names: readonly string[], args: readonly string[]): Promise<string> {
  return eventually(
    `etcdctl ${args.join(' ')}`,
    async () => {
      const { code, stdout, stderr } = await etcdctl(names, args);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    },
    { timeoutMs: 30_000, everyMs: 500 },
  );
}

/** The exit code of a process that ends by itself. */
function exitOf(running: Running): Promise<number> {
  return eventually('the process ends', () => running.child.exitCode ?? undefined, { timeoutMs: 15_000 });
}

async function healthy(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await eventually(
      `${name} is healthy`,
      async () => ((await fetch(`${nodeOf(name).clientUrl}/health`)).ok ? true : undefined),
      { timeoutMs: 20_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${nodeOf(name).process.errors().slice(-3000)}`);
    });
  }
}

interface Listed {
  readonly id: string;
  readonly isStarted: boolean;
  readonly name: string;
  readonly peerUrl: string;
  readonly isLearner: boolean;
}

async function list(...names: readonly string[]): Promise<readonly Listed[]> {
  const text = await etcdctlOk(names, ['member', 'list']);
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', status, name = '', peerUrl = '', , learner] = line.split(', ');
      return { id, isStarted: status === 'started', name, peerUrl, isLearner: learner === 'true' };
    });
}

async function idOf(name: string, ...asked: readonly string[]): Promise<string> {
  const found = (await list(...asked)).find((member) => member.name === name);
  return found?.id ?? '';
}

async function leaderOf(...names: readonly string[]): Promise<string> {
  for (const name of names) {
    const { stdout } = await etcdctl([name], ['endpoint', 'status']);
    if (stdout.split(', ')[4] === 'true') return name;
  }
  return '';
}

async function assertAllThere(writers: Writers, prefix: string, ...names: readonly string[]): Promise<void> {
  const acknowledged = await writers.stop();
  assert.ok(acknowledged.length > 50, `the writers wrote (${acknowledged.length})`);
  for (const name of names) {
    await eventually(
      `every acknowledged write on ${name}`,
      async () => {
        const content = await contentOf(nodeOf(name).clientUrl, prefix);
        return acknowledged.every(({ key, value }) => content.get(key) === value) ? true : undefined;
      },
      { timeoutMs: 20_000, everyMs: 300 },
    );
  }
}

test(
  'a learner is added, catches up by a snapshot, is promoted; leadership moves to it and back',
  TIMEOUT,
  async () => {
    const writers = new Writers([nodeOf('m1').clientUrl, nodeOf('m2').clientUrl], { writers: 4, prefix: 'add/' });
    try {
      const m4 = { name: 'm4', ...urls() };
      const added = await etcdctlOk(['m1'], ['member', 'add', 'm4', '--learner', `--peer-urls=${m4.peerUrl}`]);
      const cluster = /ETCD_INITIAL_CLUSTER="(.*)"/.exec(added)?.[1] ?? '';
      const again = await etcdctl(['m2'], ['member', 'add', 'm4', '--learner', `--peer-urls=${m4.peerUrl}`]);
      assert.match(
        again.stderr,
        /FailedPrecondition desc = etcdserver: (Peer URLs already exists|member ID already exist)/,
      );
      const other = await etcdctl(['m2'], ['member', 'add', 'm9', '--learner', '--peer-urls=http://127.0.0.1:1']);
      assert.match(other.stderr, /FailedPrecondition desc = etcdserver: too many learner members in cluster/);
      const { id } = (await list('m1')).find(({ peerUrl }) => peerUrl === m4.peerUrl) ?? { id: '' };
      const early = await etcdctl(['m1'], ['member', 'promote', id]);
      assert.match(
        early.stderr,
        /FailedPrecondition desc = etcdserver: can only promote a learner member which is in sync/,
      );
      spawn(m4, { cluster, state: 'existing' });
      await eventually('m4 has started', async () => (await list('m1')).find((m) => m.id === id && m.isStarted), {
        timeoutMs: 20_000,
      });
      const refused = await etcdctl(['m4'], ['put', 'a', 'b']);
      assert.match(refused.stderr, /etcdserver: rpc not supported for learner/);
      await etcdctlOk(['m2'], ['member', 'promote', id]);
      const voter = await etcdctl(['m1'], ['member', 'promote', id]);
      assert.match(voter.stderr, /FailedPrecondition desc = etcdserver: can only promote a learner member/);
      await healthy('m4');
      const leader = await leaderOf('m1', 'm2', 'm3', 'm4');
      await etcdctlOk(['m1', 'm2', 'm3', 'm4'], ['move-leader', id]);
      assert.equal(await leaderOf('m4'), 'm4');
      await etcdctlOk(['m1', 'm2', 'm3', 'm4'], ['move-leader', await idOf(leader, 'm1')]);
      const unknown = await etcdctl(['m1', 'm2', 'm3', 'm4'], ['move-leader', '1234']);
      assert.match(unknown.stderr, /FailedPrecondition desc = etcdserver: bad leader transferee/);
      await assertAllThere(writers, 'add/', 'm1', 'm2', 'm3', 'm4');
    } finally {
      await writers.stop();
    }
  },
);

test('a member is updated; a removed one stops, and stays out when it is started again', TIMEOUT, async () => {
  const writers = new Writers([nodeOf('m1').clientUrl, nodeOf('m2').clientUrl], { writers: 4, prefix: 'remove/' });
  try {
    const m4 = nodeOf('m4');
    const id = await idOf('m4', 'm1');
    const taken = await etcdctl(['m1'], ['member', 'update', id, `--peer-urls=${nodeOf('m1').peerUrl}`]);
    assert.match(taken.stderr, /etcdserver: Peer URLs already exists/);
    await etcdctlOk(['m1'], ['member', 'update', id, `--peer-urls=${m4.peerUrl},http://127.0.0.1:1`]);
    await etcdctlOk(['m1'], ['member', 'update', id, `--peer-urls=${m4.peerUrl}`]);
    await etcdctlOk(['m1'], ['member', 'remove', id]);
    const gone = await etcdctl(['m1'], ['member', 'remove', id]);
    assert.match(gone.stderr, /NotFound desc = etcdserver: member not found/);
    await eventually('m4 stops', () => (m4.process.child.exitCode === 3 ? true : undefined), { timeoutMs: 15_000 });
    const restarted = spawn(m4, { cluster: `m4=${m4.peerUrl}`, state: 'new' });
    await restarted.process.waitFor(/^keelson: this member has been removed from its cluster for good/m, 10_000);
    assert.equal(await exitOf(restarted.process), 3);
    await assertAllThere(writers, 'remove/', 'm1', 'm2', 'm3');
  } finally {
    await writers.stop();
  }
});

test('a member that lost its data directory may not come back as if nothing had happened', TIMEOUT, async () => {
  const m3 = nodeOf('m3');
  await m3.process.stop('SIGKILL');
  const cluster = ['m1', 'm2', 'm3'].map((name) => `${name}=${nodeOf(name).peerUrl}`).join(',');
  for (const state of ['new', 'existing'] as const) {
    const empty = { ...m3, name: 'm3' };
    const process_ = start(process.execPath, [
      ...[KEELSON, 'member', '--name', 'm3', '--data-dir', join(folder.path, `empty-${state}`)],
      ...['--listen-client-urls', empty.clientUrl, '--listen-peer-urls', empty.peerUrl],
      ...['--initial-cluster', cluster, '--initial-cluster-state', state],
    ]);
    await process_.waitFor(/has already been bootstrapped/, 15_000);
    assert.equal(await exitOf(process_), 1);
  }
});

test('a dead member is replaced by one command, under writes', TIMEOUT, async () => {
  const writers = new Writers([nodeOf('m1').clientUrl, nodeOf('m2').clientUrl], { writers: 4, prefix: 'replace/' });
  try {
    const m5 = { name: 'm5', ...urls() };
    const args = ['--dead', 'm3', '--name', 'm5', '--peer-url', m5.peerUrl];
    const replace = start(process.execPath, [
      ...[KEELSON, 'cluster', 'replace', '--endpoints', endpoints('m1', 'm2'), ...args],
    ]);
    await replace.waitFor(/start it now/, 40_000);
    const cluster = /--initial-cluster (\S+)/.exec(replace.output())?.[1] ?? '';
    spawn(m5, { cluster, state: 'existing' });
    await replace.waitFor(/^done: /m, 30_000);
    assert.equal(await exitOf(replace), 0);
    const members = await list('m1');
    assert.deepEqual(members.map(({ name }) => name).sort(), ['m1', 'm2', 'm5']);
    assert.ok(members.every(({ isLearner }) => !isLearner));
    await assertAllThere(writers, 'replace/', 'm1', 'm2', 'm5');
  } finally {
    await writers.stop();
  }
});

test('a leader that is alive is replaced: it hands over, and goes last', TIMEOUT, async () => {
  const leader = await leaderOf('m1', 'm2', 'm5');
  const others = ['m1', 'm2', 'm5'].filter((name) => name !== leader);
  const writers = new Writers(
    others.map((name) => nodeOf(name).clientUrl),
    { writers: 4, prefix: 'alive/' },
  );
  try {
    const m6 = { name: 'm6', ...urls() };
    const args = ['--dead', await idOf(leader, 'm1'), '--name', 'm6', '--peer-url', m6.peerUrl];
    const replace = start(process.execPath, [
      ...[KEELSON, 'cluster', 'replace', '--endpoints', endpoints(...others), ...args],
    ]);
    await replace.waitFor(/start it now/, 40_000);
    spawn(m6, { cluster: /--initial-cluster (\S+)/.exec(replace.output())?.[1] ?? '', state: 'existing' });
    await replace.waitFor(/^done: /m, 30_000);
    assert.equal(await exitOf(replace), 0);
    assert.match(replace.output(), /answers: it stays until its successor votes/);
    assert.match(replace.output(), /leads: handing over to m6/);
    await eventually('the old leader stops', () => nodeOf(leader).process.child.exitCode ?? undefined, {
      timeoutMs: 15_000,
    });
    await assertAllThere(writers, 'alive/', ...others, 'm6');
    const hashes = await etcdctlOk([...others, 'm6'], ['endpoint', 'hashkv']);
    assert.equal(
      new Set(
        hashes
          .trim()
          .split('\n')
          .map((line) => line.split(', ')[1]),
      ).size,
      1,
    );
  } finally {
    await writers.stop();
  }
});

test('with one member down nobody is added, and nobody removed who is needed', TIMEOUT, async () => {
  const names = (await list('m6')).map(({ name }) => name);
  const [down = ''] = names.filter((name) => name !== 'm6');
  await delay(5_500); // connections count when they have lasted
  await nodeOf(down).process.stop('SIGKILL');
  const added = await etcdctl(['m6'], ['member', 'add', 'm9', '--peer-urls=http://127.0.0.1:1']);
  assert.match(added.stderr, /Unavailable desc = etcdserver: unhealthy cluster/);
  const removed = await etcdctl(['m6'], ['member', 'remove', await idOf('m6', 'm6')]);
  assert.match(removed.stderr, /Unavailable desc = etcdserver: unhealthy cluster/);
});
