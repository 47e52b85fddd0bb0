import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Prng } from '../../../base/prng.ts';
import { SimDisk } from '../../../chaos/sim/disk.ts';
import { createWal, openWal } from '../../../storage/wal/open.ts';
import type { Wal } from '../../../storage/wal/wal.ts';
import { conf, entry, index, state } from './kit.ts';
import { type Append, contentAfter, fingerprint } from './model.ts';

const DIRECTORY = '/data/wal';
const SIZES = { segmentBytes: 2048, allocateStepBytes: 512 };

/** A member's life on one disk: appends, crashes and restarts, all drawn from one seed. */
class Life {
  readonly #prng: Prng;
  readonly #disk: SimDisk;
  #wal: Wal | undefined;
  /** What was handed to the log, in order; the first `#acknowledged` are known to be durable. */
  #appends: Append[] = [];
  #acknowledged = 0;
  #term = 1;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
    this.#disk = new SimDisk({ prng: this.#prng });
  }

  async live(steps: number): Promise<void> {
    this.#wal = await createWal(this.#disk.mount(), DIRECTORY, Buffer.from('m'), SIZES);
    for (let i = 0; i < steps; i++) {
      if (this.#prng.chance(0.12)) await this.#restart();
      else if (this.#prng.chance(0.1)) await this.#release();
      else await this.#appendSome();
    }
    await this.#restart();
  }

  async #appendSome(): Promise<void> {
    const count = this.#prng.between(1, 5);
    const last = Array.from({ length: count }, () => this.#append()).at(-1);
    if (this.#prng.chance(0.7)) await last;
  }

  #append(): Promise<void> {
    const append = this.#draw();
    const sync = this.#prng.chance(0.6);
    const place = this.#appends.push(append);
    const done = this.#wal?.append(append, { sync }) ?? Promise.resolve();
    return done.then(
      () => {
        if (sync) this.#acknowledged = Math.max(this.#acknowledged, place);
      },
      () => undefined, // the process was killed meanwhile
    );
  }

  #draw(): Append {
    const { snapshot, entries } = contentAfter(this.#appends);
    const lastIndex = snapshot.index + entries.length;
    if (this.#prng.chance(0.15)) {
      const isOwn = entries.length > 0 && this.#prng.chance(0.8);
      const at = isOwn
        ? this.#prng.pick(entries)
        : { index: lastIndex + this.#prng.between(1, 20), term: ++this.#term };
      const meta = { index: index(at.index), term: state(at.term).term, conf: conf([BigInt(at.index)]) };
      return { snapshot: meta, hardState: state(this.#term, 1n, at.index) };
    }
    const replaces = this.#prng.chance(0.2) ? this.#prng.between(0, entries.length) : 0;
    if (replaces > 0) this.#term++;
    const first = lastIndex + 1 - replaces;
    const size = (): number => (this.#prng.chance(0.05) ? 3000 : this.#prng.between(0, 200));
    const added = Array.from({ length: this.#prng.between(0, 6) }, (_, i) =>
      entry(first + i, this.#term, 'normal', size()),
    );
    return { entries: added, ...(this.#prng.chance(0.3) && { hardState: state(this.#term, 2n, snapshot.index) }) };
  }

  async #release(): Promise<void> {
    const upTo = this.#prng.between(0, contentAfter(this.#appends).snapshot.index);
    const released = this.#wal?.releaseTo(index(upTo)).catch(() => undefined);
    if (this.#prng.chance(0.7)) await released;
  }

  async #restart(): Promise<void> {
    for (let i = this.#prng.between(0, 30); i > 0; i--) await Promise.resolve();
    const isClean = this.#prng.chance(0.2);
    if (isClean) await this.#wal?.close();
    else if (this.#prng.chance(0.3)) this.#disk.kill();
    else this.#disk.crash();
    const atLeast = isClean ? this.#appends.length : this.#acknowledged;
    const { wal, content } = await openWal(this.#disk.mount(), DIRECTORY, SIZES);
    const found = fingerprint(content);
    let kept = this.#appends.length;
    while (kept >= atLeast && fingerprint(contentAfter(this.#appends.slice(0, kept))) !== found) kept--;
    assert.ok(
      kept >= atLeast,
      `found ${found}, which is no history of at least ${atLeast} of ${this.#appends.length} appends`,
    );
    this.#wal = wal;
    this.#appends.length = kept;
    this.#acknowledged = kept;
  }
}

test('whatever happens, a synced append is never lost, a part of one never seen, none invented', async () => {
  const property = fc.asyncProperty(fc.integer(), (seed) => new Life(seed).live(40));
  await fc.assert(property, { numRuns: 150, interruptAfterTimeLimit: 8000, examples: [[997_660_504]] });
});

/** A log of several segments, closed or killed; the appends that it must give back. */
async function writtenLog(isClosed: boolean): Promise<{ disk: SimDisk; appends: readonly Append[] }> {
  const disk = new SimDisk({ prng: new Prng(7) });
  const wal = await createWal(disk, DIRECTORY, Buffer.from('m'), SIZES);
  const appends: Append[] = [{ snapshot: { index: index(2), term: state(1).term, conf: conf([1n]) } }];
  for (let i = 3; i < 40; i++) appends.push({ entries: [entry(i, 1, 'normal', 60)], hardState: state(1, 1n, i - 1) });
  for (const append of appends) await wal.append(append, { sync: true });
  if (isClosed) await wal.close();
  disk.crash('none');
  return { disk, appends };
}

for (const isClosed of [true, false]) {
  test(`a changed byte of a ${isClosed ? 'closed' : 'killed'} log is harmless, repaired at the tail, or refused`, async () => {
    const { disk, appends } = await writtenLog(isClosed);
    const prng = new Prng(isClosed ? 1 : 2);
    const names = (await disk.list(DIRECTORY)).filter((name) => name.endsWith('.wal'));
    const whole = fingerprint(contentAfter(appends));
    const shorter = fingerprint(contentAfter(appends.slice(0, -1)));
    const outcomes = { harmless: 0, repaired: 0, refused: 0 };
    for (let i = 0; i < 700; i++) {
      const copy = await copyOf(disk, names);
      const path = `${DIRECTORY}/${prng.pick(names)}`;
      const { length } = await copy.readFile(path);
      copy.rot(path, prng.between(0, length - 1), 1 << prng.between(0, 7));
      const opened = await openWal(copy, DIRECTORY, SIZES).catch((error: { code: string }) => error.code);
      if (typeof opened === 'string') {
        assert.equal(opened, 'CORRUPT');
        outcomes.refused++;
        continue;
      }
      const found = fingerprint(opened.content);
      if (found !== whole)
        assert.ok(!isClosed && found === shorter && opened.content.repairedBytes > 0, 'only the last write may go');
      outcomes[opened.content.repairedBytes > 0 ? 'repaired' : 'harmless']++;
    }
    assert.ok(Math.min(...Object.values(outcomes)) > 0, `all three must have been seen: ${JSON.stringify(outcomes)}`);
  });
}

async function copyOf(disk: SimDisk, names: readonly string[]): Promise<SimDisk> {
  const copy = new SimDisk({ prng: new Prng(1) });
  await copy.makeDirectory(DIRECTORY);
  for (const name of names)
    await copy.writeFileAtomically(`${DIRECTORY}/${name}`, await disk.readFile(`${DIRECTORY}/${name}`));
  return copy;
}
