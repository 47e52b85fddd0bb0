import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Script } from './script.ts';

const FOLDER = join(process.cwd(), 'test/raft/scripts');
const REWRITE = process.env['KEELSON_REWRITE'] === '1';

interface Paragraph {
  readonly comments: readonly string[];
  readonly commands: readonly string[];
  readonly expected: string;
}

/** Each paragraph is `# why` lines, commands, a line `----` and what they print. With KEELSON_REWRITE=1 the output is written anew. */
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
  test(`raft script ${file}`, () => {
    const path = join(FOLDER, file);
    const script = new Script();
    const written: string[] = [];
    for (const paragraph of parse(readFileSync(path, 'utf8'))) {
      const { comments, commands, expected } = paragraph;
      const actual = commands.length === 0 ? '' : script.run(commands);
      if (!REWRITE) assert.equal(actual, expected, `${file}: ${commands.join(' | ')}`);
      written.push([...comments, ...commands, ...(commands.length === 0 ? [] : ['----', actual])].join('\n'));
    }
    if (REWRITE) writeFileSync(path, `${written.join('\n\n')}\n`);
  });
}

function parse(text: string): readonly Paragraph[] {
  return text
    .split(/\n\n+/)
    .map((block) => block.split('\n').filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const rule = lines.indexOf('----');
      const head = rule < 0 ? lines : lines.slice(0, rule);
      return {
        comments: head.filter((line) => line.startsWith('#')),
        commands: head.filter((line) => !line.startsWith('#')),
        expected: rule < 0 ? '' : lines.slice(rule + 1).join('\n'),
      };
    });
}
