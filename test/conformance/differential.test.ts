import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Prng } from '../../base/prng.ts';
import { AlarmAction, AlarmType, MaintenanceService, WatchService } from '../../proto/gen/etcd.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { type RealEtcd, startRealEtcd } from '../kit/etcd.ts';
import { type Members, startMembers } from '../rpc/members.ts';
import { DIFFERENCES, type Difference } from './differential/differences.ts';
import { HTTP_ROWS, httpAnswer } from './differential/http.ts';
import { randomSteps } from './differential/random.ts';
import { watch } from './differential/requests.ts';
import { type Answer, Side } from './differential/side.ts';
import { ask, hear, type Step, talk } from './differential/step.ts';
import { CONCURRENCY_STEPS } from './differential/steps/concurrency.ts';
import { KV_STEPS } from './differential/steps/kv.ts';
import { LEASE_STEPS } from './differential/steps/lease.ts';
import { MAINTENANCE_STEPS } from './differential/steps/maintenance.ts';

import { MEMBER_STEPS } from './differential/steps/members.ts';
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

/** Another one, or more with commas between: KEELSON_SEED. */
const SEEDS = (process.env['KEELSON_SEED'] ?? '1,2,3,4,5,6').split(',').map(Number);
const RANDOM_STEPS = 150;

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

for (const seed of SEEDS) {
  test(`requests by chance, seed ${seed}`, TIMEOUT, async () => {
    const at = await sameRevision();
    for (const step of randomSteps(new Prng(seed), at, RANDOM_STEPS)) await compare(step);
    const startRevision = (await sameRevision()) - 40;
    const history = watch('r/', { rangeEnd: 's', startRevision, prevKv: true });
    await compare(talk('what happened', WatchService.Watch, [history, hear(2)]));
  });
}

test('beside the API: health checks with and without alarms, and where nothing is', TIMEOUT, async (chapter) => {
  for (const alarm of [AlarmType.NONE, AlarmType.NOSPACE, AlarmType.CORRUPT]) {
    await compare(ask('raise', MaintenanceService.Alarm, { action: AlarmAction.ACTIVATE, memberID: 1n, alarm }));
    for (const row of HTTP_ROWS) {
      await chapter.test(`${row[1]?.method ?? 'GET'} ${row[0]}, alarm ${alarm}`, TIMEOUT, async () => {
        const [is, etcdSays] = await Promise.all(
          [members.urls[0], etcd.clientUrls[0]].map((url) => httpAnswer(url ?? '', row)),
        );
        assert.deepEqual(is, etcdSays);
      });
    }
    await compare(ask('disarm', MaintenanceService.Alarm, { action: AlarmAction.DEACTIVATE, memberID: 1n, alarm }));
  }
});

/** The revision that both have reached. */
async function sameRevision(): Promise<number> {
  const [ofEtcd, ofOurs] = await Promise.all([theirs.revision(), ours.revision()]);
  assert.equal(ofOurs, ofEtcd);
  return ofOurs;
}

test('members of three', { timeout: 120_000 }, async (chapter) => {
  const etcds = await startRealEtcd(join(folder.path, 'three'), 3);
  const three = await startMembers(3);
  const sides = { ours: await Side.connect(three.urls), theirs: await Side.connect(etcds.clientUrls) };
  try {
    // Until all have been connected for etcd's HealthInterval, changes are refused.
    await delay(8_000);
    for (const step of MEMBER_STEPS) {
      const { name } = typeof step === 'function' ? step(sides.ours) : step;
      await chapter.test(name, () => compare(step, sides));
    }
  } finally {
    sides.ours.close();
    sides.theirs.close();
    await Promise.all([three.stop(), etcds.stop()]);
  }
});

test('every difference that is told was shown', () => {
  const unseen = DIFFERENCES.filter((difference) => !shown.has(difference)).map(({ id }) => id);
  assert.deepEqual(unseen, []);
});

interface Sides {
  readonly ours: Side;
  readonly theirs: Side;
}

async function compare(asked: Step | ((side: Side) => Step), sides: Sides = { ours, theirs }): Promise<void> {
  const [step, sameOfTheirs] = typeof asked === 'function' ? [asked(sides.ours), asked(sides.theirs)] : [asked, asked];
  const [is, etcdSays] = await Promise.all([sides.ours.run(step), answerOfEtcd(sides.theirs, sameOfTheirs)]);
  const wanted = expected(step, etcdSays, is);
  assert.deepEqual({ step: step.name, ...is }, { step: step.name, ...wanted });
}

async function answerOfEtcd(etcd: Side, step: Step): Promise<Answer> {
  return step.differs?.endsEtcd === true ? NO_ANSWER : etcd.run(step);
}

const NO_ANSWER: Answer = { code: undefined, text: '', messages: [] };

function expected({ differs, mayDiffer }: Step, etcdSays: Answer, is: Answer): Answer {
  if (differs === undefined) {
    return mayDiffer === undefined || isDeepStrictEqual(is, etcdSays) ? etcdSays : mayDiffer.ours(etcdSays, is);
  }
  const wanted = differs.ours(etcdSays, is);
  assert.ok(!isDeepStrictEqual(wanted, etcdSays), `etcd answers as we do: ${differs.id} is no difference`);
  shown.add(differs);
  return wanted;
}
