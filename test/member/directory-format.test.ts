import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
/** Formats of versions before, and the forms of their backends. */
const BEFORE = [
  { format: 2, form: 'checked' },
  { format: 3, form: 'ordered' },
] as const;

for (const { format: before, form } of BEFORE) {
  const what = `a directory of format ${before} is read, written and given back; one of this version is refused by its version`;
  test(what, TIMEOUT, async (t) => {
    const cluster = await RealCluster.create(1);
    t.after(() => cluster.destroy());
    const [name = ''] = cluster.names;
    const said = async (): Promise<readonly string[]> => {
      const { dataDir } = cluster.config(name);
      return Promise.all(['FORMAT', 'backend/CURRENT'].map((file) => readFile(join(dataDir, file), 'utf8')));
    };
    const keys: string[] = [];
    const live = async (): Promise<void> => {
      await until(() => cluster.member(name).machine.members().length === 1);
      const key = `k${keys.length}`;
      keys.push(key);
      await cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key });
      const { kvs } = await cluster.client(name).range({ ...EMPTY_RANGE_REQUEST, key: 'k', rangeEnd: 'l' });
      assert.equal(kvs.length, keys.length);
      const { machine, replica } = cluster.member(name);
      await replica.writer.reached(machine.applied); // in the database, not in the log alone
      await cluster.kill(name);
    };
    for (const format of [before, undefined, before, undefined]) {
      if (format === undefined) cluster.formats.delete(name);
      else cluster.formats.set(name, format);
      await cluster.start(name);
      await live();
      assert.deepEqual(await said(), [`keelson ${before}\n`, `1 ${form}\n`]);
    }

    const fresh = await RealCluster.create(1);
    t.after(() => fresh.destroy());
    await fresh.start(name);
    await until(() => fresh.member(name).machine.members().length === 1);
    await fresh.kill(name);
    const { dataDir } = fresh.config(name);
    assert.equal(await readFile(join(dataDir, 'FORMAT'), 'utf8'), 'keelson 4\n');
    assert.equal(await readFile(join(dataDir, 'backend/CURRENT'), 'utf8'), '1 packed\n');
    fresh.formats.set(name, before);
    await assert.rejects(
      fresh.start(name),
      new RegExp(`says "keelson 4"; this version reads .*keelson ${before}: upgrade`),
    );
  });
}
