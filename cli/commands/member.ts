import { Command } from 'commander';
import type { MemberDoors } from '../../member/doors.ts';
import { addFlags } from '../flags/flag.ts';
import { MEMBER_FLAGS } from '../flags/member-flags.ts';
import { memberOptions } from '../flags/member-options.ts';
import { memberSettings } from '../flags/member-sources.ts';

/** `keelson member`: one store member that speaks etcd v3. `doors` replaces some of those to the real world, for test builds. */
export function memberCommand(exit: (code: number) => void, doors: Partial<MemberDoors> = {}): Command {
  const command = new Command('member')
    .summary('one store member; flags, ETCD_* variables and YAML of etcd')
    .description(
      'Runs one member of the store. It speaks the etcd v3 API: any etcd client works, etcdctl and kube-apiserver included.\nFlags are those of etcd; each may also come as ETCD_NAME in the environment, or in --config-file.',
    );
  const given = addFlags(command, MEMBER_FLAGS);
  command.addHelpText(
    'after',
    `
Examples:
  keelson member --name m1 --data-dir ./m1
  keelson member --name m1 --data-dir ./m1 \\
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \\
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \\
    --initial-cluster m1=http://127.0.0.1:2380,m2=http://127.0.0.1:2390,m3=http://127.0.0.1:2400`,
  );
  return command.allowExcessArguments(false).action(async () => {
    const options = memberOptions(memberSettings(MEMBER_FLAGS, given, process.env));
    const [{ createLogger }, { runMember }, { runUntilStopped }] = await Promise.all([
      import('../log.ts'),
      import('../run/member.ts'),
      import('../run/shutdown.ts'),
    ]);
    const logger = createLogger(options.logLevel, { member: options.config.name });
    const member = await runMember(options, logger, doors);
    exit(await runUntilStopped(() => member.close(), { logger, ended: member.ended }));
  });
}
