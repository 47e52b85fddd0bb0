import type { Violations } from './operation.ts';

/** An object as an informer holds it. */
export interface HeldObject {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  /** Everything else that matters about it, as text. */
  readonly value: string;
  /** The resourceVersion on the strength of which its writer wrote it; 0: it was created so. Undefined: written by somebody else. */
  readonly replaces: number | undefined;
}

/** What happened to an informer's cache, in order. */
export type InformerStep =
  /** Everything was replaced by a list, or by the initial state of a streaming list. */
  | { readonly type: 'list'; readonly revision: number; readonly objects: readonly HeldObject[] }
  | { readonly type: 'event'; readonly kind: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: HeldObject }
  | { readonly type: 'bookmark'; readonly revision: number };

export interface InformerRecord {
  readonly name: string;
  readonly steps: readonly InformerStep[];
}

/** A write that was acknowledged. */
export interface AcknowledgedChange {
  readonly name: string;
  readonly resourceVersion: number;
  readonly value: string;
}

/** One change of one object as the watches told it. */
interface Change {
  readonly kind: 'put' | 'delete';
  readonly object: HeldObject;
}

/** What lies between a list and a later point, told completely: (from, through]. */
interface Stretch {
  readonly informer: string;
  readonly from: number;
  through: number;
  readonly told: Set<number>;
}

/**
 * What an informer may count on. Its revision never falls; every change comes once, and fits what the cache held before; of the stretches that its watches
 * covered no change is missing that any other one was told, or that was acknowledged to its writer; and every list is the state that these changes lead to.
 * `trueState`: what is there at the end, to which every cache must have come.
 */
export function checkInformers(
  records: readonly InformerRecord[],
  writes: readonly AcknowledgedChange[],
  trueState?: readonly HeldObject[],
): Violations {
  const changes = new Map<number, Change>();
  const violations: string[] = [];
  const replays = records.map((record) => new Replay(record, changes));
  for (const replay of replays) violations.push(...replay.violations);
  const stretches = replays.flatMap((replay) => replay.stretches);
  violations.push(...checkMissing(stretches, changes, writes));
  violations.push(...checkLists(records, stretches, changes));
  if (trueState !== undefined)
    for (const [i, replay] of replays.entries())
      violations.push(...checkEnd(records[i]?.name ?? '', replay.objects, trueState));
  return violations;
}

/** One informer's life again, step by step, with what is wrong by itself or does not fit what others were told. */
class Replay {
  readonly violations: string[] = [];
  readonly stretches: Stretch[] = [];
  objects = new Map<string, HeldObject>();
  readonly #name: string;
  readonly #changes: Map<number, Change>;
  #revision = 0;

  constructor({ name, steps }: InformerRecord, changes: Map<number, Change>) {
    this.#name = name;
    this.#changes = changes;
    for (const step of steps) this.#take(step);
  }

  #take(step: InformerStep): void {
    switch (step.type) {
      case 'list':
        if (step.revision < this.#revision)
          this.#say(`was listed ${step.revision} after it had come to ${this.#revision}`);
        this.objects = new Map(step.objects.map((object) => [object.name, object]));
        this.#revision = step.revision;
        this.stretches.push({ informer: this.#name, from: step.revision, through: step.revision, told: new Set() });
        return;
      case 'event':
        this.#event(step.kind, step.object);
        return;
      case 'bookmark':
        if (step.revision < this.#revision)
          this.#say(`got a bookmark for ${step.revision} after it had come to ${this.#revision}`);
        this.#comeTo(step.revision);
    }
  }

  #event(kind: 'ADDED' | 'MODIFIED' | 'DELETED', object: HeldObject): void {
    const { name, resourceVersion, replaces } = object;
    const told = `was told ${kind} ${name} at ${resourceVersion}`;
    if (resourceVersion <= this.#revision) this.#say(`${told} after it had come to ${this.#revision}`);
    const held = this.objects.get(name);
    if (kind === 'ADDED' && held !== undefined) this.#say(`${told}, and held it of ${held.resourceVersion}`);
    if (kind !== 'ADDED' && held === undefined) this.#say(`${told}, and did not hold it`);
    if (kind === 'MODIFIED' && held !== undefined) {
      if (held.uid !== object.uid)
        this.#say(`${told}, which is another object than the one of ${held.resourceVersion}`);
      else if (replaces !== undefined && replaces !== held.resourceVersion)
        this.#say(`${told}, which replaced ${replaces}, and held ${held.resourceVersion}`);
    }
    if (kind === 'DELETED' && held !== undefined && (held.uid !== object.uid || held.value !== object.value))
      this.#say(`${told} as ${object.value}, and held ${held.value}`);
    this.#agree(kind, object);
    if (kind === 'DELETED') this.objects.delete(name);
    else this.objects.set(name, object);
    this.stretches.at(-1)?.told.add(resourceVersion);
    this.#comeTo(resourceVersion);
  }

  /** A revision is one change, whoever tells it. */
  #agree(kind: string, object: HeldObject): void {
    const change: Change = { kind: kind === 'DELETED' ? 'delete' : 'put', object };
    const known = this.#changes.get(object.resourceVersion);
    if (known === undefined) this.#changes.set(object.resourceVersion, change);
    else if (textOf(known) !== textOf(change))
      this.#say(`was told ${textOf(change)} at ${object.resourceVersion}, where another one was told ${textOf(known)}`);
  }

  #comeTo(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    const stretch = this.stretches.at(-1);
    if (stretch !== undefined) stretch.through = Math.max(stretch.through, revision);
  }

  #say(what: string): void {
    this.violations.push(`informer ${this.#name} ${what}`);
  }
}

function checkMissing(
  stretches: readonly Stretch[],
  changes: ReadonlyMap<number, Change>,
  writes: readonly AcknowledgedChange[],
): Violations {
  const acknowledged = new Map(writes.map((write) => [write.resourceVersion, `${write.name}=${write.value}`]));
  const known = new Map([...changes].map(([revision, change]) => [revision, textOf(change)]));
  const violations: string[] = [];
  for (const [revision, text] of acknowledged) {
    const told = known.get(revision);
    if (told !== undefined && told !== text)
      violations.push(`${text} was acknowledged with ${revision}, and told as ${told}`);
    known.set(revision, text);
  }
  const revisions = [...known.keys()].sort((a, b) => a - b);
  for (const { informer, from, through, told } of stretches)
    for (const revision of revisions)
      if (revision > from && revision <= through && !told.has(revision))
        violations.push(
          `informer ${informer} came from ${from} to ${through} and was not told ${known.get(revision)} at ${revision}`,
        );
  return violations;
}

/** A list inside of a stretch that some watch covered is what that stretch began with and the changes since. */
function checkLists(
  records: readonly InformerRecord[],
  stretches: readonly Stretch[],
  changes: ReadonlyMap<number, Change>,
): Violations {
  const begins = new Map<number, readonly HeldObject[]>();
  const lists = records.flatMap(({ name, steps }) =>
    steps.flatMap((step) => (step.type === 'list' ? [{ name, revision: step.revision, objects: step.objects }] : [])),
  );
  for (const { revision, objects } of lists) if (!begins.has(revision)) begins.set(revision, objects);
  const ordered = [...changes].sort(([a], [b]) => a - b);
  return lists.flatMap(({ name, revision, objects }) => {
    const cover = stretches.find(({ from, through }) => from <= revision && revision <= through);
    const begin = cover === undefined ? undefined : begins.get(cover.from);
    if (cover === undefined || begin === undefined) return [];
    const state = new Map(begin.map((object) => [object.name, object]));
    for (const [at, { kind, object }] of ordered) {
      if (at <= cover.from || at > revision) continue;
      if (kind === 'delete') state.delete(object.name);
      else state.set(object.name, object);
    }
    const difference = differenceOf(objects, [...state.values()]);
    return difference === undefined ? [] : [`informer ${name} was listed at ${revision} ${difference}`];
  });
}

function checkEnd(
  name: string,
  objects: ReadonlyMap<string, HeldObject>,
  trueState: readonly HeldObject[],
): Violations {
  const difference = differenceOf([...objects.values()], trueState);
  return difference === undefined ? [] : [`informer ${name} ended with ${difference}`];
}

/** What `got` has that `expected` has not, or the other way round. */
function differenceOf(got: readonly HeldObject[], expected: readonly HeldObject[]): string | undefined {
  const lines = (objects: readonly HeldObject[]): Map<string, string> =>
    new Map(objects.map((object) => [object.name, `${object.name}=${object.value} of ${object.resourceVersion}`]));
  const [have, want] = [lines(got), lines(expected)];
  for (const name of new Set([...have.keys(), ...want.keys()])) {
    if (have.get(name) === want.get(name)) continue;
    return `${have.get(name) ?? `no ${name}`}, where it is ${want.get(name) ?? `no ${name}`}`;
  }
  return undefined;
}

const textOf = ({ kind, object }: Change): string =>
  kind === 'delete' ? `${object.name} deleted` : `${object.name}=${object.value}`;
