import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompareOptions, compare } from './compare.ts';
import type { Options } from './options.ts';
import { flameGraph } from './profile/flame-graph.ts';
import type { TakenProfile } from './profile/take.ts';
import type { Comparison } from './report.ts';
import { withSides } from './servers.ts';
import type { Size, Workload } from './workloads.ts';

type LoadsOptions = Pick<CompareOptions, 'rounds' | 'seconds' | 'warmUpSeconds' | 'log'> &
  Pick<Options, 'against' | 'connections' | 'clients' | 'profileFolder'> & {
    /** Is told each comparison as it is there. */
    readonly onComparison: (comparison: Comparison) => void;
  };

/** Runs the workloads at their sizes against clusters of `members` members, the same ones from the first to the last. */
export async function measureLoads(
  workloads: readonly Workload[],
  members: number,
  options: LoadsOptions,
): Promise<void> {
  const onProfiles = (profiles: readonly TakenProfile[], load: string): void => {
    if (options.profileFolder !== undefined) writeFlameGraphs(profiles, load, options.log);
  };
  await withSides({ against: options.against, members }, async (sides, stage) => {
    const { profileFolder = join(stage.folder, 'profiles') } = options;
    for (const workload of workloads) {
      for (const size of sizesOf(workload, options)) {
        const how = { ...options, profileFolder, stage, onProfiles };
        options.onComparison(await compare(sides, { workload, size }, how));
      }
    }
  });
}

function sizesOf(workload: Workload, { connections, clients }: LoadsOptions): readonly Size[] {
  if (connections === undefined && clients === undefined) return workload.sizes;
  const many = clients ?? connections ?? 1;
  return [{ connections: connections ?? Math.ceil(many / 10), clients: many }];
}

/** Beside each profile, under its name. */
function writeFlameGraphs(profiles: readonly TakenProfile[], load: string, log: (line: string) => void): void {
  for (const [i, { path, profile }] of profiles.entries()) {
    const page = path.replace(/\.cpuprofile$/, '.html');
    writeFileSync(page, flameGraph(profile, `${load}, member ${i}`));
    log(`flame graph: ${page}`);
  }
}
