import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Script } from './script.ts';

/**
 * Every file is a story: paragraphs of comment, steps, `----` and what is expected. With KEELSON_REWRITE=1 the expectations
 * are written anew, for their diff to be read.
 */
const folder = join(process.cwd(), 'test', 'storage', 'mvcc', 'scripts');
const rewrite = process.env['KEELSON_REWRITE'] === '1';

for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
  test(`mvcc script ${name}`, () => {
    const path = join(folder, name);
    const told = readFileSync(path, 'utf8');
    const actual = replay(told);
    if (rewrite) writeFileSync(path, actual);
    else assert.equal(actual, told);
  });
}

function replay(text: string): string {
  const script = new Script();
  const paragraphs = text.split('\n\n').map((paragraph) => paragraph.trimEnd());
  const told = paragraphs
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => {
      const lines = paragraph.split('\n');
      const end = lines.indexOf('----');
      const head = end < 0 ? lines : lines.slice(0, end);
      const steps = head.filter((line) => !line.startsWith('#'));
      if (steps.length === 0) return head.join('\n');
      const output = script.run(steps);
      return [...head, '----', output === '' ? 'ok' : output].join('\n');
    });
  return `${told.join('\n\n')}\n`;
}
