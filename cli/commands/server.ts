import { Command } from 'commander';
import type { KvClient } from '../../client/kv-client.ts';
import { APISERVER_FLAGS, PREFIX_FLAG } from '../flags/apiserver-flags.ts';
import { type ApiServerSettings, apiServerSettings } from '../flags/apiserver-options.ts';
import { addFlags, type Flag, type Given } from '../flags/flag.ts';
import { MEMBER_FLAGS } from '../flags/member-flags.ts';
import { memberOptions } from '../flags/member-options.ts';
import { memberSettings } from '../flags/member-sources.ts';
import type { Logger } from '../log.ts';

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
    const [{ createLogger, logNotices }, { runMember }] = await Promise.all([
      import('../log.ts'),
      import('../run/member.ts'),
    ]);
    const logger = createLogger(options.log, { server: options.config.name });
    logNotices(logger, [...notices, ...options.notices]);
    // While the member waits for its disk, the rest is loaded, and the API server's keys are made.
    const starting = runMember(options, logger);
    const kv = starting.then((member) => member.kv);
    kv.catch(() => undefined); // told by `starting`
    const serving = startApiServerOn(kv, settings, logger);
    const [member, server] = await Promise.all([starting, serving]).catch(async (error: unknown) => {
      await (await starting).close();
      throw error;
    });
    const { runUntilStopped } = await import('../run/shutdown.ts');
    const stop = async (): Promise<void> => {
      await server.close();
      await member.close();
    };
    exit(await runUntilStopped(stop, { logger, ended: member.ended }));
  });
}

async function startApiServerOn(
  kv: Promise<KvClient>,
  settings: ApiServerSettings,
  logger: Logger,
): Promise<{ close(): Promise<void> }> {
  const { runApiServer } = await import('../run/apiserver.ts');
  return runApiServer(settings, kv, logger);
}

/** Without --cert-dir the certificates lie beside the data. */
function apiServerGiven(given: Given, dataDir: string): Given {
  const own = new Map([...given].filter(([name]) => OF_API_SERVER.some((flag) => flag.name === name)));
  if (!own.has('cert-dir')) own.set('cert-dir', `${dataDir}-pki`);
  return own;
}
