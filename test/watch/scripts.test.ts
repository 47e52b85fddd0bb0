import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WatchWorld } from './script.ts';

const folder = join(process.cwd(), 'test/watch/scripts');

for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()) {
  test(`watch story: ${file}`, () => {
    const path = join(folder, file);
    const told = readFileSync(path, 'utf8');
    const happened = play(told);
    if (process.env['KEELSON_REWRITE'] === '1') writeFileSync(path, happened);
    else assert.equal(happened, told);
  });
}

/** The story with what really happens after each `----`. Each blank-line separated paragraph is commands, a rule, what they print. */
function play(text: string): string {
  const world = new WatchWorld();
  const paragraphs = text.trimEnd().split(/\n\n+/);
  return `${paragraphs.map((paragraph) => playParagraph(world, paragraph)).join('\n\n')}\n`;
}

function playParagraph(world: WatchWorld, paragraph: string): string {
  const lines = paragraph.split('\n');
  const rule = lines.indexOf('----');
  const commands = rule < 0 ? lines : lines.slice(0, rule);
  const printed = commands
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split('|'))
    .map((command) => world.run(command))
    .filter((output) => output !== '');
  if (printed.length === 0 && rule < 0) return paragraph;
  return [...commands, '----', ...printed].join('\n');
}
