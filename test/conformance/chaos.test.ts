import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterFault } from '../../chaos/cluster/faults/fault.ts';
import { kill, killAll } from '../../chaos/cluster/faults/kill.ts';
import { partition } from '../../chaos/cluster/faults/partition.ts';
import { pause } from '../../chaos/cluster/faults/pause.ts';
import { runChaos } from '../../chaos/cluster/run.ts';
import { WORKLOADS } from '../../chaos/cluster/workloads/catalogue.ts';
import { temporaryFolder } from '../kit/cluster.ts';

/** A short chaos on real processes: `npm run chaos` is the long one. */

const SEED = Number(process.env['KEELSON_TEST_SEED'] ?? 7);
const SEQUENCE = [kill, kill, pause, kill, partition, killAll];

/** The faults of the sequence, one after the other. */
const inTurn: ClusterFault = {
  name: 'in turn',
  summary: SEQUENCE.map(({ name }) => name).join(', '),
  needs: ['proxies'],
  inject: (() => {
    let next = 0;
    return (scene) => (SEQUENCE[next++ % SEQUENCE.length] ?? kill).inject(scene);
  })(),
};

test('kills, a pause and a partition under clients of the store: nothing that was told is wrong', async (t) => {
  const folder = await temporaryFolder();
  const report = await runChaos({
    directory: folder.path,
    members: 3,
    seed: SEED,
    durationMs: 5_000 * (SEQUENCE.length + 0.5),
    everyMs: 5_000,
    faults: [inTurn],
    workloads: WORKLOADS.filter(({ needsApiServers }) => needsApiServers !== true).map(({ make }) => make),
    clients: 2,
    thinkMs: 20,
    tell: (line) => t.diagnostic(line),
  }).finally(() => folder.remove());
  assert.deepEqual(report.findings, []);
  assert.ok(report.faults.length >= SEQUENCE.length - 1, 'faults were done');
  for (const { name, acknowledged } of report.workloads) assert.ok(acknowledged > 10, `${name} got answers`);
});
