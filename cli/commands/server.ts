import { Command } from 'commander';
import { APISERVER_FLAGS, PREFIX_FLAG } from '../flags/apiserver-flags.ts';
import { apiServerSettings } from '../flags/apiserver-options.ts';
import { addFlags, type Flag, type Given } from '../flags/flag.ts';
import { MEMBER_FLAGS } from '../flags/member-flags.ts';
import { memberOptions } from '../flags/member-options.ts';
import { memberSettings } from '../flags/member-sources.ts';

const OF_API_SERVER: readonly Flag[] = [...APISERVER_FLAGS, PREFIX_FLAG];
const OF_MEMBER: readonly Flag[] = MEMBER_FLAGS.filter(({ name }) => !OF_API_SERVER.some((flag) => flag.name === name));

/** `keelson server`: a member and an API server in one process, without a socket between them. */
export function serverCommand(exit: (code: number) => void): Command {
  const command = new Command('server')
    .summary('a member and an API server in one process')
    .description(
      'Runs one store member and one API server on it in the same process. Takes the flags of `keelson member` and of `keelson apiserver`.',
    );
  const given = addFlags(command, [...OF_MEMBER, ...OF_API_SERVER]);
  command.addHelpText(
    'after',
    `
Examples:
  keelson server --data-dir ./keelson
  keelson server --data-dir ./keelson --secure-port 6443 --listen-client-urls http://127.0.0.1:2379`,
  );
  return command.allowExcessArguments(false).action(async () => {
    const { settings: ofMember, notices } = memberSettings(MEMBER_FLAGS, given, process.env);
    const options = memberOptions(ofMember);
    const settings = apiServerSettings(apiServerGiven(given, options.config.dataDir));
    const [{ createLogger, logNotices }, { runMember }, { runApiServer }, { runUntilStopped }] = await Promise.all([
      import('../log.ts'),
      import('../run/member.ts'),
      import('../run/apiserver.ts'),
      import('../run/shutdown.ts'),
    ]);
    const logger = createLogger(options.log, { server: options.config.name });
    logNotices(logger, [...notices, ...options.notices]);
    const member = await runMember(options, logger);
    const server = await runApiServer(settings, member.kv, logger).catch(async (error: unknown) => {
      await member.close();
      throw error;
    });
    const stop = async (): Promise<void> => {
      await server.close();
      await member.close();
    };
    exit(await runUntilStopped(stop, { logger, ended: member.ended }));
  });
}

/** Without --cert-dir the certificates lie beside the data. */
function apiServerGiven(given: Given, dataDir: string): Given {
  const own = new Map([...given].filter(([name]) => OF_API_SERVER.some((flag) => flag.name === name)));
  if (!own.has('cert-dir')) own.set('cert-dir', `${dataDir}-pki`);
  return own;
}
