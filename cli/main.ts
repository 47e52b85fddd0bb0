#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { apiServerCommand } from './commands/apiserver.ts';
import { clusterCommand } from './commands/cluster.ts';
import { memberCommand, runMemberCommand } from './commands/member.ts';
import { serverCommand } from './commands/server.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { upCommand } from './commands/up.ts';
import { EXIT, ExitError, UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Runs the command line and answers the exit code. `calledAs`: a program called `etcd` is a member and nothing else. */
export async function main(args: readonly string[], calledAs = 'keelson'): Promise<number> {
  let code: number = EXIT.ok;
  const exit = (with_: number): void => {
    code = with_;
  };
  const program = programOf(exit);
  try {
    if (calledAs === 'etcd') return await runMemberCommand('etcd', args);
    if (args[0] === 'member') return await runMemberCommand('keelson member', args.slice(1));
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return failed(error);
  }
}

function programOf(exit: (code: number) => void): Command {
  const program = new Command('keelson')
    .description('A replicated store that speaks etcd v3, and a Kubernetes API server on top of it.')
    .version(VERSION, '--version', 'print the version')
    .addHelpText(
      'after',
      `
Examples:
  keelson up                        a local cluster of three, ready for kubectl
  keelson up --members 1 --port 0   a small one on free ports
  keelson member --help             one store member, with etcd's flags
  keelson apiserver --help          one API server, with kube-apiserver's flags
  keelson snapshot --help           backups: save, status, restore
  keelson cluster replace --help    a new member in the place of another`,
    );
  for (const command of [
    upCommand(exit),
    memberCommand(),
    apiServerCommand(exit),
    serverCommand(exit),
    snapshotCommand(),
    clusterCommand(),
  ])
    program.addCommand(command);
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .showSuggestionAfterError(true);
  }
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** One line on standard error and the exit code: 2 for what the caller did wrong, 1 for what went wrong. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok; // --help and --version
    if (error.code === 'commander.help') return EXIT.usage;
    return complain(error.message.replace(/^error: /, ''), EXIT.usage);
  }
  if (error instanceof UsageError) return complain(error.message, EXIT.usage);
  if (error instanceof ExitError) return complain(error.message, error.code);
  return complain(error instanceof Error ? error.message : String(error), EXIT.failure);
}

function complain(message: string, code: number): number {
  process.stderr.write(`keelson: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  return code;
}

/** Whether this file is what Node was started with; it is reached through a link when installed as a package's binary. */
function isEntry(): boolean {
  const [, script] = process.argv;
  if (script === undefined) return false;
  try {
    return realpathSync(script) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

if (isEntry()) {
  const code = await main(process.argv.slice(2), basename(process.argv[1] ?? ''));
  process.exit(code);
}
