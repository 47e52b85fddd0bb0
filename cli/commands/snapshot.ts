import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { addFlags, type Flag, type Given } from '../flags/flag.ts';
import { RESTORE_FLAGS, SAVE_FLAGS } from '../flags/snapshot-flags.ts';
import { restoreSettings, saveSettings } from '../flags/snapshot-options.ts';
import { UsageError } from '../usage-error.ts';

/** `keelson snapshot`: backups in etcd's file format, of and for Keelson and etcd alike. */
export function snapshotCommand(): Command {
  const command = new Command('snapshot')
    .summary("save, look at and restore a store; etcd's file format")
    .description(
      "Backups of a store. Files are etcd's: one that etcdctl saved from an etcd cluster is restored here, one that was saved here etcdutl restores.",
    );
  return command.addCommand(saveCommand()).addCommand(statusCommand()).addCommand(restoreCommand());
}

function saveCommand(): Command {
  const command = new Command('save')
    .summary('save the store of a running member into a file')
    .description('Saves the store of one running member, of Keelson or of etcd, into a file.')
    .argument('[file]', 'file to write; it must not be there');
  const given = addFlags(command, SAVE_FLAGS);
  command.addHelpText('after', '\nExample:\n  keelson snapshot save backup.db --endpoints http://127.0.0.1:2379');
  return command.allowExcessArguments(false).action(async (argument?: string) => {
    const { file, flags } = withFile(SAVE_FLAGS, given, argument);
    const settings = saveSettings(flags);
    const { saveSnapshot } = await import('../run/snapshot-save.ts');
    await saveSnapshot(file, settings);
    process.stdout.write(`Snapshot saved at ${file}\n`);
  });
}

function statusCommand(): Command {
  const formats = ['simple', 'json', 'table', 'fields'] as const;
  return new Command('status')
    .summary('check a file and tell what is in it')
    .description(
      'Checks a snapshot file: its SHA-256, its pages, its rows. Prints the hash of the content, the revision, the number of keys and the size of the database.',
    )
    .argument('<file>', 'file to read')
    .addOption(new Option('-w, --write-out <FORMAT>', 'output format').choices(formats).default('simple'))
    .allowExcessArguments(false)
    .action(async (file: string, options: { readonly writeOut: (typeof formats)[number] }) => {
      const { snapshotStatus, statusText } = await import('../run/snapshot-status.ts');
      process.stdout.write(statusText(await snapshotStatus(resolve(file)), options.writeOut));
    });
}

function restoreCommand(): Command {
  const command = new Command('restore')
    .summary('make the data directory of a new member from a file')
    .description(
      'Makes the data directory of a member of a new cluster from a snapshot file. Run it for every member, with the same file.\nThe newest revision is raised and everything before it compacted, so that no client that knew the old cluster goes on from a revision that means something else now.',
    )
    .argument('[file]', 'file to read');
  const given = addFlags(command, RESTORE_FLAGS);
  command.addHelpText(
    'after',
    `
Examples:
  keelson snapshot restore backup.db --data-dir ./m1
  keelson snapshot restore backup.db --name m1 --data-dir ./m1 --initial-advertise-peer-urls http://127.0.0.1:2380 \\
    --initial-cluster m1=http://127.0.0.1:2380,m2=http://127.0.0.1:2390,m3=http://127.0.0.1:2400`,
  );
  return command.allowExcessArguments(false).action(async (argument?: string) => {
    const { file, flags } = withFile(RESTORE_FLAGS, given, argument);
    const settings = restoreSettings(flags);
    const { restoreSnapshot, restoredText } = await import('../run/snapshot-restore.ts');
    process.stdout.write(restoredText(settings, await restoreSnapshot(resolve(file), settings)));
  });
}

/** A switch before the file takes it for its value (`--skip-hash-check backup.db`): the file it is all the same. */
function withFile(
  flags: readonly Flag[],
  given: Given,
  argument?: string,
): { readonly file: string; readonly flags: Given } {
  const own = new Map(given);
  const files = argument === undefined ? [] : [argument];
  for (const { name, value } of flags) {
    const text = own.get(name);
    if (value !== undefined || text === undefined || ['true', 'false', '1', '0'].includes(text)) continue;
    files.push(text);
    own.set(name, 'true');
  }
  const [file, ...more] = files;
  if (file === undefined) throw new UsageError('missing argument: the snapshot file');
  if (more.length > 0) throw new UsageError(`too many arguments: ${files.join(' ')}`);
  return { file, flags: own };
}
