import { Command } from 'commander';
import { REPLACE_FLAGS, replaceSettings } from '../flags/cluster-flags.ts';
import { addFlags } from '../flags/flag.ts';

/** `keelson cluster`: what is done to a cluster as a whole. */
export function clusterCommand(): Command {
  const command = new Command('cluster').summary('replace a member of a running cluster');
  return command.addCommand(replaceCommand());
}

function replaceCommand(): Command {
  const command = new Command('replace')
    .summary('put a new member in the place of one that died, or that is to go')
    .description(
      'Puts a new member in the place of another, step by step, so that the cluster keeps its quorum all the way: checks that everybody else is well, takes a dead member out, adds the new one as a learner, waits until you have started it and it has caught up, lets it vote. A member that still answers goes last, when its successor votes. Stopped half way, it goes on when it is run again.',
    );
  const given = addFlags(command, REPLACE_FLAGS);
  command.addHelpText(
    'after',
    `
Example:
  keelson cluster replace --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 \\
    --dead m3 --name m4 --peer-url http://10.0.0.4:2380`,
  );
  return command.allowExcessArguments(false).action(async () => {
    const { connection, ...settings } = replaceSettings(given);
    const [{ connectKvClient }, { replaceMember }] = await Promise.all([
      import('../../client/grpc-client.ts'),
      import('../run/cluster-replace.ts'),
    ]);
    const cluster = connectKvClient(connection);
    try {
      await replaceMember({
        ...settings,
        cluster,
        connect: (url) => connectKvClient({ ...connection, endpoints: [url] }),
        say: (line) => void process.stdout.write(`${line}\n`),
      });
    } finally {
      await cluster.close();
    }
  });
}
