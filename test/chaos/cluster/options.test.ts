import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsOf, USAGE } from '../../../chaos/cluster/options.ts';

test('the line that does it again does the same', () => {
  const options = optionsOf(['--fault', 'kill,pause', '--minutes', '2', '--members', '5', '--seed', '7']);
  assert.ok(typeof options === 'object');
  const again = optionsOf(options.replay.split(' ').slice(4));
  assert.deepEqual(JSON.stringify(again), JSON.stringify(options));
  assert.deepEqual([options.members, options.durationMs, options.seed], [5, 120_000, 7]);
});

test('what cannot be understood is said in a line', async (t) => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['--fault', 'kil'], /^--fault kil: there are kill, /],
    [['--workload', 'registers,'], /^--workload : there are registers, /],
    [['--minutes', 'ten'], /^--minutes ten: must be a number from/],
    [['--members', '2.5'], /^--members 2\.5: must be a whole number/],
    [['--members', '8'], /^--members 8: must be a number from 1 to 7/],
    [['--every', '0'], /^--every 0: must be a number from/],
    [['--what'], /Unknown option '--what'/],
  ];
  for (const [args, expected] of rows)
    await t.test(args.join(' '), () => {
      const said = optionsOf(args);
      assert.ok(typeof said === 'string');
      assert.match(said, expected);
    });
});

test('help tells every flag', () => {
  assert.equal(optionsOf(['--help']), undefined);
  for (const flag of ['fault', 'workload', 'minutes', 'every', 'members', 'clients', 'think', 'seed', 'json', 'keep'])
    assert.match(USAGE, new RegExp(`--${flag} `));
});
