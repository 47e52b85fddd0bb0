import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MemberId } from '../../base/brand.ts';
import type { ConfChange } from '../../raft/types.ts';
import type { Weather } from './world.ts';
import { World } from './world.ts';

/** KEELSON_RAFT_RUNS=5000 for a long search, KEELSON_RAFT_SEED=n for another one. */
const RUNS = Number(process.env['KEELSON_RAFT_RUNS'] ?? 300);
const SEED = Number(process.env['KEELSON_RAFT_SEED'] ?? 20_261_121);

type Action = (world: World) => void;

const member = fc.integer({ min: 1, max: 7 });
const share = fc.constantFrom(0, 0.05, 0.2, 0.5);
const weather: fc.Arbitrary<Weather> = fc.record({
  loss: share,
  duplication: fc.constantFrom(0, 0.05, 0.2),
  disorder: share,
  delay: share,
  slowDisk: fc.constantFrom(0, 0.2, 0.5, 0.9),
  faults: fc.constantFrom(0, 0, 0.02, 0.05, 0.1),
  load: fc.constantFrom(0, 0.05, 0.2),
});

const change: fc.Arbitrary<ConfChange> = fc.record({
  transition: fc.constantFrom('auto', 'auto', 'joint-implicit', 'joint-explicit'),
  changes: fc.array(
    fc.record({
      type: fc.constantFrom('add-voter', 'add-voter', 'add-learner', 'remove'),
      member: member.map((id) => BigInt(id) as MemberId),
    }),
    { maxLength: 3 },
  ),
  context: fc.constant(new Uint8Array(0)),
});

/** Printed by name when a run fails. */
function action<Args extends unknown[]>(
  name: string,
  args: fc.Arbitrary<Args>,
  run: (world: World, ...args: Args) => void,
): fc.Arbitrary<Action> {
  return args.map((values) => {
    const act: Action = (world) => run(world, ...values);
    const text = `${name}(${values.map((value) => fc.stringify(value)).join(', ')})`;
    return Object.assign(act, { [fc.toStringMethod]: () => text });
  });
}

const actions = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: action('run', fc.tuple(fc.integer({ min: 5, max: 250 }), weather), (world, steps, how) =>
        world.run(steps, how),
      ),
    },
    {
      weight: 5,
      arbitrary: action('propose', fc.tuple(member, fc.integer({ min: 1, max: 8 })), (world, who, n) =>
        world.propose(who, n),
      ),
    },
    { weight: 4, arbitrary: action('read', fc.tuple(member), (world, who) => world.read(who)) },
    {
      weight: 4,
      arbitrary: action(
        'crash',
        fc.tuple(member, fc.constantFrom(0, 0.5, 1), fc.nat(3)),
        (world, who, written, appliedBack) => world.crash(who, { written, appliedBack }),
      ),
    },
    { weight: 4, arbitrary: action('restart', fc.tuple(member), (world, who) => world.restart(who)) },
    { weight: 3, arbitrary: action('partition', fc.tuple(fc.nat(127)), (world, mask) => world.partition(mask)) },
    { weight: 1, arbitrary: action('heal', fc.tuple(), (world) => world.partition(0)) },
    { weight: 3, arbitrary: action('campaign', fc.tuple(member), (world, who) => world.campaign(who)) },
    { weight: 2, arbitrary: action('transfer', fc.tuple(member, member), (world, who, to) => world.transfer(who, to)) },
    { weight: 1, arbitrary: action('stepDown', fc.tuple(member), (world, who) => world.stepDown(who)) },
    {
      weight: 3,
      arbitrary: action('conf', fc.tuple(member, change), (world, who, what) => world.proposeConf(who, what)),
    },
    {
      weight: 2,
      arbitrary: action('compact', fc.tuple(member, fc.nat(4)), (world, who, keep) => world.compact(who, keep)),
    },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

const options = fc.record({
  members: fc.integer({ min: 3, max: 5 }),
  seed: fc.nat(),
  preVote: fc.constantFrom(false, true),
  checkQuorum: fc.boolean(),
  maxMessageBytes: fc.constantFrom(30, 60, 300),
});

test('whatever the network, the disks and the operators do, Raft keeps its promises', () => {
  let chosen = 0;
  let reads = 0;
  fc.assert(
    fc.property(options, actions, (chosenOptions, story) => {
      const world = new World(chosenOptions);
      for (const act of story) act(world);
      world.healAndCheckLiveness();
      chosen += world.chosen;
      reads += world.answeredReads;
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: false },
  );
  assert(chosen > RUNS * 10 && reads > RUNS, `the runs did next to nothing: ${chosen} entries, ${reads} reads`);
});
