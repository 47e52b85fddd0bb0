import { join } from 'node:path';
import { eventually } from '../../kit/process.ts';
import type { Ctl, Scenario } from './scenario.ts';

/** Users, roles, members, snapshots, mirrors and the health of it all. */

const ALL = { endpoints: [0, 1, 2] };
const ROOT = '--user=root:secret';

/** Ids as etcdctl prints them, in the order of the members' names. */
async function memberIds(ctl: Ctl): Promise<readonly string[]> {
  const rows = (await ctl.run(['member', 'list'], { sorted: true })).trim().split('\n');
  const idOf = (name: string): string => rows.find((row) => row.split(', ')[2] === name)?.split(',')[0] ?? '';
  return ['m0', 'm1', 'm2'].map(idOf);
}

/** The first member leads, so that both clusters tell the same of it. */
async function firstLeads(ctl: Ctl): Promise<void> {
  const [first = ''] = await memberIds(ctl);
  for (const endpoint of [0, 1, 2]) {
    const move = ctl.start(['move-leader', first], { endpoints: [endpoint] });
    await new Promise((resolve) => move.child.once('close', resolve));
  }
}

export const adminScenarios: Readonly<Record<string, Scenario>> = {
  'endpoints and their state': async (ctl) => {
    await firstLeads(ctl);
    // Ids of leases are each store's own and part of what is hashed: they go with the history.
    const put = await ctl.run(['put', 'e/a', '1', '-w', 'json']);
    await ctl.run(['compaction', /"revision":(\d+)/.exec(put)?.[1] ?? '', '--physical']);
    await ctl.run(['put', 'e/a', '2']);
    await ctl.run(['put', 'e/b', '1']);
    await ctl.run(['del', 'e/a']);
    for (const format of ['simple', 'json', 'fields', 'table']) {
      await ctl.run(['endpoint', 'status', '-w', format], { ...ALL, ownNumbers: true });
      await ctl.run(['endpoint', 'hashkv', '-w', format], ALL);
    }
    await ctl.run(['endpoint', 'health'], { sorted: true, ...ALL });
    await ctl.run(['endpoint', 'health', '--cluster'], { sorted: true });
    await ctl.run(['endpoint', 'health', '-w', 'json']);
    await ctl.run(['endpoint', 'hashkv', '--rev=3']);
    await ctl.run(['endpoint', 'hashkv', '--rev=100000']);
    await ctl.run(['endpoint', 'hashkv', '--cluster'], { sorted: true });
    await ctl.run(['endpoint', 'status', '--cluster'], { sorted: true, ownNumbers: true });
    await ctl.run(['alarm', 'list']);
    await ctl.run(['alarm', 'disarm']);
    await ctl.run(['alarm', 'list', '-w', 'json']);
    await ctl.run(['defrag'], ALL);
    await ctl.run(['defrag', '--cluster'], { sorted: true });
    await ctl.run(['version']);
  },
  'check datascale': async (ctl) => {
    if (ctl.minor < 5) return ctl.note('check datascale', 'asked in one generation only: it takes a while');
    const check = ctl.start(['check', 'datascale', '--load=s', '--auto-compact', '--auto-defrag']);
    await check.waitFor(/PASS: Approximate system memory used : [\d.]+ MB/, 60_000);
    await ctl.run(['get', '/etcdctl-check-datascale/', '--prefix', '--keys-only', '-w', 'json']);
  },
  'move-leader': async (ctl) => {
    await firstLeads(ctl);
    const [first = '', second = ''] = await memberIds(ctl);
    await ctl.run(['move-leader', second], { endpoints: [1] });
    await ctl.run(['move-leader', 'abc123'], ALL);
    await ctl.run(['move-leader', 'nobody'], ALL);
    await ctl.run(['move-leader', second], ALL);
    await ctl.run(['move-leader', first], ALL);
  },
  members: async (ctl) => {
    const learner = ['member', 'add', 'extra', '--learner', '--peer-urls=http://127.0.0.1:1'];
    const idOf = (output: string): string => /^Member\s+([0-9a-f]+) added/.exec(output)?.[1] ?? '';
    for (const format of ['simple', 'json', 'table']) await ctl.run(['member', 'list', '-w', format], { sorted: true });
    // etcd takes in nobody until all have been connected for five seconds.
    const added = await eventually(
      'a learner is let in',
      async () => {
        const add = ctl.start(learner);
        await new Promise((resolve) => add.child.once('close', resolve));
        return idOf(add.output()) || undefined;
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
    await ctl.run(learner);
    await ctl.run(['member', 'add', 'other', '--learner', '--peer-urls=http://127.0.0.1:2']);
    await ctl.run(['member', 'list'], { sorted: true });
    await ctl.run(['member', 'promote', added]);
    await ctl.run(['member', 'update', added, '--peer-urls=http://127.0.0.1:3']);
    await ctl.run(['member', 'list', '--write-out=simple'], { sorted: true });
    await ctl.run(['member', 'remove', added]);
    await ctl.run(['member', 'remove', added]);
    await ctl.run(['member', 'promote', added]);
    await ctl.run(['member', 'update', added, '--peer-urls=http://127.0.0.1:3']);
    await ctl.run(['member', 'add', 'voter', '--peer-urls=nonsense']);
    await ctl.run(['member', 'add', 'voter']);
    await ctl.run(['member', 'remove', 'nobody']);
    const [first = ''] = await memberIds(ctl);
    await ctl.run(['member', 'promote', first]);
    await ctl.run(['member', 'update', first, `--peer-urls=${ctl.store.peerUrls[1]}`]);
    await ctl.run(['member', 'update', first, `--peer-urls=${ctl.store.peerUrls[0]}`, '-w', 'json'], {
      sorted: true,
    });
    await ctl.run(['member', 'list'], { sorted: true });
  },
  'snapshot save, status, restore': async (ctl) => {
    const file = join(ctl.folder, 'snapshot.db');
    const quiet = async (args: readonly string[]): Promise<void> => {
      const command = ctl.start(args);
      const code = await new Promise((resolve) => command.child.once('close', resolve));
      // The lines of its log name files and times; what counts is that it went well.
      ctl.note(args.slice(0, 2).join(' '), `exit ${code}`);
    };
    for (let i = 0; i < 5; i++) await ctl.run(['put', `s/${i}`, 'x'.repeat(1000)]);
    await quiet(['snapshot', 'save', file]);
    for (const format of ['simple', 'json', 'fields', 'table']) {
      const status = ctl.start(['snapshot', 'status', file, '-w', format]);
      await new Promise((resolve) => status.child.once('close', resolve));
      const revision = /"revision":(\d+)|"Revision" : (\d+)/.exec(status.output());
      ctl.note(`snapshot status -w ${format}`, `${status.child.exitCode} ${revision?.[1] ?? revision?.[2]}`);
    }
    await quiet(['snapshot', 'restore', file, '--data-dir', join(ctl.folder, 'restored')]);
  },
  'a mirror within the store': async (ctl) => {
    await ctl.run(['put', 'src/a', '1']);
    const to = new URL(ctl.store.clientUrls[1] ?? '').host;
    const mirror = ctl.start(['make-mirror', '--prefix=src/', '--dest-prefix=dst/', to]);
    const arrives = (key: string): Promise<unknown> =>
      eventually(
        `${key} is mirrored ${mirror.errors()}`,
        async () => {
          const get = ctl.start(['get', key]);
          await new Promise((resolve) => get.child.once('close', resolve));
          return get.output() === '' ? undefined : true;
        },
        { timeoutMs: 10_000 },
      );
    await arrives('dst/a');
    await ctl.run(['put', 'src/b', '2']);
    await ctl.run(['del', 'src/a']);
    await ctl.run(['txn'], { input: '\nput src/c 3\nput src/d 4\n\n\n' });
    await arrives('dst/d');
    await ctl.ended(mirror, 'make-mirror', { code: false });
    await ctl.run(['get', 'dst/', '--prefix']);
  },
  'users and roles': async (ctl) => {
    await ctl.run(['auth', 'enable']);
    for (const name of ['root:secret', 'alice:alice', 'bob:bob']) await ctl.run(['user', 'add', name]);
    await ctl.run(['user', 'add', 'carol', '--new-user-password=c']);
    await ctl.run(['user', 'add', 'dave', '--interactive=false'], { input: 'd\n' });
    await ctl.run(['user', 'add', 'cert', '--no-password', '-w', 'json']);
    await ctl.run(['user', 'add', 'alice:again']);
    await ctl.run(['user', 'add', '']);
    await ctl.run(['role', 'add', 'root']);
    for (const role of ['app', 'spare']) await ctl.run(['role', 'add', role]);
    await ctl.run(['role', 'add', 'app', '-w', 'json']);
    await ctl.run(['role', 'grant-permission', 'app', 'readwrite', 'app/', '--prefix']);
    await ctl.run(['role', 'grant-permission', 'app', 'read', 'one']);
    await ctl.run(['role', 'grant-permission', 'app', 'write', 'a', 'c']);
    await ctl.run(['role', 'grant-permission', 'app', 'read', 'z', '--from-key', '-w', 'json']);
    await ctl.run(['role', 'grant-permission', 'app', 'execute', 'z']);
    await ctl.run(['role', 'grant-permission', 'none', 'read', 'z']);
    for (const format of ['simple', 'json', 'fields', 'protobuf', 'table']) {
      await ctl.run(['role', 'get', 'app', '-w', format]);
      await ctl.run(['role', 'list', '-w', format]);
      await ctl.run(['user', 'list', '-w', format]);
    }
    await ctl.run(['role', 'get', 'none']);
    await ctl.run(['role', 'revoke-permission', 'app', 'z', '--from-key']);
    await ctl.run(['role', 'revoke-permission', 'app', 'z', '--from-key']);
    await ctl.run(['user', 'grant-role', 'root', 'root']);
    await ctl.run(['user', 'grant-role', 'alice', 'app']);
    await ctl.run(['user', 'grant-role', 'alice', 'none']);
    await ctl.run(['user', 'grant-role', 'nobody', 'app']);
    await ctl.run(['user', 'get', 'alice', '-w', 'json']);
    await ctl.run(['user', 'get', 'alice', '--detail']);
    await ctl.run(['user', 'get', 'nobody']);
    await ctl.run(['user', 'revoke-role', 'bob', 'app']);
    await ctl.run(['user', 'passwd', 'bob', '--interactive=false'], { input: 'b2\n' });
    await ctl.run(['put', 'one', '1']);
    if (ctl.minor >= 5) await ctl.run(['auth', 'status', '-w', 'json']);
    await ctl.run(['auth', 'enable', ROOT]);
    if (ctl.minor >= 5) for (const user of [[], [ROOT]]) await ctl.run(['auth', 'status', ...user]);
    await underAuth(ctl);
    await ctl.run(['auth', 'disable', ROOT]);
    await ctl.run(['auth', 'disable']);
    await ctl.run(['role', 'delete', 'app']);
    await ctl.run(['user', 'get', 'alice']);
    for (const user of ['root', 'alice', 'bob', 'carol', 'dave', 'cert', 'nobody'])
      await ctl.run(['user', 'delete', user]);
    for (const role of ['root', 'spare', 'spare']) await ctl.run(['role', 'delete', role]);
  },
};

async function underAuth(ctl: Ctl): Promise<void> {
  const ALICE = '--user=alice:alice';
  const commands: readonly (readonly string[])[] = [
    ['get', 'one'],
    ['get', 'one', '--user=alice:wrong'],
    ['get', 'one', '--user=nobody:x'],
    ['get', 'one', '--user=cert:x'],
    ['get', 'one', ALICE],
    ['get', 'one', '--user=alice', '--password=alice'],
    ['put', 'one', '2', ALICE],
    ['put', 'app/x', '2', ALICE],
    ['get', 'app/', '--prefix', ALICE],
    ['get', 'a', '--from-key', ALICE],
    ['del', 'app/x', '--prev-kv', ALICE],
    ['put', 'b', '1', ALICE],
    ['put', 'b', '1', '--prev-kv', ALICE],
    ['get', 'b', ALICE],
    ['watch', 'b', ALICE],
    ['lease', 'grant', '600', ALICE],
    ['compaction', '2', ALICE],
    ['user', 'list', ALICE],
    ['user', 'get', 'alice', ALICE],
    ['user', 'get', 'bob', ALICE],
    ['role', 'list', ALICE],
    ['role', 'get', 'app', ALICE],
    ['role', 'get', 'spare', ALICE],
    ['member', 'list', ALICE],
    ['alarm', 'list', ALICE],
    ['alarm', 'disarm', ALICE],
    ['defrag', ALICE],
    ['endpoint', 'health', ALICE],
    ['endpoint', 'hashkv', ALICE],
    ['auth', 'disable', ALICE],
    ['user', 'list', ROOT],
    ['user', 'delete', 'root', ROOT],
    ['user', 'revoke-role', 'root', 'root', ROOT],
    ['role', 'delete', 'root', ROOT],
    ['get', '', '--prefix', '--keys-only', '--limit=3', ROOT],
  ];
  for (const args of commands) await ctl.run(args, { sorted: args[0] === 'member' });
}
