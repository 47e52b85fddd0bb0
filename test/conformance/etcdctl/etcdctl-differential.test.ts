import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clientAt, temporaryFolder } from '../../kit/cluster.ts';
import { type Store, startKeelson, startRealEtcd } from '../../kit/etcd.ts';
import { adminScenarios } from './admin-scenarios.ts';
import { kvScenarios } from './kv-scenarios.ts';
import type { Ctl, Scenario } from './scenario.ts';
import { sessionScenarios } from './session-scenarios.ts';
import { differences, type Explained, Transcript } from './transcript.ts';

/**
 * Every command of etcdctl 3.4 and 3.5, with its flags and formats, on three members of Keelson and on three of the etcd that it
 * came with: the same words, the same codes, the same revisions.
 */

const LEARNER: Explained = {
  command: /^member list --write-out=simple$/,
  reason: 'a learner whose URLs are changed stays a learner; etcd before 3.6 forgets it in its list (etcd #21694)',
};
const EARLIER: readonly Explained[] = [
  LEARNER,
  {
    command: /--user=cert:/,
    reason:
      'a login as a user without a password fails in the words of every failed login: it tells nothing of the user',
  },
  {
    command: /^(defrag|endpoint hashkv) --user=alice/,
    reason: 'etcd before 3.6 refuses with code Unknown and a text of its own; 3.6 as we do',
  },
];
const OF_35: readonly Explained[] = [
  ...EARLIER,
  { command: /^auth status$/, reason: 'etcd 3.5 tells only root whether authentication is enabled; 3.7 tells anybody' },
];
const OF_34: readonly Explained[] = [
  ...EARLIER,
  { command: /^alarm list -w json$/, reason: 'etcd 3.4 puts no header into the answer; 3.5 does' },
  { command: /^compaction 2 --user=alice/, reason: 'etcd 3.4 lets anybody compact; later ones only root' },
];

const GENERATIONS = [
  { version: '3.4', minor: 4, etcd: 'etcd-3.4/usr/bin/etcd', etcdctl: 'etcd-3.4/usr/bin/etcdctl', explained: OF_34 },
  { version: '3.5', minor: 5, etcd: 'etcd-new/usr/bin/etcd', etcdctl: 'etcd-new/usr/bin/etcdctl', explained: OF_35 },
];
const SCENARIOS: Readonly<Record<string, Scenario>> = { ...kvScenarios, ...sessionScenarios, ...adminScenarios };

for (const generation of GENERATIONS) {
  describe(`etcdctl ${generation.version}`, { concurrency: false }, () => {
    let folder: { readonly path: string; remove(): Promise<void> };
    const seen = new Set<Explained>();
    let stores: readonly { readonly name: string; readonly store: Store }[] = [];

    before(async () => {
      folder = await temporaryFolder();
      const cheap = ['--bcrypt-cost', '4'];
      const [keelson, etcd] = await Promise.all([
        startKeelson(join(folder.path, 'keelson'), 3, cheap),
        startRealEtcd(join(folder.path, 'etcd'), 3, { binary: clientAt(generation.etcd), args: cheap }),
      ]);
      stores = [
        { name: 'keelson', store: keelson },
        { name: 'etcd', store: etcd },
      ];
    });
    after(async () => {
      await Promise.all(stores.map(({ store }) => store.stop()));
      await folder?.remove();
    });

    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      test(name, { timeout: 120_000 }, async (t) => {
        const transcripts = await Promise.all(
          stores.map(async (side) => {
            const transcript = new Transcript(side.store, clientAt(generation.etcdctl));
            const own = join(folder.path, side.name, name.replaceAll(/\W+/g, '-'));
            await mkdir(own, { recursive: true });
            try {
              await scenario(ctlOf(transcript, generation.minor, own));
            } catch (error) {
              throw new Error(`${side.name}: ${String(error)}`, { cause: error });
            } finally {
              await transcript.close();
            }
            return transcript.entries;
          }),
        );
        const [ours = [], theirs = []] = transcripts;
        assert.ok(theirs.length > 0);
        t.diagnostic(`${theirs.length} commands`);
        const found = differences(ours, theirs, generation.explained, seen);
        assert.ok(found === '', `\n${found}`);
      });
    }

    test('every explained difference is still one', () => {
      assert.deepEqual(
        generation.explained.filter((reason) => !seen.has(reason)),
        [],
      );
    });
  });
}

function ctlOf(transcript: Transcript, minor: number, folder: string): Ctl {
  return {
    minor,
    folder,
    store: transcript.store,
    run: (args, options) => transcript.run(args, options),
    start: (args, options) => transcript.start(args, options),
    ended: (running, command, options) => transcript.ended(running, command, options),
    note: (command, output, options) => transcript.note(command, output, options),
  };
}
