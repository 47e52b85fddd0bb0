import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GROWTH_PARTS, measureGrowth } from './growth/growth.ts';
import { benchKube } from './kube/main.ts';
import { checkGenerator } from './limits/generator.ts';
import { measureLoads } from './loads.ts';
import { help, type Options, optionsOf, UsageError } from './options.ts';
import { explanations } from './report/explain.ts';
import { machineText, stampOf, thisMachine } from './report/machine.ts';
import { generatorText, growthTable } from './report/page.ts';
import { jsonOf, type Results, save } from './report/results.ts';
import { table } from './report.ts';
import { withSides } from './servers.ts';
import { WORKLOADS } from './workloads.ts';

const NAMES = {
  loads: WORKLOADS.map(({ name }) => name),
  growth: GROWTH_PARTS,
};
const MEMBERS = 3;
const GENERATOR_SECONDS = 2;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Measures what is asked for; `keep` is told everything as soon as it is there, so that a run that is broken off has not been for nothing. */
async function measure(options: Options, keep: (found: Partial<Results>) => void): Promise<void> {
  const { names, against } = options;
  const stamp = stampOf(process.argv.slice(2));
  const workloads = WORKLOADS.filter(({ name }) => names.includes(name));
  if (workloads.length > 0) {
    const generator = await checkGenerator(GENERATOR_SECONDS);
    log(generatorText(generator));
    keep({ generator });
    const onComparison = (load: Results['loads'][number]) => keep({ loads: [load] });
    await measureLoads(workloads, MEMBERS, { ...options, log, onComparison: (c) => onComparison({ ...c, ...stamp }) });
  }
  const parts = GROWTH_PARTS.filter((name) => names.includes(name));
  if (parts.length === 0) return;
  await measureGrowth((use) => withSides({ against, members: 1 }, use), {
    ...{ ...options, parts, log },
    onRows: (rows) => keep({ growth: rows.map((row) => ({ ...row, ...stamp })) }),
  });
}

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args, NAMES);
  if (options === undefined) {
    process.stdout.write(help(NAMES));
    return;
  }
  let results: Results = { machine: thisMachine(), generator: [], loads: [], growth: [] };
  await measure(options, ({ generator = [], loads = [], growth = [] }) => {
    results = {
      machine: results.machine,
      generator: [...results.generator, ...generator],
      loads: [...results.loads, ...loads],
      growth: [...results.growth, ...growth],
    };
    if (options.saveFolder !== undefined) save(options.saveFolder, results);
  });
  process.stdout.write(reportOf(results));
  if (options.jsonFile === undefined) return;
  mkdirSync(dirname(options.jsonFile), { recursive: true });
  writeFileSync(options.jsonFile, jsonOf(results));
}

function reportOf({ machine, generator, loads, growth }: Results): string {
  const { date, commit, command } = stampOf(process.argv.slice(2));
  const parts = [`${machineText(machine)}\n${date}, commit ${commit}: ${command}`];
  if (loads.length > 0)
    parts.push(table(loads), generatorText(generator), explanations(loads, { members: MEMBERS, cores: machine.cores }));
  if (growth.length > 0) parts.push(growthTable(growth));
  return `${parts.join('\n\n')}\n`;
}

const arguments_ = process.argv.slice(2);
try {
  // The API servers have a command line of their own.
  if (arguments_[0]?.startsWith('kube')) process.exitCode = await benchKube(arguments_);
  else await main(arguments_);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`keelson bench: ${error.message}\n`);
  process.exitCode = 2;
}
