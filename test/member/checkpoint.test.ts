import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
/** One member that keeps a checkpoint however small it is. */
class One {
  readonly cluster: RealCluster;
  #written = 0;

  private constructor(cluster: RealCluster) {
    this.cluster = cluster;
  }

  static async running(): Promise<One> {
    const cluster = await RealCluster.create(1, { limits: { checkpointKeys: 1 } });
    const one = new One(cluster);
    await one.start();
    return one;
  }

  get path(): string {
    return join(this.cluster.config('m1').dataDir, 'checkpoint');
  }

  async start(): Promise<void> {
    await this.cluster.start();
    await this.cluster.leader();
  }

  stop(): Promise<void> {
    return this.cluster.member('m1').stop();
  }

  /** Whether the latest start took the checkpoint. */
  get tookIt(): boolean | undefined {
    const started = this.cluster.facts.get('m1')?.findLast((fact) => fact.type === 'started');
    return started?.type === 'started' ? started.fromCheckpoint : undefined;
  }

  async write(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const value = utf8Bytes(`value ${this.#written++}`);
      await this.cluster.client('m1').put({ ...EMPTY_PUT_REQUEST, key: `k${i}`, value });
    }
  }

  /** All keys as they are, and the hash of the store. */
  async state(): Promise<unknown> {
    const { kvs, count } = await this.cluster
      .client('m1')
      .range({ ...EMPTY_RANGE_REQUEST, key: '\0', rangeEnd: '\0', limit: 0 });
    const { hash, compactRevision, hashRevision } = await this.cluster.member('m1').hashKv(0);
    return { kvs: kvs.map((kv) => Buffer.from(kv).toString('latin1')), count, hash, compactRevision, hashRevision };
  }
}

test('what a clean stop keeps, the next start takes: once, and it is the same state', TIMEOUT, async () => {
  const one = await One.running();
  await one.write(50);
  await one.write(20);
  const before = await one.state();
  await one.stop();
  assert.ok(existsSync(one.path));
  await one.start();
  assert.equal(one.tookIt, true);
  assert.ok(!existsSync(one.path));
  assert.deepEqual(await one.state(), before);
  await one.write(30);
  const later = await one.state();
  await one.cluster.kill('m1');
  assert.ok(!existsSync(one.path), 'a crash keeps nothing');
  await one.start();
  assert.equal(one.tookIt, false);
  assert.deepEqual(await one.state(), later);
});

test('a damaged checkpoint, or one of an earlier state, is as good as none', TIMEOUT, async () => {
  const one = await One.running();
  await one.write(50);
  await one.stop();
  const aside = `${one.path}-aside`;
  await copyFile(one.path, aside);
  await one.start();
  await one.write(10);
  const state = await one.state();
  const flipped =
    (at: (sizeBytes: number) => number) =>
    (whole: Buffer): Buffer => {
      const place = at(whole.length);
      return Buffer.concat([
        whole.subarray(0, place),
        Buffer.of((whole[place] as number) ^ 1),
        whole.subarray(place + 1),
      ]);
    };
  const earlier = await readFile(aside);
  const cases: readonly (readonly [string, (whole: Buffer) => Buffer, boolean])[] = [
    ['as it was written', (whole) => whole, true],
    ['of an earlier state', () => earlier, false],
    ['a bit of a number', flipped(() => 0), false],
    ['a bit of a value', flipped((sizeBytes) => Math.floor(sizeBytes / 2)), false],
    ['a bit of the table', flipped((sizeBytes) => sizeBytes - 20), false],
    ['a bit of the foot', flipped((sizeBytes) => sizeBytes - 1), false],
    ['cut off', (whole) => whole.subarray(0, -100), false],
    ['empty', () => Buffer.alloc(0), false],
  ];
  for (const [what, change, isTaken] of cases) {
    await one.stop();
    await writeFile(one.path, change(await readFile(one.path)));
    await one.start();
    assert.equal(one.tookIt, isTaken, what);
    assert.deepEqual(await one.state(), state, what);
  }
});

test('a checkpoint of another member is not taken', TIMEOUT, async () => {
  const [one, other] = [await One.running(), await One.running()];
  await one.write(10);
  await other.write(10);
  const state = await one.state();
  await Promise.all([one.stop(), other.stop()]);
  await copyFile(other.path, one.path);
  await one.start();
  assert.equal(one.tookIt, false);
  assert.deepEqual(await one.state(), state);
});
