import type { Store } from '../../kit/etcd.ts';
import { type Running, run, start } from '../../kit/process.ts';

/** One command and what it said, in words that do not depend on whose ids, ports, times and sizes they are. */
export interface Entry {
  readonly command: string;
  readonly output: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** Rows come in the order of ids, which are each cluster's own: sort them. */
  readonly sorted?: boolean;
  /** Sizes, hashes of whole files, raft's indexes: numbers that each store has its own of. */
  readonly ownNumbers?: boolean;
  /** Only the first endpoint, for what prints a row an endpoint or must reach a certain member. */
  readonly endpoints?: readonly number[];
}

/** An etcdctl that speaks to one store and writes down what both of them said. */
export class Transcript {
  readonly entries: Entry[] = [];
  readonly store: Store;
  readonly #etcdctl: string;
  readonly #running = new Set<Running>();
  readonly #names = new Map<bigint, string>();

  constructor(store: Store, etcdctl: string) {
    this.store = store;
    this.#etcdctl = etcdctl;
  }

  /** Runs a command to its end; gives what it printed as it is, and notes it in comparable words. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const binary = args.includes('protobuf');
    const result = await run(this.#etcdctl, [...this.#endpoints(options), ...args], {
      env: ENVIRONMENT,
      timeoutMs: 30_000,
      encoding: binary ? 'latin1' : 'utf8',
      ...(options.input === undefined ? {} : { input: options.input }),
    });
    const stdout = binary ? withoutHeader(Buffer.from(result.stdout, 'latin1')) : result.stdout;
    this.note(args.join(' '), `${stdout}${result.stderr}exit ${result.code}`, options);
    return result.stdout;
  }

  /** Starts a command that goes on; `ended` stops and notes it. */
  start(args: readonly string[], options: CommandOptions = {}): Running {
    const running = start(this.#etcdctl, [...this.#endpoints(options), ...args], { env: ENVIRONMENT });
    this.#running.add(running);
    return running;
  }

  /** Stops what was started, as a user does with Ctrl-C, and notes what it printed. */
  async ended(running: Running, command: string, options: CommandOptions & { code?: boolean } = {}): Promise<void> {
    const code = await running.stop('SIGINT');
    this.#running.delete(running);
    this.note(
      command,
      `${running.output()}${running.errors()}${options.code === false ? '' : `exit ${code}`}`,
      options,
    );
  }

  note(command: string, output: string, options: CommandOptions = {}): void {
    this.entries.push({ command: this.#comparable(command), output: this.#comparable(output, options) });
  }

  /** Ends what a failed scenario left running. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop('SIGKILL')));
  }

  #endpoints(options: CommandOptions): readonly string[] {
    const urls = (options.endpoints ?? [0]).map((i) => this.store.clientUrls[i]);
    return [`--endpoints=${urls.join(',')}`];
  }

  #comparable(text: string, options: CommandOptions = {}): string {
    let result = text;
    for (const [i, url] of this.store.clientUrls.entries()) result = result.replaceAll(new URL(url).host, `client${i}`);
    for (const [i, url] of this.store.peerUrls.entries()) result = result.replaceAll(new URL(url).host, `peer${i}`);
    if (options.sorted) result = sortedRows(result);
    for (const [pattern, replacement] of [...VOLATILE, ...(options.ownNumbers ? OWN_NUMBERS : [])]) {
      result =
        typeof replacement === 'string' ? result.replace(pattern, replacement) : result.replace(pattern, replacement);
    }
    return result.replace(/(?<![\w.])(?:[0-9a-f]{14,16}|-?\d{17,20})(?![\w.])/g, (id) => this.#nameOf(id));
  }

  /** Ids of clusters, members and leases are named in the order in which they come up, decimal or hexadecimal. */
  #nameOf(id: string): string {
    const value = BigInt.asUintN(64, /^-?\d{17,20}$/.test(id) ? BigInt(id) : BigInt(`0x${id}`));
    const name = this.#names.get(value) ?? `#${this.#names.size + 1}`;
    this.#names.set(value, name);
    return name;
  }
}

const ENVIRONMENT = { ETCDCTL_API: '3', GRPC_GO_LOG_SEVERITY_LEVEL: '' };

type Rule = readonly [RegExp, string | ((whole: string, ...groups: string[]) => string)];

const VOLATILE: readonly Rule[] = [
  [/"raft_term":\d+/g, '"raft_term":T'],
  [/"RaftTerm" : \d+/g, '"RaftTerm" : T'],
  [/remaining\(\d+s\)/g, 'remaining(S)'],
  [/("ttl":|"TTL" : )999\d\d\b/g, '$1100000'],
  [/took(:? =)? ?"?\d+(\.\d+)?[mµn]?s"?/g, 'took$1 S'],
  [/"took":"[^"]*"/g, '"took":S'],
  [/"ts":("[^"]*"|[\d.]+)/g, '"ts":T'],
  // The id is made of the URLs and the second: added twice within one second it is the id that is there already.
  [/member ID already exist\b/g, 'Peer URLs already exists'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d{4})?/g, 'T'],
  [/"target":"[^"]*"/g, '"target":U'],
  [/"caller":"[^"]*"/g, '"caller":C'],
  [/"peer":"[^"]*"/g, '"peer":P'],
  [/attached keys\(\[(.*?)\]\)/g, (_, keys: string) => `attached keys(${keys.split(' ').sort()})`],
  [/("keys":)(\[.*?\])/g, (_, name: string, keys: string) => name + JSON.parse(keys).sort()],
  [/(?:"Key" : "[^"]*"\n)+/g, (keys) => `${keys.trim().split('\n').sort().join('\n')}\n`],
  // Where a Go program was when it gave up, with the addresses of its run.
  [/\ngoroutine [\s\S]*?(?=exit \d)/g, '\ngoroutines\n'],
  // Tables are as wide as what stands in them.
  [/-{2,}/g, '--'],
  [/─{2,}/g, '──'],
  [/ {2,}/g, ' '],
];

const OWN_NUMBERS: readonly Rule[] = [
  [/("(?:dbSize|dbSizeInUse|raftIndex|raftAppliedIndex|raftTerm|hash|totalKey|totalSize)"):\d+/g, '$1:N'],
  [/"version":"3[^"]*"/g, '"version":V'],
  [/("(?:Version|RaftIndex|RaftTerm|RaftAppliedIndex|DBSize|DBSizeInUse|Hash|Total size|Total keys)" : )\S+.*/g, '$1N'],
  [/((?:true|false), )\d+, \d+, \d+,/g, '$1T, N, N,'],
  [/((?:true|false) │) \d+ │ \d+ │ \d+ │/g, '$1 T │ N │ N │'],
  [/((?:true|false) \|) +\d+ \| +\d+ \| +\d+ \|/g, '$1 T | N | N |'],
  [/\b3\.\d+\.\d+\b/g, 'V'],
  [/\b\d+(\.\d+)? [kM]?B\b/g, 'SIZE'],
];

/** A message without its field 1, which is the header with the ids of a cluster and a member; in hexadecimal. */
function withoutHeader(message: Buffer): string {
  const length = message[1] ?? 0;
  return `${(message[0] === 0x0a && length < 0x80 ? message.subarray(2 + length) : message).toString('hex')}\n`;
}

/** Lines in their order; the rows of a JSON list of members in the order of names. */
function sortedRows(output: string): string {
  return output
    .split('\n')
    .map((line) => (line.startsWith('{') ? sortedMembers(line) : line))
    .sort(byNames)
    .join('\n');
}

function sortedMembers(line: string): string {
  const response = JSON.parse(line.replace(/:(\d{15,})/g, ':"$1"')) as { members?: { peerURLs: string[] }[] };
  response.members?.sort((a, b) => String(a.peerURLs).localeCompare(String(b.peerURLs)));
  return JSON.stringify(response).replace(/:"(\d{15,})"/g, ':$1');
}

/** Ids first would be no order at all. */
function byNames(a: string, b: string): number {
  const key = (line: string): string => line.replace(/\b[0-9a-f]{14,16}\b/g, '').replace(/\s+/g, ' ');
  return key(a) < key(b) ? -1 : 1;
}

/** A difference that is meant: where it shows, and why. */
export interface Explained {
  readonly command: RegExp;
  readonly reason: string;
}

/**
 * What the two stores' words differ in, readable; empty when they are the same but for what is explained. An explained difference
 * that shows nowhere any more is told, too: `seen` collects the ones that did.
 */
export function differences(
  ours: readonly Entry[],
  theirs: readonly Entry[],
  explained: readonly Explained[],
  seen: Set<Explained>,
): string {
  const pairs = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, i) => [ours[i], theirs[i]] as const);
  return pairs
    .filter(([our, their]) => our?.command !== their?.command || our?.output !== their?.output)
    .filter(([, their]) => {
      const reason = explained.find(({ command }) => command.test(their?.command ?? ''));
      if (reason !== undefined) seen.add(reason);
      return reason === undefined;
    })
    .map(([our, their]) => `$ etcdctl ${their?.command}\n--- etcd\n${their?.output}\n--- keelson\n${our?.output}\n`)
    .join('\n');
}
