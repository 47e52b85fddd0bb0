import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** What a program's module and the bundle that the build makes of it offer. */
export interface Program {
  main(args: readonly string[], calledAs?: string): Promise<number>;
}

const DIRECTORY = fileURLToPath(new URL('../bundle/', import.meta.url));
const CACHES = `${DIRECTORY}caches/`;
/** Commands that start often enough for a cache of their own; the others share one. */
const COMMANDS: readonly (string | undefined)[] = ['apiserver', 'server', 'up'];
/** When a process has run everything that a start runs. */
const SETTLED_MS = 2000;
/** Each version of Node, and each set of V8's flags, makes its own. */
const MAX_CACHES = 32;
/** A CRC-32, little endian. */
const CHECKSUM_BYTES = 4;

/**
 * The whole program as one file whose code V8 compiled in an earlier run: it starts in half the time that its modules take to load.
 * Undefined where the build made none, with KEELSON_NO_BUNDLE, and under a profiler or a debugger, which shows files. The code is kept beside the bundle;
 * a cache that cannot be written or read, or is another's, costs time and nothing else.
 */
export function openBundle(name: 'program' | 'member-program', command: string | undefined): Program | undefined {
  const path = `${DIRECTORY}${name}.cjs`;
  if (wantsModules() || !existsSync(path)) return undefined;
  const source = readFileSync(path, 'latin1'); // the build writes nothing but ASCII
  const cachePath = `${CACHES}${name}-${cacheName(source, command)}`;
  const cached = readCache(cachePath);
  const script = new Script(source, {
    filename: path,
    ...(cached !== undefined && { cachedData: cached }),
  });
  if (cached === undefined || script.cachedDataRejected === true) keepCode(script, cachePath);
  const module: { exports: Program | undefined } = { exports: undefined };
  script.runInThisContext()(module, createRequire(path), DIRECTORY);
  return module.exports;
}

function wantsModules(): boolean {
  if (process.env['KEELSON_NO_BUNDLE'] !== undefined) return true;
  return process.execArgv.some((flag) => /^--(?:cpu-prof|heap-prof|prof|inspect)/.test(flag));
}

/** V8 compares no more of the source than its length: so the digest that the bundle begins with is part of the name. */
function cacheName(source: string, command: string | undefined): string {
  const digest = source.slice(2, 18);
  const whose = COMMANDS.includes(command) ? `${command}-` : '';
  return `${whose}${digest}-${cachedDataVersionTag().toString(16)}`;
}

function readCache(path: string): Buffer | undefined {
  try {
    const file = readFileSync(path);
    const code = file.subarray(CHECKSUM_BYTES);
    return crc32(code) === file.readUInt32LE(0) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Not of a process that ends before: it has not run what a start runs. */
function keepCode(script: Script, path: string): void {
  setTimeout(() => writeCache(path, script.createCachedData()), SETTLED_MS).unref();
}

function writeCache(path: string, code: Buffer): void {
  try {
    mkdirSync(CACHES, { recursive: true });
    if (readdirSync(CACHES).length >= MAX_CACHES) return;
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(code));
    const scratch = `${path}.${process.pid}`;
    writeFileSync(scratch, Buffer.concat([checksum, code]));
    renameSync(scratch, path);
  } catch {
    // The directory is read-only, or full: the next start compiles again.
  }
}
