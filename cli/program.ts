import { Command, CommanderError } from 'commander';
import { apiServerCommand } from './commands/apiserver.ts';
import { clusterCommand } from './commands/cluster.ts';
import { memberHelp } from './commands/member-help.ts';
import { serverCommand } from './commands/server.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { upCommand } from './commands/up.ts';
import { complain, failed } from './ending.ts';
import { EXIT } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Runs every command but `member`, which is a program of its own, and answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const exit = (with_: number): void => {
    code = with_;
  };
  const program = programOf(exit);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return failedCommand(error);
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

/** Of commander's errors only the line counts. */
function failedCommand(error: unknown): number {
  if (!(error instanceof CommanderError)) return failed(error);
  if (error.exitCode === 0) return EXIT.ok; // --help and --version
  if (error.code === 'commander.help') return EXIT.usage;
  return complain(error.message.replace(/^error: /, ''), EXIT.usage);
}

/** `keelson member` in the list of commands; what it does is in member-program.ts, which reads its arguments as etcd does. */
function memberCommand(): Command {
  const command = new Command('member').summary('one store member; flags, ETCD_* variables and YAML of etcd');
  command.helpInformation = () => memberHelp('keelson member');
  return command;
}
