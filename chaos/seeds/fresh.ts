import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../../base/crc32c.ts';
import { Prng } from '../../base/prng.ts';

/**
 * Seeds that nobody has run before, the same for everybody on one commit: `GITHUB_SHA`, or what .git/HEAD of `root` points to.
 * Without either always the same ones.
 */
export function freshSeeds(root: string, count: number): readonly number[] {
  const prng = new Prng(crc32c(new TextEncoder().encode(commitOf(root))));
  return Array.from({ length: count }, () => prng.uint32());
}

function commitOf(root: string): string {
  const given = process.env['GITHUB_SHA'];
  if (given !== undefined) return given;
  const head = textOf(join(root, '.git', 'HEAD'));
  const ref = /^ref: (\S+)/.exec(head)?.[1];
  return ref === undefined ? head : textOf(join(root, '.git', ref));
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
