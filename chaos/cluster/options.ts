import { parseArgs } from 'node:util';
import { FAULTS } from './faults/catalogue.ts';
import type { RunOptions } from './run.ts';
import { WORKLOADS } from './workloads/catalogue.ts';

/** What the command line asks for. */
export interface ChaosOptions extends Omit<RunOptions, 'directory' | 'tell' | 'signal'> {
  readonly json: string | undefined;
  readonly timeline: string | undefined;
  readonly keep: boolean;
  /** The line that does the same again. */
  readonly replay: string;
}

const FLAGS = {
  fault: { type: 'string', default: 'kill,kill-all,pause,partition,one-way,delay,loss' },
  minutes: { type: 'string', default: '1' },
  every: { type: 'string', default: '5' },
  members: { type: 'string', default: '3' },
  clients: { type: 'string', default: '4' },
  workload: { type: 'string', default: 'registers,transactions,leases,locks,watches' },
  think: { type: 'string', default: '20' },
  seed: { type: 'string' },
  json: { type: 'string' },
  timeline: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const listed = (all: readonly { readonly name: string; readonly summary: string }[]): string =>
  all.map(({ name, summary }) => `    ${name.padEnd(14)} ${summary}`).join('\n');

export const USAGE = `Chaos on real processes: a cluster on this machine, clients that work on it through gRPC or the Kubernetes API, and faults; then everything is checked.

  npm run chaos                                             a minute of the default faults
  npm run chaos -- --fault kill --minutes 10 --every 5      a kill every 5 seconds for 10 minutes
  npm run chaos -- --fault kill,pause --members 5 --seed 7  five members, the choices of seed 7
  npm run chaos -- --fault kill-master,pause-api --workload objects,informers,leader-election
                                                            Kubernetes clients; an API server beside each member

  --fault LIST      what is done, separated by commas (${FLAGS.fault.default})
${listed(FAULTS)}
  --workload LIST   what clients do meanwhile (${FLAGS.workload.default})
${listed(WORKLOADS)}
  --minutes M       how long (${FLAGS.minutes.default})
  --every S         seconds from one fault to the next (${FLAGS.every.default})
  --members N       1 to 7 (${FLAGS.members.default})
  --clients N       of each workload (${FLAGS.clients.default})
  --think MS        the longest pause of a client between two calls (${FLAGS.think.default})
  --seed N          choices are drawn from it; what the machine makes of them differs from run to run
  --json FILE       everything that happened, for programs
  --timeline FILE   draws what happened; when something was found it is drawn anyway, into chaos-SEED.html
  --keep            keeps the directory of the cluster when something was found
`;

/** Reads the command line: undefined when help is asked for, a text that says what is wrong with it. */
export function optionsOf(args: readonly string[]): ChaosOptions | string | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS });
    if (values.help) return undefined;
    const seed = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('seed', values.seed, 0, 2 ** 31);
    const every = numberOf('every', values.every, 0.1, 3600);
    const minutes = numberOf('minutes', values.minutes, 0.05, 10_000);
    const faults = chosen('fault', FAULTS, values.fault);
    const workloads = chosen('workload', WORKLOADS, values.workload);
    const common = `--fault ${values.fault} --workload ${values.workload} --members ${values.members} --clients ${values.clients} --think ${values.think}`;
    return {
      faults,
      workloads: workloads.map(({ make }) => make),
      hasApiServers: workloads.some(({ needsApiServers }) => needsApiServers === true),
      durationMs: minutes * 60_000,
      everyMs: every * 1000,
      members: wholeOf('members', values.members, 1, 7),
      clients: wholeOf('clients', values.clients, 1, 1000),
      thinkMs: numberOf('think', values.think, 0, 60_000),
      seed,
      json: values.json,
      timeline: values.timeline,
      keep: values.keep,
      replay: `npm run chaos -- ${common} --minutes ${values.minutes} --every ${values.every} --seed ${seed}`,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

class BadFlag extends Error {
  override readonly name = 'BadFlag';
}

function chosen<T extends { readonly name: string }>(flag: string, all: readonly T[], list: string): readonly T[] {
  return list.split(',').map((name) => {
    const found = all.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new BadFlag(`--${flag} ${name}: there are ${all.map((each) => each.name).join(', ')}`);
  });
}

function numberOf(flag: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= lowest && value <= highest) return value;
  throw new BadFlag(`--${flag} ${text}: must be a number from ${lowest} to ${highest}`);
}

function wholeOf(flag: string, text: string, lowest: number, highest: number): number {
  const value = numberOf(flag, text, lowest, highest);
  if (Number.isInteger(value)) return value;
  throw new BadFlag(`--${flag} ${text}: must be a whole number`);
}
