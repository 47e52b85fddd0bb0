import { Command } from 'commander';
import { REBUILD_FLAGS, REPLACE_FLAGS, rebuildSettings, replaceSettings } from '../flags/cluster-flags.ts';
import { addFlags } from '../flags/flag.ts';

/** `keelson cluster`: what is done to a cluster as a whole. */
export function clusterCommand(): Command {
  const command = new Command('cluster').summary('replace or rebuild a member of a running cluster');
  return command.addCommand(replaceCommand()).addCommand(rebuildCommand());
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

function rebuildCommand(): Command {
  const command = new Command('rebuild')
    .summary('rebuild a member whose log is damaged, from the others')
    .description(
      'To be run on the machine of a member that has found its log damaged and does not start. Checks that everybody else is well, takes the member out, moves its data directory aside (nothing is deleted), adds it again under a new id as a learner, waits until you have started it the way you always do and it has caught up, lets it vote. Stopped half way, it goes on when it is run again.',
    );
  const given = addFlags(command, REBUILD_FLAGS);
  command.addHelpText(
    'after',
    `
Example:
  keelson cluster rebuild --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 \\
    --name m3 --peer-url http://10.0.0.3:2380 --data-dir /var/lib/keelson`,
  );
  return command.allowExcessArguments(false).action(async () => {
    const { connection, ...settings } = rebuildSettings(given);
    const [{ connectKvClient }, { rebuildMember }, { nodeDisk }] = await Promise.all([
      import('../../client/grpc-client.ts'),
      import('../run/cluster-rebuild.ts'),
      import('../../io/node/disk.ts'),
    ]);
    const cluster = connectKvClient(connection);
    try {
      await rebuildMember({
        ...settings,
        cluster,
        disk: nodeDisk,
        connect: (url) => connectKvClient({ ...connection, endpoints: [url] }),
        say: (line) => void process.stdout.write(`${line}\n`),
      });
    } finally {
      await cluster.close();
    }
  });
}
