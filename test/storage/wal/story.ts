import { join } from 'node:path';
import { Prng } from '../../../base/prng.ts';
import { SimDisk } from '../../../chaos/sim/disk.ts';
import type { SurvivingWrites } from '../../../chaos/sim/disk-file.ts';
import { createWal, openWal } from '../../../storage/wal/open.ts';
import type { Wal, WalContent } from '../../../storage/wal/wal.ts';
import { WalError } from '../../../storage/wal/wal-error.ts';
import { conf, entry, index, state } from './kit.ts';

const DIRECTORY = '/data/wal';

/**
 * Plays one story: commands on a log over a simulated disk, one a line, and says what came of each.
 *
 *   create segment=BYTES        open                        close
 *   append [1..3@2] [conf=4@2] [snapshot=3@1] [state=TERM,VOTE,COMMIT] [nosync]     (entries 1 to 3 of term 2)
 *   together APPEND | APPEND    (in one turn of the event loop)
 *   release INDEX               files                       heads
 *   crash none|all|prefix|any   kill                        rot SEGMENT OFFSET      remove SEGMENT
 *   fail write|sync             heal
 */
export class Story {
  readonly #disk = new SimDisk({ prng: new Prng(1) });
  #wal: Wal | undefined;
  #segmentBytes = 1024;

  async play(line: string): Promise<string> {
    const [command = '', ...words] = line.trim().split(/\s+/);
    try {
      return await this.#do(command, words);
    } catch (error) {
      if (error instanceof WalError) return `${error.code}: ${error.message}`;
      throw error;
    }
  }

  #do(command: string, words: readonly string[]): Promise<string> | string {
    switch (command) {
      case 'create':
        return this.#create(words);
      case 'open':
        return this.#open();
      case 'append':
        return this.#together([words]);
      case 'together':
        return this.#together(splitAt(words, '|'));
      case 'release':
        return this.#release(Number(words[0]));
      case 'files':
        return this.#files();
      case 'close':
        return this.#close();
      case 'crash':
        return this.#after(() => this.#disk.crash(words[0] as SurvivingWrites));
      case 'kill':
        return this.#after(() => this.#disk.kill());
      case 'rot':
        return this.#after(() => this.#disk.rot(this.#segment(words[0]), Number(words[1]), 0x10));
      case 'remove':
        return this.#disk.remove(this.#segment(words[0])).then(() => 'ok');
      case 'fail':
        return this.#after(() => this.#disk.fail(words[0] as 'write' | 'sync', () => true));
      case 'heal':
        return this.#after(() => this.#disk.heal());
    }
    throw new Error(`no such command: ${command}`);
  }

  async #create(words: readonly string[]): Promise<string> {
    this.#segmentBytes = Number(words.find((word) => word.startsWith('segment='))?.slice(8) ?? 1024);
    this.#wal = await createWal(this.#disk.mount(), DIRECTORY, Buffer.from('member-1'), this.#options());
    return 'ok';
  }

  async #open(): Promise<string> {
    const { wal, content } = await openWal(this.#disk.mount(), DIRECTORY, this.#options());
    this.#wal = wal;
    return describe(content);
  }

  async #close(): Promise<string> {
    await this.#wal?.close();
    return 'ok';
  }

  async #release(upTo: number): Promise<string> {
    await this.#wal?.releaseTo(index(upTo));
    return this.#files();
  }

  async #files(): Promise<string> {
    return (await this.#disk.list(DIRECTORY)).map((name) => name.replace(/^0+/, '')).join(' ');
  }

  async #together(appends: readonly (readonly string[])[]): Promise<string> {
    const before = this.#disk.syncs;
    const wal = this.#wal;
    const results = await Promise.allSettled(
      appends.map(async (words) => wal?.append(recordsOf(words), { sync: !words.includes('nosync') })),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return `ok syncs=${this.#disk.syncs - before}`;
  }

  #after(effect: () => void): string {
    effect();
    return 'ok';
  }

  #segment(name: string | undefined): string {
    return join(DIRECTORY, `${name?.padStart(16, '0')}.wal`);
  }

  #options(): { segmentBytes: number; allocateStepBytes: number } {
    return { segmentBytes: this.#segmentBytes, allocateStepBytes: 256 };
  }
}

function recordsOf(words: readonly string[]): Parameters<Wal['append']>[0] {
  const records: { -readonly [K in keyof Parameters<Wal['append']>[0]]: Parameters<Wal['append']>[0][K] } = {};
  for (const word of words) {
    const entries = /^(\d+)\.\.(\d+)@(\d+)$/.exec(word);
    const single = /^(conf=)?(\d+)@(\d+)$/.exec(word);
    const snapshot = /^snapshot=(\d+)@(\d+)$/.exec(word);
    const hard = /^state=(\d+),(\d+),(\d+)$/.exec(word);
    if (entries)
      records.entries = range(Number(entries[1]), Number(entries[2])).map((i) => entry(i, Number(entries[3])));
    if (single) records.entries = [entry(Number(single[2]), Number(single[3]), single[1] ? 'conf' : 'normal')];
    if (snapshot)
      records.snapshot = {
        index: index(Number(snapshot[1])),
        term: state(Number(snapshot[2])).term,
        conf: conf([1n, 2n, 3n]),
      };
    if (hard) records.hardState = state(Number(hard[1]), BigInt(hard[2] ?? 0), Number(hard[3]));
  }
  return records;
}

function describe(content: WalContent): string {
  const { term, vote, commit } = content.hardState;
  const parts = [
    `metadata=${Buffer.from(content.metadata).toString()}`,
    `state=${term},${vote},${commit}`,
    `snapshot=${content.snapshot.index}@${content.snapshot.term}`,
    `voters=${content.snapshot.conf.voters.join(',') || 'none'}`,
    `entries=${content.entries.map((e) => `${e.index}@${e.term}${e.type === 'conf' ? 'c' : ''}`).join(' ') || 'none'}`,
  ];
  if (content.repairedBytes > 0) parts.push('torn tail repaired');
  return parts.join('\n');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function splitAt(words: readonly string[], separator: string): string[][] {
  return words
    .join(' ')
    .split(separator)
    .map((part) => part.trim().split(' '));
}
