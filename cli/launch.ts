import { openBundle } from './bundle.ts';

/** Runs the command line, from the bundle where there is one, and answers the exit code. `calledAs`: a program called `etcd` is a member and nothing else. */
export async function launch(args: readonly string[], calledAs = 'keelson'): Promise<number> {
  const isMember = calledAs === 'etcd' || args[0] === 'member';
  const program =
    openBundle(isMember ? 'member-program' : 'program', args[0]) ??
    (await (isMember ? import('./member-program.ts') : import('./program.ts')));
  return program.main(args, calledAs);
}
