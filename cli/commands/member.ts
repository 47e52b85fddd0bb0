import { ETCD_SERVER_VERSION } from '../../client/etcd-version.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { parseGoFlags } from '../flags/go-flags.ts';
import { MEMBER_FLAGS } from '../flags/member-flags.ts';
import { memberOptions } from '../flags/member-options.ts';
import { memberSettings } from '../flags/member-sources.ts';
import { EXIT, UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { memberHelp } from './member-help.ts';

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
