import assert from 'node:assert/strict';
import { test } from 'node:test';
import { help, optionsOf, UsageError } from '../../bench/options.ts';

const KNOWN = { loads: ['put', 'range'], growth: ['growth-reads', 'growth-puts'] };

test('without arguments everything is measured, and saved', () => {
  const options = optionsOf([], KNOWN);
  assert.deepEqual(options?.names, ['put', 'range', 'growth-reads', 'growth-puts']);
  assert.deepEqual([options?.rounds, options?.against, options?.saveFolder], [5, 'etcd', 'docs/benchmarks']);
});

test('one load at one size', () => {
  const options = optionsOf(['put', '--clients', '1000', '--against', 'etcd'], KNOWN);
  assert.deepEqual([options?.names, options?.clients, options?.connections], [['put'], 1000, undefined]);
});

test('growth is all its parts', () => {
  assert.deepEqual(optionsOf(['growth', 'range'], KNOWN)?.names, ['range', 'growth-reads', 'growth-puts']);
  assert.deepEqual(optionsOf(['growth-puts'], KNOWN)?.names, ['growth-puts']);
});

test('what has no other side is not saved', () => {
  assert.equal(optionsOf(['--against', 'none'], KNOWN)?.saveFolder, undefined);
  assert.equal(optionsOf(['--save', 'none'], KNOWN)?.saveFolder, undefined);
  assert.equal(optionsOf(['--save', 'there'], KNOWN)?.saveFolder, 'there');
});

for (const [args, message] of [
  [['delete'], /no load "delete" \(there are: put, range, growth-reads, growth-puts, growth\)/],
  [['--clients', 'many'], /--clients takes a number above 0, not "many"/],
  [['--rounds', '0'], /--rounds takes a number above 0/],
  [['--warm-up=-1'], /--warm-up takes a number from 0 on/],
  [['--against', 'zookeeper'], /--against is etcd or none/],
  [['--quick'], /--quick/],
] as const)
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(
      () => optionsOf([...args], KNOWN),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });

test('help is asked for, and names the loads', () => {
  assert.equal(optionsOf(['--help'], KNOWN), undefined);
  assert.match(help(KNOWN), /Loads: put, range\nParts of growth: growth-reads, growth-puts\n$/);
});
