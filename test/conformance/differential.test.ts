import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { type Members, startMembers } from '../rpc/members.ts';
import { DIFFERENCES, type Difference } from './differential/differences.ts';
import { type Answer, Side } from './differential/side.ts';
import type { Step } from './differential/step.ts';
import { CONCURRENCY_STEPS } from './differential/steps/concurrency.ts';
import { KV_STEPS } from './differential/steps/kv.ts';
import { LEASE_STEPS } from './differential/steps/lease.ts';
import { MAINTENANCE_STEPS } from './differential/steps/maintenance.ts';

import { TXN_STEPS } from './differential/steps/txn.ts';
import { WATCH_STEPS } from './differential/steps/watch.ts';
import { WIRE_STEPS } from './differential/steps/wire.ts';

/** The same requests to a real etcd and to Keelson; every answer is compared field by field. */

const TIMEOUT = { timeout: 60_000 };
const shown = new Set<Difference>();

let folder: { readonly path: string; remove(): Promise<void> };
let etcd: RealEtcd;
let members: Members;
let theirs: Side;
let ours: Side;

before(async () => {
  folder = await temporaryFolder();
  etcd = await startRealEtcd(folder.path);
  members = await startMembers(1);
  theirs = await Side.connect(etcd.clientUrls);
  ours = await Side.connect(members.urls);
}, TIMEOUT);
after(async () => {
  theirs?.close();
  ours?.close();
  await members?.stop();
  await etcd?.stop();
  await folder?.remove();
});

const CHAPTERS: readonly (readonly [name: string, steps: Steps])[] = [
  ['keys and ranges', KV_STEPS],
  ['transactions', TXN_STEPS],
  ['leases', LEASE_STEPS],
  ['watches', WATCH_STEPS],
  ['locks and elections', CONCURRENCY_STEPS],
  ['what is no request', WIRE_STEPS],
  ['maintenance', MAINTENANCE_STEPS],
];

/** Steps that need not know the revision at which they begin, or do. */
type Steps = readonly Step[] | ((at: number) => readonly Step[]);

for (const [chapter, steps] of CHAPTERS) {
  test(chapter, TIMEOUT, async (chapter) => {
    for (const step of typeof steps === 'function' ? steps(await sameRevision()) : steps) {
      await chapter.test(step.name, TIMEOUT, () => compare(step));
    }
  });
}

/** The revision that both have reached. */
async function sameRevision(): Promise<number> {
  const [ofEtcd, ofOurs] = await Promise.all([theirs.revision(), ours.revision()]);
  assert.equal(ofOurs, ofEtcd);
  return ofOurs;
}

test('every difference that is told was shown', () => {
  const unseen = DIFFERENCES.filter((difference) => !shown.has(difference)).map(({ id }) => id);
  assert.deepEqual(unseen, []);
});

async function compare(step: Step): Promise<void> {
  const [is, etcdSays] = await Promise.all([ours.run(step), answerOfEtcd(step)]);
  assert.deepEqual(is, expected(step, etcdSays, is));
}

async function answerOfEtcd(step: Step): Promise<Answer> {
  return step.differs?.endsEtcd === true ? NO_ANSWER : theirs.run(step);
}

const NO_ANSWER: Answer = { code: undefined, text: '', messages: [] };

function expected({ differs }: Step, etcdSays: Answer, is: Answer): Answer {
  if (differs === undefined) return etcdSays;
  const wanted = differs.ours(etcdSays, is);
  assert.ok(!isDeepStrictEqual(wanted, etcdSays), `etcd answers as we do: ${differs.id} is no difference`);
  shown.add(differs);
  return wanted;
}
