import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Story } from './story.ts';

const SCRIPTS = join(process.cwd(), 'test/storage/wal/scripts');
const IS_REWRITING = process.env['KEELSON_REWRITE'] === '1';

for (const name of readdirSync(SCRIPTS).filter((file) => file.endsWith('.txt'))) {
  test(`story: ${name}`, async () => {
    const path = join(SCRIPTS, name);
    const expected = readFileSync(path, 'utf8');
    const actual = await replay(expected);
    if (IS_REWRITING) writeFileSync(path, actual);
    else assert.equal(actual, expected);
  });
}

/** A file is one story: paragraphs of comments and commands, four dashes, and what came of the last command of each. */
async function replay(text: string): Promise<string> {
  const story = new Story();
  const paragraphs = text.trimEnd().split(/\n\n+/);
  const played: string[] = [];
  for (const paragraph of paragraphs) {
    const input = (paragraph.split(/^----$/m)[0] ?? '').trimEnd();
    let result: string | undefined;
    for (const line of input.split('\n')) if (line !== '' && !line.startsWith('#')) result = await story.play(line);
    played.push(result === undefined ? input : `${input}\n----\n${result}`);
  }
  return `${played.join('\n\n')}\n`;
}
