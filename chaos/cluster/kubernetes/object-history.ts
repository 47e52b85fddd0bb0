import { checkLinearizability } from '../../checkers/linearizability.ts';
import {
  type AcknowledgedVersion,
  checkLists,
  checkVersions,
  type PossibleDelete,
  type SeenList,
  type SeenVersion,
} from '../../checkers/objects.ts';
import type { Violations } from '../../checkers/operation.ts';
import { checkRevisions, type SeenRevision } from '../../checkers/revisions.ts';
import { type ObjectInput, type ObjectOperation, type ObjectOutput, partitionByObject } from '../../models/object.ts';
import type { WorkloadCount } from '../workload.ts';
import type { Outcome } from './client.ts';
import type { KubeObject, KubePage } from './object.ts';

/** One call: who, when it began, and what. */
export interface Call<Input> {
  readonly client: number;
  readonly start: number;
  readonly input: Input;
}

/** Everything that clients did to some objects and were told, and whether it can have been so. */
export class ObjectHistory {
  readonly #operations: ObjectOperation[] = [];
  readonly #versions: SeenVersion[] = [];
  readonly #acknowledged: AcknowledgedVersion[] = [];
  readonly #deletes: PossibleDelete[] = [];
  readonly #lists: SeenList[] = [];
  readonly #revisions: SeenRevision[] = [];
  readonly #refusals: string[] = [];
  #attempted = 0;
  #answered = 0;
  #unknown = 0;

  /** A call on one object and what became of it. */
  add(call: Call<ObjectInput>, outcome: Outcome<KubeObject | undefined>): void {
    const { client, start, input } = call;
    const end = performance.now();
    this.#attempted++;
    switch (outcome.type) {
      case 'unknown':
        this.#unknown++;
        if (input.type === 'get') return;
        this.#operations.push({ ...call, end: Number.POSITIVE_INFINITY, output: undefined });
        if (input.type === 'delete') this.#deletes.push({ name: input.name, start, end: Number.POSITIVE_INFINITY });
        return;
      case 'refused': {
        const { reason, code, message } = outcome.status;
        // It reached nobody, or somebody who was too busy: it never happened.
        if (code === 0 || code === 429) return;
        this.#answered++;
        if (reason === 'NotFound' || reason === 'AlreadyExists' || reason === 'Conflict')
          this.#operations.push({ client, start, end, input, output: { type: reason } });
        else this.#refusals.push(`${input.type} of ${input.name} was refused with ${code} ${reason}: ${message}`);
        return;
      }
      case 'done':
        this.#answered++;
        this.#operations.push({ client, start, end, input, output: this.#done(call, end, outcome.value) });
    }
  }

  /** A list that is linearizable: a read of each object of `names` at once. */
  addList({ client, start }: Omit<Call<unknown>, 'input'>, names: readonly string[], outcome: Outcome<KubePage>): void {
    this.#attempted++;
    if (outcome.type === 'unknown') this.#unknown++;
    // 410: a compaction came between two pages.
    if (outcome.type === 'refused' && ![0, 410, 429].includes(outcome.status.code))
      this.#refusals.push(`a list was refused with ${outcome.status.code}: ${outcome.status.message}`);
    if (outcome.type !== 'done') return;
    this.#answered++;
    const end = performance.now();
    const { resourceVersion } = outcome.value;
    const items = outcome.value.items.filter(({ data }) => data['value'] !== undefined).map(versionOf);
    this.#versions.push(...items);
    this.#lists.push({ client, resourceVersion, items });
    this.#revisions.push({ client, start, end, revision: resourceVersion, wrote: false });
    const values = new Map(items.map(({ name, value }) => [name, value]));
    for (const name of names) {
      const value = values.get(name);
      const output: ObjectOutput = value === undefined ? { type: 'NotFound' } : { type: 'found', value };
      this.#operations.push({ client, start, end, input: { type: 'get', name }, output });
    }
  }

  check(): Violations {
    const result = checkLinearizability(partitionByObject(this.#operations));
    return [
      ...this.#refusals,
      ...checkVersions(this.#versions),
      ...checkRevisions(this.#revisions),
      ...checkLists(this.#lists, this.#acknowledged, this.#deletes),
      ...sentenceOf(result),
    ];
  }

  count(): WorkloadCount {
    return { operations: this.#attempted, acknowledged: this.#answered, unknown: this.#unknown };
  }

  #done({ client, start, input }: Call<ObjectInput>, end: number, object: KubeObject | undefined): ObjectOutput {
    if (input.type === 'delete') {
      this.#deletes.push({ name: input.name, start, end });
      return { type: 'done' };
    }
    if (object === undefined) return { type: 'done' };
    const version = versionOf(object);
    this.#versions.push(version);
    if (input.type === 'get') return { type: 'found', value: version.value };
    if (version.name !== input.name || version.value !== input.value)
      this.#refusals.push(
        `${input.name}=${input.value} was written, and ${version.name}=${version.value} acknowledged`,
      );
    this.#acknowledged.push({ ...version, start, end });
    this.#revisions.push({ client, start, end, revision: version.resourceVersion, wrote: true });
    return { type: 'done' };
  }
}

function versionOf({ name, uid, resourceVersion, data }: KubeObject): SeenVersion {
  return { name, uid, resourceVersion, value: data['value'] ?? '' };
}

function sentenceOf(result: ReturnType<typeof checkLinearizability<string, ObjectInput, ObjectOutput>>): Violations {
  switch (result.type) {
    case 'linearizable':
      return [];
    case 'undecided':
      return [`${result.part}: whether its history is linearizable could not be decided in ${result.steps} steps`];
    case 'violation': {
      const before = result.longest.slice(-6).map(textOf).join('; ');
      return [`${result.part} is not linearizable: after ${before} comes ${textOf(result.stuck)}`];
    }
  }
}

function textOf({ client, start, end, input, output }: ObjectOperation): string {
  const expected = 'expected' in input && input.expected !== undefined ? ` if ${input.expected}` : '';
  const value = 'value' in input ? ` ${input.value}` : '';
  const answer = output === undefined ? 'unknown' : output.type === 'found' ? output.value : output.type;
  return `client ${client} ${input.type}${expected}${value} [${start.toFixed(0)}..${end.toFixed(0)}] -> ${answer}`;
}
