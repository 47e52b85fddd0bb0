import { Command } from 'commander';
import { ETCD_SERVER_VERSION } from '../../client/etcd-version.ts';
import type { MemberDoors } from '../../member/doors.ts';
import type { Flag } from '../flags/flag.ts';
import { parseGoFlags } from '../flags/go-flags.ts';
import { MEMBER_FLAGS, MEMBER_SECTIONS } from '../flags/member-flags.ts';
import { memberOptions } from '../flags/member-options.ts';
import { memberSettings } from '../flags/member-sources.ts';
import { EXIT, UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';

/** `keelson member` in the list of commands; its arguments go to `runMemberCommand`, which reads them as etcd does. */
export function memberCommand(): Command {
  const command = new Command('member').summary('one store member; flags, ETCD_* variables and YAML of etcd');
  command.helpInformation = () => memberHelp('keelson member');
  return command;
}

/**
 * One store member that speaks etcd v3, until it is asked to stop; answers the exit code. `name`: what it was called as, `etcd` by a link of that
 * name; `doors` replaces some of those to the real world, for test builds. Errors: UsageError, before anything is written.
 */
export async function runMemberCommand(
  name: string,
  args: readonly string[],
  doors: Partial<MemberDoors> = {},
): Promise<number> {
  if (args[0] === 'gateway' || args[0] === 'grpc-proxy')
    throw new UsageError(`'${args[0]}' is not served: clients find every member by themselves`);
  const { given, wantsHelp, wantsVersion } = parseGoFlags(MEMBER_FLAGS, args);
  if (wantsHelp || wantsVersion) {
    process.stdout.write(wantsHelp ? memberHelp(name) : versionText());
    return EXIT.ok;
  }
  const { settings, notices } = memberSettings(MEMBER_FLAGS, given, process.env);
  const options = memberOptions(settings);
  const [{ createLogger, logNotices }, { runMember }, { runUntilStopped }] = await Promise.all([
    import('../log.ts'),
    import('../run/member.ts'),
    import('../run/shutdown.ts'),
  ]);
  const logger = createLogger(options.log, { member: options.config.name });
  logNotices(logger, [...notices, ...options.notices]);
  const member = await runMember(options, logger, doors);
  return runUntilStopped(() => member.close(), { logger, ended: member.ended });
}

/** As etcd's, whose first line scripts read. */
function versionText(): string {
  return `etcd Version: ${ETCD_SERVER_VERSION}\nKeelson Version: ${VERSION}\nNode Version: ${process.version}\n`;
}

function memberHelp(name: string): string {
  const sections = MEMBER_SECTIONS.map(({ title, flags }) => `${title}:\n${flags.map(helpOf).join('')}\n`).join('');
  return `Usage: ${name} [flags]

Runs one member of the store. It speaks the etcd v3 API: any etcd client works, etcdctl and kube-apiserver included.
Flags are those of etcd; each may also come as ETCD_NAME in the environment, or in --config-file. Flags of etcd that are not
listed are taken and have no effect, or are refused: docs/operating/flags.md has them all.

${sections}Examples:
  keelson member --name m1 --data-dir ./m1
  keelson member --name m1 --data-dir ./m1 \\
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \\
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \\
    --initial-cluster m1=http://127.0.0.1:2380,m2=http://127.0.0.1:2390,m3=http://127.0.0.1:2400
`;
}

function helpOf(flag: Flag): string {
  const usual = flag.default === undefined ? '' : ` (default: ${flag.default})`;
  return `  --${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}\n      ${flag.help}${usual}\n`;
}
