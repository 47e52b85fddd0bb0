import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, start } from '../kit/process.ts';

/** Bytes of a stopped member are changed on its disk; it is mended as docs/operating/corruption.md says, by real processes. */

const TIMEOUT = { timeout: 180_000 };
const NAMES = ['m1', 'm2', 'm3'] as const;

let folder: { readonly path: string; remove(): Promise<void> };
let cluster = '';
const urls = new Map<string, { readonly client: string; readonly peer: string }>();
const running = new Map<string, Running>();

before(async () => {
  folder = await temporaryFolder();
  const ports = await freePorts(2 * NAMES.length);
  const url = (i: number): string => `http://127.0.0.1:${ports[i]}`;
  for (const [i, name] of NAMES.entries()) urls.set(name, { client: url(2 * i), peer: url(2 * i + 1) });
  cluster = NAMES.map((name) => `${name}=${urls.get(name)?.peer}`).join(',');
  for (const name of NAMES) spawn(name);
  for (const name of NAMES) await put(name, 1);
});
after(async () => {
  await Promise.all([...running.values()].map((process_) => process_.stop('SIGKILL')));
  await folder?.remove();
});

function spawn(name: string): Running {
  const { client = '', peer = '' } = urls.get(name) ?? {};
  const process_ = start(process.execPath, [
    ...[KEELSON, 'member', '--name', name, '--data-dir', join(folder.path, name)],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', cluster, '--snapshot-count', '200'],
  ]);
  running.set(name, process_);
  return process_;
}

function connect(name: string): ReturnType<typeof connectKvClient> {
  return connectKvClient({ endpoints: [urls.get(name)?.client ?? ''] });
}

async function put(name: string, count: number): Promise<void> {
  const client = connect(name);
  try {
    for (let i = 0; i < count; i++) {
      const request = { ...EMPTY_PUT_REQUEST, key: `${name}/${i}`, value: Buffer.alloc(200, i) };
      await eventually('a write', () => client.put(request, { timeoutMs: 5000 }), { timeoutMs: 60_000 });
    }
  } finally {
    await client.close();
  }
}

async function assertEqual(): Promise<void> {
  await eventually(
    'equal hashes at equal revisions',
    async () => {
      const answers = await Promise.all(
        NAMES.map(async (name) => {
          const client = connect(name);
          try {
            const { hash, header } = await client.hashKv({ revision: 0 }, { timeoutMs: 5000 });
            return `${header?.revision} ${hash}`;
          } finally {
            await client.close();
          }
        }),
      );
      return new Set(answers).size === 1 ? true : undefined;
    },
    { timeoutMs: 60_000 },
  );
}

async function flip(path: string, share: number): Promise<void> {
  const bytes = await readFile(path);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1; // the log reserves space ahead
  const at = Math.floor(end * share);
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  await writeFile(path, bytes);
}

async function exitOf({ child }: Running): Promise<number> {
  return eventually('the end of the process', () => child.exitCode ?? undefined, { timeoutMs: 60_000 });
}

test('a damaged log: the member names the command, which takes up where it was stopped', TIMEOUT, async () => {
  await put('m3', 100);
  await running.get('m3')?.stop();
  const wal = join(folder.path, 'm3', 'wal');
  const [segment = ''] = (await readdir(wal)).filter((name) => name.endsWith('.wal'));
  await flip(join(wal, segment), 0.5);
  const refused = spawn('m3');
  assert.equal(await exitOf(refused), 5);
  const [, command = ''] = /On this machine: keelson (cluster rebuild [^"\n]*)/.exec(refused.errors()) ?? [];
  assert.ok(command.includes(`${urls.get('m1')?.client}`) && command.includes(`${urls.get('m2')?.client}`), command);

  const first = start(process.execPath, [KEELSON, ...command.trim().split(' ')]);
  await first.waitFor(/adding m3 as a learner/, 60_000);
  await first.stop('SIGKILL');
  const second = start(process.execPath, [KEELSON, ...command.trim().split(' ')]);
  await second.waitFor(/start m3 now/, 60_000);
  assert.match(second.output(), /the old data lies in .*m3\.damaged-1/);
  spawn('m3');
  await second.waitFor(/^done: /m, 60_000);
  assert.equal(await exitOf(second), 0);
  assert.deepEqual((await readdir(folder.path)).sort(), ['m1', 'm2', 'm3', 'm3.damaged-1']);
  await put('m3', 5);
  await assertEqual();
});

test('a damaged database: the member takes the state of another one by itself, and says so', TIMEOUT, async () => {
  await put('m2', 300);
  await running.get('m2')?.stop();
  const database = join(folder.path, 'm2', 'backend', '1');
  const files = (await readdir(database)).filter((name) => name.startsWith('MANIFEST'));
  for (const name of files) await flip(join(database, name), 0.3);
  const process_ = spawn('m2');
  await process_.waitFor(/"rebuilt"/, 60_000);
  assert.match(process_.errors(), /backend\/damaged-1/);
  await put('m2', 5);
  await assertEqual();
});
