import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../test/kit/cluster.ts';
import { compare } from './compare.ts';
import { measureGrowth } from './growth/growth.ts';
import type { GrowthRow } from './growth/row.ts';
import { checkGenerator, type GeneratorCheck } from './limits/generator.ts';
import { help, type Options, optionsOf, UsageError } from './options.ts';
import { flameGraph } from './profile/flame-graph.ts';
import type { TakenProfile } from './profile/take.ts';
import { explanations } from './report/explain.ts';
import { machineText, stampOf, thisMachine } from './report/machine.ts';
import { generatorText, growthTable } from './report/page.ts';
import { jsonOf, save } from './report/results.ts';
import { type Comparison, table } from './report.ts';
import { type Side, startEtcd, startOurs } from './servers.ts';
import { type Size, WORKLOADS, type Workload } from './workloads.ts';

const GROWTH = 'growth';
const NAMES = [...WORKLOADS.map(({ name }) => name), GROWTH];
const MEMBERS = 3;
const GENERATOR_SECONDS = 2;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function sizesOf(workload: Workload, { connections, clients }: Options): readonly Size[] {
  if (connections === undefined && clients === undefined) return workload.sizes;
  const many = clients ?? connections ?? 1;
  return [{ connections: connections ?? Math.ceil(many / 10), clients: many }];
}

/** Starts both sides, calls `use`, stops them. */
async function withSides<T>(
  { against, members, profileFolder }: Pick<Options, 'against' | 'profileFolder'> & { readonly members: number },
  use: (sides: readonly Side[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = await temporaryFolder();
  const sides: Side[] = [];
  try {
    sides.push(await startOurs(join(folder.path, 'keelson'), { members, profileFolder }));
    if (against === 'etcd') sides.push(await startEtcd(join(folder.path, 'etcd'), { members }));
    return await use(sides, folder.path);
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    await folder.remove();
  }
}

async function measureLoads(workloads: readonly Workload[], options: Options): Promise<readonly Comparison[]> {
  if (workloads.length === 0) return [];
  const temporary = await temporaryFolder();
  const profileFolder = options.profileFolder ?? temporary.path;
  const onProfiles = (profiles: readonly TakenProfile[], load: string): void => {
    if (options.profileFolder !== undefined) writeFlameGraphs(profiles, load);
  };
  try {
    return await withSides({ ...options, profileFolder, members: MEMBERS }, async (sides, diskFolder) => {
      const comparisons: Comparison[] = [];
      for (const workload of workloads) {
        for (const size of sizesOf(workload, options))
          comparisons.push(
            await compare(sides, { workload, size }, { ...options, profileFolder, diskFolder, log, onProfiles }),
          );
      }
      return comparisons;
    });
  } finally {
    await temporary.remove();
  }
}

function writeFlameGraphs(profiles: readonly TakenProfile[], load: string): void {
  for (const [i, { path, profile }] of profiles.entries()) {
    const page = path.replace(/\.cpuprofile$/, '.html');
    writeFileSync(page, flameGraph(profile, `${load}, member ${i}`));
    log(`flame graph: ${page}`);
  }
}

async function measureAll(options: Options): Promise<{
  readonly generator: readonly GeneratorCheck[];
  readonly loads: readonly Comparison[];
  readonly growth: readonly GrowthRow[];
}> {
  const workloads = WORKLOADS.filter(({ name }) => options.workloads.includes(name));
  const generator = workloads.length === 0 ? [] : await checkGenerator(GENERATOR_SECONDS);
  if (generator.length > 0) log(generatorText(generator));
  const loads = await measureLoads(workloads, options);
  const growth = options.workloads.includes(GROWTH)
    ? await measureGrowth((use) => withSides({ ...options, members: 1, profileFolder: undefined }, use), {
        ...options,
        log,
      })
    : [];
  return { generator, loads, growth };
}

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args, NAMES);
  if (options === undefined) {
    process.stdout.write(help(NAMES));
    return;
  }
  const machine = thisMachine();
  const stamp = stampOf(args);
  const measured = await measureAll(options);
  process.stdout.write(`${machineText(machine)}\n${stamp.date}, commit ${stamp.commit}: ${stamp.command}\n\n`);
  if (measured.loads.length > 0)
    process.stdout.write(
      `${table(measured.loads)}\n\n${generatorText(measured.generator)}\n\n${explanations(measured.loads, MEMBERS)}\n\n`,
    );
  if (measured.growth.length > 0) process.stdout.write(`${growthTable(measured.growth)}\n`);
  const results = {
    ...{ machine, generator: measured.generator },
    loads: measured.loads.map((load) => ({ ...load, ...stamp })),
    growth: measured.growth.map((row) => ({ ...row, ...stamp })),
  };
  if (options.jsonFile !== undefined) {
    mkdirSync(dirname(options.jsonFile), { recursive: true });
    writeFileSync(options.jsonFile, jsonOf(results));
  }
  if (options.saveFolder !== undefined) save(options.saveFolder, results);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`keelson bench: ${error.message}\n`);
  process.exitCode = 2;
}
