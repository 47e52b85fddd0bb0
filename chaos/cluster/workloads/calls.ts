import { setTimeout as pause } from 'node:timers/promises';
import { checkDurability } from '../../checkers/durability.ts';
import { checkLinearizability } from '../../checkers/linearizability.ts';
import type { Violations } from '../../checkers/operation.ts';
import type { RevisionLog } from '../../checkers/revision-log.ts';
import { checkRevisions } from '../../checkers/revisions.ts';
import { type KvInput, type KvOperation, type KvOutput, partitionByKey } from '../../models/kv.ts';
import type { ChaosClient } from '../clients.ts';
import { CLUSTER_LIMITS } from '../limits.ts';
import type { ClusterUnderTest } from '../workload.ts';
import { ClientGroup, type ClientWork } from './client-group.ts';
import { callStore } from './kv-calls.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** A call as it is recorded. */
export interface RecordedCall extends KvOperation {
  /** Of the answer; 0 when there was none. */
  readonly revision: number;
  readonly wrote: boolean;
}

/** What a client does next. `seen`: the value that it saw of each key last. */
export type NextCall = (client: ChaosClient, count: number, seen: ReadonlyMap<string, string | undefined>) => KvInput;

/** Clients that make one call after the other on keys under `prefix`: the calls must fit one order, and every write must be there. */
export function callsWorkload(
  name: string,
  options: StoreWorkloadOptions,
  does: { readonly prefix: string; readonly next: NextCall },
): ClientGroup {
  return new ClientGroup(name, options, () => new Calls(options, does.prefix, does.next));
}

class Calls implements ClientWork {
  readonly #calls: RecordedCall[] = [];
  readonly #options: StoreWorkloadOptions;
  readonly #prefix: string;
  readonly #next: NextCall;

  constructor(options: StoreWorkloadOptions, prefix: string, next: NextCall) {
    this.#options = options;
    this.#prefix = prefix;
    this.#next = next;
  }

  async run(client: ChaosClient, until: AbortSignal): Promise<void> {
    const seen = new Map<string, string | undefined>();
    for (let count = 0; !until.aborted; count++) {
      const input = this.#next(client, count, seen);
      const outcome = await client.call((kv, options) => callStore(kv, input, options));
      if (outcome.type === 'answered') {
        this.#calls.push({ client: client.id, start: outcome.startMs, end: outcome.endMs, input, ...outcome.value });
        remember(seen, input, outcome.value.output);
      } else if (outcome.type === 'unknown') {
        const unknown = { end: Number.POSITIVE_INFINITY, output: undefined, revision: 0, wrote: false };
        this.#calls.push({ client: client.id, start: outcome.startMs, input, ...unknown });
      }
      await pause(client.prng.unit() * this.#options.thinkMs);
    }
  }

  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const { log } = await this.#options.history.read(cluster);
    return checkCalls(this.#calls, log, this.#prefix);
  }
}

function remember(seen: Map<string, string | undefined>, input: KvInput, output: KvOutput): void {
  input.keys.forEach((key, i) => {
    if (input.type === 'get') seen.set(key, output.values?.[i]);
    else if (input.type === 'delete') seen.set(key, undefined);
    else if (input.type === 'put' || output.done === true) seen.set(key, input.value);
  });
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
