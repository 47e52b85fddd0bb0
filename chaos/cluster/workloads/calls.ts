import { setTimeout as pause } from 'node:timers/promises';
import { checkDurability } from '../../checkers/durability.ts';
import { checkLinearizability } from '../../checkers/linearizability.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { RevisionLog } from '../../checkers/revision-log.ts';
import { checkRevisions } from '../../checkers/revisions.ts';
import { type KvInput, type KvOperation, partitionByKey } from '../../models/kv.ts';
import { ChaosClient, Tally } from '../clients.ts';
import type { HistoryReader } from '../history.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import { callStore } from './kv-calls.ts';

/** What every workload of the store is made with. */
export interface StoreWorkloadOptions {
  readonly clients: number;
  readonly seed: number;
  /** The longest pause of a client between two calls, in milliseconds. */
  readonly thinkMs: number;
  readonly history: HistoryReader;
}

/** A call as it is recorded. */
export interface RecordedCall extends KvOperation {
  /** Of the answer; 0 when there was none. */
  readonly revision: number;
  readonly wrote: boolean;
}

/** What a client does next. `seen`: the value that it saw of each key last. */
export type NextCall = (client: ChaosClient, count: number, seen: ReadonlyMap<string, string | undefined>) => KvInput;

/** Clients that make one call after the other on keys of their own kind; the calls must fit one order, and every write must be there. */
export class CallsWorkload implements ClusterWorkload {
  readonly name: string;
  readonly calls: RecordedCall[] = [];
  readonly #options: StoreWorkloadOptions;
  readonly #prefix: string;
  readonly #next: NextCall;
  readonly #tally = new Tally();

  constructor(name: string, options: StoreWorkloadOptions, does: { readonly prefix: string; readonly next: NextCall }) {
    this.name = name;
    this.#options = options;
    this.#prefix = does.prefix;
    this.#next = does.next;
  }

  async run({ members: urls }: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const { clients, seed } = this.#options;
    await Promise.all(
      Array.from({ length: clients }, async (_, id) => {
        const client = new ChaosClient({ id, seed, urls, tally: this.#tally });
        await this.#work(client, until);
        await client.close();
      }),
    );
  }

  count(): WorkloadCount {
    return this.#tally.count();
  }

  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const { log } = await this.#options.history.read(cluster);
    return [...this.#tally.violations, ...checkCalls(this.calls, log, this.#prefix)];
  }

  async #work(client: ChaosClient, until: AbortSignal): Promise<void> {
    const seen = new Map<string, string | undefined>();
    for (let count = 0; !until.aborted; count++) {
      const input = this.#next(client, count, seen);
      const outcome = await client.call((kv, options) => callStore(kv, input, options));
      if (outcome.type !== 'refused') {
        const isKnown = outcome.type === 'answered';
        const answer = isKnown ? outcome.value : { output: undefined, revision: 0, wrote: false };
        const end = isKnown ? outcome.endMs : Number.POSITIVE_INFINITY;
        this.calls.push({ client: client.id, start: outcome.startMs, end, input, ...answer });
        if (isKnown) remember(seen, input, outcome.value.output.values);
      }
      await pause(client.prng.unit() * this.#options.thinkMs);
    }
  }
}

/** What follows from calls that are over: every write is in the log as it was told, revisions never go back, and one order fits all. */
export function checkCalls(calls: readonly RecordedCall[], log: RevisionLog, prefix: string): Violations {
  const known = calls.filter(({ output }) => output !== undefined);
  const writes = calls.flatMap(({ client, input, output, wrote, revision }) => {
    if (input.type === 'get' || (output !== undefined && !wrote)) return [];
    const value = input.type === 'delete' ? undefined : input.value;
    return [{ client, keys: input.keys, value, revision: output === undefined ? undefined : revision }];
  });
  return [
    ...checkDurability(log, writes, { isOurs: (key) => key.startsWith(prefix) }),
    ...checkRevisions(known),
    ...checkOrder(calls),
  ];
}

function checkOrder(calls: readonly RecordedCall[]): Violations {
  const result = checkLinearizability(partitionByKey(calls), { maxSteps: CLUSTER_LIMITS.searchSteps });
  if (result.type === 'linearizable') return [];
  if (result.type === 'undecided')
    return [`${result.part}: the search for an order gave up after ${result.steps} steps`];
  const { client, input, output, start, end } = result.stuck;
  const said = `${input.type} ${input.keys.join('+')} of client ${client} in [${start.toFixed(1)}..${end.toFixed(1)}] ms was told ${JSON.stringify(output)}`;
  return [`${result.part}: ${said}, which no order of ${result.longest.length} operations before it allows`];
}

function remember(
  seen: Map<string, string | undefined>,
  input: KvInput,
  values: readonly (string | undefined)[] | undefined,
): void {
  input.keys.forEach((key, i) => {
    if (input.type === 'get') seen.set(key, values?.[i]);
    else if (input.type === 'delete') seen.set(key, undefined);
    else if (input.type === 'put') seen.set(key, input.value);
  });
}
