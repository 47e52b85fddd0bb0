import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EMPTY_PUT_REQUEST, EMPTY_RANGE_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };
const BEFORE = 2;

test(
  'a directory of the version before is read, written and given back; one of this version is refused by it',
  TIMEOUT,
  async (t) => {
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
    for (const format of [BEFORE, undefined, BEFORE, undefined]) {
      if (format === undefined) cluster.formats.delete(name);
      else cluster.formats.set(name, format);
      await cluster.start(name);
      await live();
      assert.deepEqual(await said(), ['keelson 2\n', '1 checked\n']);
    }

    const fresh = await RealCluster.create(1);
    t.after(() => fresh.destroy());
    await fresh.start(name);
    await until(() => fresh.member(name).machine.members().length === 1);
    await fresh.kill(name);
    const { dataDir } = fresh.config(name);
    assert.equal(await readFile(join(dataDir, 'FORMAT'), 'utf8'), 'keelson 3\n');
    assert.equal(await readFile(join(dataDir, 'backend/CURRENT'), 'utf8'), '1 ordered\n');
    fresh.formats.set(name, BEFORE);
    await assert.rejects(fresh.start(name), /says "keelson 3"; this version reads keelson 1, keelson 2: upgrade/);
  },
);
