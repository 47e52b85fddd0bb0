import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Flag } from '../../cli/flags/flag.ts';
import { parseGoFlags } from '../../cli/flags/go-flags.ts';
import { MEMBER_FLAGS } from '../../cli/flags/member-flags.ts';
import { memberOptions } from '../../cli/flags/member-options.ts';
import { memberSettings } from '../../cli/flags/member-sources.ts';

const FLAGS: readonly Flag[] = [
  { name: 'name', value: 'NAME', help: '' },
  { name: 'auto-tls', help: '' },
];

describe("a command line is read as Go's flag package reads it", () => {
  const rows: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
    [['--name', 'a'], { name: 'a' }],
    [['-name', 'a'], { name: 'a' }],
    [['--name=a=b'], { name: 'a=b' }],
    [['-name='], { name: '' }],
    [['--name', '--auto-tls'], { name: '--auto-tls' }],
    [['--name=a', '-name=b'], { name: 'b' }],
    [['--auto-tls'], { 'auto-tls': 'true' }],
    [['--auto-tls=F', '--name', 'x'], { 'auto-tls': 'F', name: 'x' }],
    [['--auto-tls', '--'], { 'auto-tls': 'true' }],
    [[], {}],
  ];
  for (const [args, given] of rows)
    it(args.join(' '), () => assert.deepEqual(Object.fromEntries(parseGoFlags(FLAGS, args).given), given));

  const refusals: readonly (readonly [readonly string[], string])[] = [
    [['--nmae', 'a'], 'flag provided but not defined: -nmae'],
    [['--name'], 'flag needs an argument: -name'],
    [['--auto-tls', 'true'], "'true' is not a valid flag"],
    [['x'], "'x' is not a valid flag"],
    [['--', 'x'], "'x' is not a valid flag"],
    [['-'], "'-' is not a valid flag"],
    [['---name=a'], 'bad flag syntax: ---name=a'],
    [['--=a'], 'bad flag syntax: --=a'],
    [['--auto-tls=perhaps'], 'invalid boolean value "perhaps" for -auto-tls: must be true or false'],
  ];
  for (const [args, message] of refusals)
    it(`refuses ${args.join(' ')}`, () =>
      assert.throws(() => parseGoFlags(FLAGS, args), { name: 'UsageError', message }));

  it('asks for help and for the version', () => {
    for (const help of ['-h', '--help', '-help']) assert.ok(parseGoFlags(FLAGS, [help, '--nonsense']).wantsHelp);
    assert.ok(parseGoFlags(FLAGS, ['--version']).wantsVersion);
  });
});

describe('settings have one source', () => {
  const settingsOf = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    memberSettings(MEMBER_FLAGS, parseGoFlags(MEMBER_FLAGS, args).given, environment);

  it('a variable beside its flag is refused, as by etcd', () =>
    assert.throws(() => settingsOf(['--name', 'a'], { ETCD_NAME: 'b' }), {
      message:
        'conflicting environment variable ETCD_NAME is shadowed by corresponding command-line flag (either unset environment variable or disable flag)',
    }));

  it('variables that are used, and those that nobody knows, are told', () => {
    const { settings, notices } = settingsOf([], { ETCD_NAME: 'b', ETCD_NMAE: 'c', ETCD_DATA_DIR: '', OTHER: 'x' });
    assert.deepEqual(Object.fromEntries(settings), { name: 'b' });
    assert.deepEqual(
      notices.map(({ message }) => message),
      ['recognized and used environment variable', 'unrecognized environment variable'],
    );
  });

  it('old names mean the new ones, and do not stand beside them', () => {
    const { settings } = settingsOf(['--experimental-watch-progress-notify-interval=5s']);
    assert.equal(memberOptions(settings).config.watchProgressIntervalMs, 5_000);
    assert.throws(
      () => settingsOf(['--experimental-snapshot-catchup-entries=5'], { ETCD_SNAPSHOT_CATCHUP_ENTRIES: '6' }),
      {
        message: /^cannot set --experimental-snapshot-catchup-entries and --snapshot-catchup-entries at the same time/,
      },
    );
  });

  it('what has no effect is told with the reason', () => {
    const gates = '--feature-gates=InitialCorruptCheck=true,LeaseCheckpoint=true,CompactHashCheck=false';
    const args = ['--enable-pprof', '--max-wals=9', gates];
    const { notices } = memberOptions(settingsOf(args).settings);
    assert.deepEqual(
      notices.map(({ fields }) => fields['flag'] ?? fields['gates']),
      ['enable-pprof', 'max-wals', ['LeaseCheckpoint']],
    );
    assert.match(String(notices[0]?.fields['why']), /--cpu-prof/);
  });

  it('when members are compared', () => {
    const never = { initial: false, everyMs: 0, compactedEveryMs: 0 };
    for (const [args, expected] of [
      [[], undefined],
      [['--experimental-initial-corrupt-check'], { ...never, initial: true }],
      [['--feature-gates=InitialCorruptCheck=true'], { ...never, initial: true }],
      [['--corrupt-check-time=2h'], { ...never, everyMs: 7_200_000 }],
      [['--compact-hash-check-enabled'], { ...never, compactedEveryMs: 60_000 }],
      [['--feature-gates=CompactHashCheck=true', '--compact-hash-check-time=5s'], { ...never, compactedEveryMs: 5000 }],
      [['--compact-hash-check-time=5s'], undefined],
    ] as const)
      assert.deepEqual(memberOptions(settingsOf(args).settings).config.corruptChecks, expected, args.join(' '));
    assert.throws(
      () => memberOptions(settingsOf(['--compact-hash-check-time=0s']).settings),
      /--compact-hash-check-time must be >0/,
    );
  });
});

it('every flag of etcd has one meaning here, and a reason when it has none', () => {
  const names = MEMBER_FLAGS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, idle, only, why, renamed, help } of MEMBER_FLAGS) {
    assert.ok(help !== '' || why !== undefined || renamed !== undefined, name);
    if (idle === true || only !== undefined) assert.ok(why !== undefined, name);
  }
});
