// Runs the compiled tests with node:test. `npm test` runs all but the conformance tests; arguments choose folders or files
// (`npm test -- raft storage/wal`). `--conformance` runs the ones that drive real clients or compare with a real etcd, wherever they lie:
// those of other rooms skip themselves in `npm test`, which must pass with nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const tests = join(root, 'dist', 'test');
const args = process.argv.slice(2);
const conformance = args.includes('--conformance');
const wanted = args.filter((arg) => !arg.startsWith('--'));

function find(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return find(path);
    return entry.name.endsWith('.test.js') ? [path] : [];
  });
}

const isConformance = (path) => path.startsWith(join('dist', 'test', 'conformance'));
const asksForClients = (path) => readFileSync(join(root, path), 'utf8').includes('KEELSON_TEST_ETCD');

const files = find(tests)
  .map((path) => relative(root, path))
  .filter((path) => (conformance ? isConformance(path) || asksForClients(path) : !isConformance(path)))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.slice('dist/test/'.length).startsWith(part)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`keelson: no tests match ${wanted.join(' ')}\n`);
  process.exit(1);
}

const env = { ...process.env };
if (conformance) {
  const clients = spawnSync('bash', [join(root, 'test', 'conformance', 'clients.sh'), '--env'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  if (clients.status !== 0) process.exit(1);
  for (const line of clients.stdout.trim().split('\n')) {
    const [name, value] = line.split('=');
    env[name] = value;
  }
}
// One conformance file at a time: each starts whole clusters, and two cores are all there is.
const concurrency = conformance ? 1 : 2;
const flags = ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${conformance ? 600_000 : 180_000}`];
const reporter = process.env.CI ? [] : ['--test-reporter=spec'];
const { status } = spawnSync(process.execPath, [...flags, ...reporter, ...files], { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
