// One command checks all: types, pure rooms, format and lint, layers, generated files. Read-only; `--fix` mends what can be mended.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { checkLayers } from './layers.mjs';

const root = join(import.meta.dirname, '..');
const fix = process.argv.includes('--fix');
const bin = (name) => join(root, 'node_modules', '.bin', name);

function step(name, action) {
  const started = Date.now();
  const ok = action();
  process.stderr.write(`keelson: ${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return ok;
}
const run = (command, ...args) => spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;

const results = [
  step('generated files', () => {
    const generators = [join(root, 'proto', 'generate.mjs'), join(root, 'tools', 'flags-doc.mjs')];
    return generators.map((path) => run(process.execPath, path, ...(fix ? [] : ['--check']))).every(Boolean);
  }),
  step('format and lint', () =>
    run(bin('biome'), 'check', '--diagnostic-level=warn', '--error-on-warnings', ...(fix ? ['--write'] : [])),
  ),
  step('types', () => run(bin('tsc'), '--noEmit')),
  step('pure rooms', () => run(bin('tsc'), '-p', 'tsconfig.pure.json')),
  step('layers', () => {
    const problems = checkLayers(root);
    for (const problem of problems) process.stderr.write(`  ${problem}\n`);
    return problems.length === 0;
  }),
];
process.exit(results.every(Boolean) ? 0 : 1);
