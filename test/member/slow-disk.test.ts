import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk, DiskFile } from '../../io/doors.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { RealCluster, until } from './kit.ts';

const TIMEOUT = { timeout: 60_000 };

/** A disk whose log can be made to hang: writes and syncs wait until it goes on. */
class HangingDisk {
  #gate: Promise<void> = Promise.resolve();
  #goOn: () => void = () => undefined;

  hang(): void {
    this.#gate = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  goOn(): void {
    this.#goOn();
  }

  get disk(): Disk {
    return {
      ...nodeDisk,
      open: async (path, mode, options) => {
        const file = await nodeDisk.open(path, mode, options);
        return path.includes('/wal/') ? this.#hanging(file) : file;
      },
    };
  }

  #hanging(file: DiskFile): DiskFile {
    const wait = (): Promise<void> => this.#gate;
    return {
      read: (offset, sizeBytes) => file.read(offset, sizeBytes),
      readInto: (offset, into) => file.readInto(offset, into),
      readIntoNow: (offset, into) => file.readIntoNow(offset, into),
      write: async (...args) => {
        await wait();
        await file.write(...args);
      },
      sync: async () => {
        await wait();
        await file.sync();
      },
      allocate: (sizeBytes) => file.allocate(sizeBytes),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      size: () => file.size(),
      close: () => file.close(),
    };
  }
}

test('a leader whose disk hangs leaves office, and writes go on through another one', TIMEOUT, async (t) => {
  const cluster = await RealCluster.create(3, { tickMs: 50 });
  const disks = new Map(cluster.names.map((name) => [name, new HangingDisk()]));
  for (const [name, { disk }] of disks) cluster.disks.set(name, disk);
  t.after(async () => {
    for (const disk of disks.values()) disk.goOn();
    await cluster.destroy();
  });
  await cluster.start();
  const leader = await cluster.leader();
  const [other = ''] = cluster.names.filter((name) => name !== leader);
  const put = (key: string) => cluster.client(other).put({ ...EMPTY_PUT_REQUEST, key });
  await put('before');
  disks.get(leader)?.hang();
  const startMs = performance.now();
  await put('while it hangs');
  await until(() => cluster.facts.get(leader)?.find(({ type }) => type === 'gaveUpLeadership'));
  const next = await until(() => {
    const [found] = [...cluster.members].filter(([name, member]) => name !== leader && member.isLeader);
    return found?.[0];
  });
  await put('after');
  // Half an election timeout (250 ms) until it is seen, an election, and room for a busy machine.
  assert.ok(performance.now() - startMs < 5000);
  const samples = await cluster.member(leader).metrics();
  const value = (name: string) => samples.find((sample) => sample.name === name)?.value;
  assert.equal(value('keelson_disk_slow'), 1);
  const gaveUp = samples.find(
    ({ name, labels }) => name === 'keelson_leader_gave_up_total' && labels?.['reason'] === 'slow-disk',
  );
  assert.equal(gaveUp?.value, 1);
  disks.get(leader)?.goOn();
  await until(() => cluster.member(leader).machine.applied === cluster.member(next).machine.applied);
  assert.equal(cluster.member(leader).isLeader, false, 'it does not take leadership back');
});
