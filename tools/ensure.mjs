// Makes a checkout runnable, with nothing but Node: installs what the lock file names when it changed, compiles when a source changed.
// Everything else (`npm start`, `npm test`, …) calls this first. Prints only what takes time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const lockStamp = join(root, 'node_modules', '.keelson-lock');
const buildStamp = join(root, 'dist', '.keelson-build');
/** Every folder that holds TypeScript; tsconfig.json includes the same. */
const rooms = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).include;

function fail(line) {
  process.stderr.write(`keelson: ${line}\n`);
  process.exit(1);
}

function run(what, command, args) {
  process.stderr.write(`keelson: ${what} …\n`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) fail(`${what} failed${error ? `: ${error.message}` : ''}`);
  process.stderr.write(`keelson: ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed, this is ${process.versions.node}`);
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(lockStamp) && readFileSync(lockStamp, 'utf8') === lock) return;
  run('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(lockStamp, lock);
}

/** A digest of the names, sizes and times of all sources: a removed file counts as a change, too. */
function sourceState() {
  const hash = createHash('sha256');
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else if (entry.name.endsWith('.ts')) {
        const { size, mtimeMs } = statSync(child);
        hash.update(`${child} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const room of rooms) if (existsSync(join(root, room))) visit(join(root, room));
  for (const file of ['tsconfig.json', 'package-lock.json', 'tools/bundle.mjs'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

async function build() {
  const state = sourceState();
  if (existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === state) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run('compiling', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')]);
  mkdirSync(join(root, 'dist'), { recursive: true });
  const main = join(root, 'dist', 'cli', 'main.js');
  if (existsSync(main)) chmodSync(main, 0o755);
  const { bundle } = await import('./bundle.mjs'); // installed by now
  await bundle(root);
  writeFileSync(buildStamp, state);
}

checkNode();
install();
await build();
