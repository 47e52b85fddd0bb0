import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../kit/ports.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TIMEOUT = { timeout: 60_000 };
/** A package in which there is nothing but what starts a bundle, and bundles: what runs there runs from them. */
let folder = '';
const main = (): string => join(folder, 'dist', 'cli', 'main.js');
const caches = (): string => join(folder, 'dist', 'bundle', 'caches');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-bundle-'));
  await mkdir(join(folder, 'dist', 'cli'), { recursive: true });
  for (const file of ['package.json', ...['main', 'launch', 'bundle'].map((name) => `dist/cli/${name}.js`)])
    await cp(join(ROOT, file), join(folder, file));
  for (const file of ['program', 'member-program'])
    await cp(join(ROOT, `dist/bundle/${file}.cjs`), join(folder, `dist/bundle/${file}.cjs`));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
after(() => rm(folder, { recursive: true, force: true }));

function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env }, timeout: 30_000 });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('close', (code) => resolve(`${out}exit code ${code}`));
  });
}

test('a bundle says what the modules say', TIMEOUT, async () => {
  for (const args of [
    ['--help'],
    ['member', '--help'],
    ['member', '--version'],
    ['member', '--nonsense'],
    ['up', '--help'],
    ['up', '--members', '0'],
    ['snapshot', 'status', '/nowhere'],
  ]) {
    const modules = await run(join(ROOT, 'dist', 'cli', 'main.js'), args, { KEELSON_NO_BUNDLE: '1' });
    assert.equal(await run(main(), args), modules, args.join(' '));
  }
});

test(
  'compiled code is kept by a process that has settled, and is not used when a bit of it changed',
  TIMEOUT,
  async () => {
    const [client, peer] = await freePorts(2);
    const peerUrl = `http://127.0.0.1:${peer}`;
    const clientUrl = `http://127.0.0.1:${client}`;
    const child = spawn(process.execPath, [
      ...[main(), 'member', '--name', 'm1', '--data-dir', join(folder, 'data'), '--initial-cluster', `m1=${peerUrl}`],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ]);
    const kept = async (): Promise<string | undefined> =>
      (await readdir(caches()).catch(() => [])).find((name) => /^member-program-[0-9a-f]+-[0-9a-f]+$/.test(name));
    try {
      for (let i = 0; i < 400 && (await kept()) === undefined; i++) await pause(100);
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    const name = await kept();
    assert.ok(name !== undefined);
    const version = await run(main(), ['member', '--version']);
    const path = join(caches(), name);
    const whole = await readFile(path);
    assert.ok(whole.length > 100_000, `${whole.length} bytes: what a start runs`);
    const middle = whole.length >> 1;
    for (const damaged of [
      Buffer.concat([whole.subarray(0, middle), Buffer.of((whole[middle] as number) ^ 1), whole.subarray(middle + 1)]),
      whole.subarray(0, middle),
      Buffer.alloc(0),
    ]) {
      await writeFile(path, damaged);
      assert.equal(await run(main(), ['member', '--version']), version);
    }
  },
);
