import { runMemberCommand } from './commands/member.ts';
import { failed } from './ending.ts';

/** `keelson member`, or a program called `etcd`: by itself, since it starts sooner without the other commands. Answers the exit code. */
export async function main(args: readonly string[], calledAs = 'keelson'): Promise<number> {
  try {
    return calledAs === 'etcd'
      ? await runMemberCommand('etcd', args)
      : await runMemberCommand('keelson member', args.slice(1));
  } catch (error) {
    return failed(error);
  }
}
