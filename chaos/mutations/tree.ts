import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit, Mutation } from './mutation.ts';

/** What of the compiled tree the simulator needs. */
const ROOMS = ['base', 'io', 'proto', 'raft', 'storage', 'watch', 'client', 'member', 'chaos'];

/** The compiled tree again, elsewhere, where files can be changed. */
export class MutableTree {
  readonly #root = mkdtempSync(join(tmpdir(), 'keelson-mutations-'));

  constructor(compiled: string) {
    for (const room of ROOMS) cpSync(join(compiled, room), join(this.#root, room), { recursive: true });
    writeFileSync(join(this.#root, 'package.json'), '{"type":"module"}\n');
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.#root, 'node_modules'));
  }

  /** The tree as it is: without any bug planted. */
  get root(): string {
    return this.#root;
  }

  /** Runs `work` with the bug planted. Throws when the mutation does not fit the code any more. */
  async with<T>(mutation: Mutation, work: (root: string) => Promise<T>): Promise<T> {
    const sources = new Map<string, string>();
    try {
      for (const edit of mutation.edits) {
        const path = join(this.#root, edit.file);
        const source = readFileSync(path, 'utf8');
        if (!sources.has(path)) sources.set(path, source);
        writeFileSync(path, edited(source, edit));
      }
      return await work(this.#root);
    } finally {
      for (const [path, source] of sources) writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The source with the bug in it. Throws when the place is not there exactly once. */
export function edited(source: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`a place is ${count} times in ${file}: ${find}`);
  return source.replace(find, () => replace);
}
