import { Prng } from '../../base/prng.ts';
import type { Model, Part } from '../models/model.ts';
import type { Operation } from './operation.ts';

/** What became of the search. */
export type Linearizability<Input, Output> =
  | { readonly type: 'linearizable'; readonly steps: number }
  /** No order fits. `longest` is an order of as many operations as could be placed; `stuck` had to be next and does not fit. */
  | {
      readonly type: 'violation';
      readonly part: string;
      readonly longest: readonly Operation<Input, Output>[];
      readonly stuck: Operation<Input, Output>;
      readonly steps: number;
    }
  /** The search was broken off after `maxSteps`. */
  | { readonly type: 'undecided'; readonly part: string; readonly steps: number };

/** Steps after which a search is broken off: some seconds. */
const MAX_STEPS = 20_000_000;

/**
 * Whether each part has an order of its operations that keeps real time and that its model could have answered (Wing and Gong
 * 1993, with Lowe's memory of configurations that were tried: 2017). Operations of unknown outcome may be placed or left out.
 */
export function checkLinearizability<State, Input, Output>(
  parts: readonly Part<State, Input, Output>[],
  options: { readonly maxSteps?: number } = {},
): Linearizability<Input, Output> {
  let steps = 0;
  for (const part of parts) {
    const maxSteps = (options.maxSteps ?? MAX_STEPS) - steps;
    // Configurations are remembered by a 64-bit hash. Two that share one could hide an order, so a violation must be found twice.
    const first = new Search(part, { salt: 1 });
    let result = first.run(maxSteps);
    if (result.type === 'violation') result = new Search(part, { salt: 2, recordAt: first.depth }).run(maxSteps);
    if (result.type !== 'linearizable') return { ...result, steps: steps + result.steps };
    steps += result.steps;
  }
  return { type: 'linearizable', steps };
}

/** A call or a return in the order of time: a doubly linked list from which operations are lifted as they are placed. */
interface Moment {
  readonly operation: number;
  readonly isCall: boolean;
  readonly at: number;
  /** The return of a call. */
  match: Moment | undefined;
  previous: Moment | undefined;
  next: Moment | undefined;
}

/** Operations of unknown outcome that lead to the same state. */
interface Makers {
  readonly blind: number[];
  readonly others: number[];
  /** The state before anything happened. */
  readonly isInitial: boolean;
}

/** The group of all operations that lead to states that nobody wants. */
const UNWANTED = '\u0003';

interface Frame<State> {
  readonly operation: number;
  /** The call that was placed; undefined for an operation of unknown outcome. */
  readonly call: Moment | undefined;
  readonly state: State;
  /** Where the search goes on when this does not lead anywhere. */
  readonly resumeUnknown: number;
  readonly beforeUnknown: State | undefined;
  /** Nothing else needed to be tried in its place. */
  readonly isForced: boolean;
}

class Search<State, Input, Output> {
  readonly #part: Part<State, Input, Output>;
  readonly #model: Model<State, Input, Output>;
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #head: Moment = {
    operation: -1,
    isCall: false,
    at: Number.NEGATIVE_INFINITY,
    match: undefined,
    previous: undefined,
    next: undefined,
  };
  /** Operations of unknown outcome, by their start. */
  readonly #unknown: readonly number[];
  /** Those of `#unknown` that lead to a state, by its key. */
  readonly #makers = new Map<string, Makers>();
  readonly #isPlaced: Uint8Array;
  readonly #hashes: Uint32Array;
  #hashA = 0;
  #hashB = 0;
  readonly #tried = new Set<string>();
  readonly #stack: Frame<State>[] = [];
  readonly #recordAt: number;
  #state: State;
  /** When the last operation placed is of unknown outcome: the state before it. */
  #beforeUnknown: State | undefined;
  #depth = -1;
  #longest: readonly number[] = [];
  #stuck = -1;

  /** `recordAt`: the depth at which the order is worth remembering, as an earlier search has found. */
  constructor(part: Part<State, Input, Output>, options: { readonly salt: number; readonly recordAt?: number }) {
    this.#part = part;
    this.#recordAt = options.recordAt ?? Number.POSITIVE_INFINITY;
    this.#model = part.model;
    this.#operations = part.operations;
    this.#state = part.model.initial;
    const count = part.operations.length;
    this.#isPlaced = new Uint8Array(count);
    const prng = new Prng(options.salt);
    this.#hashes = Uint32Array.from({ length: 2 * count }, () => prng.uint32());
    this.#unknown = part.operations
      .map((_, i) => i)
      .filter((i) => this.#operations[i]?.output === undefined)
      .sort((a, b) => this.#startOf(a) - this.#startOf(b));
    this.#group();
    this.#link();
  }

  /** The most operations that could be placed before the search had to turn back. */
  get depth(): number {
    return this.#depth;
  }

  run(maxSteps: number): Linearizability<Input, Output> {
    let steps = 0;
    this.#placeReads();
    let at = this.#head.next;
    let unknown = 0;
    while (this.#head.next !== undefined) {
      if (++steps > maxSteps) return { type: 'undecided', part: this.#part.name, steps };
      let placed = false;
      if (at?.isCall === true) {
        placed = this.#place(at.operation, at, 0);
        if (!placed) at = at.next;
      } else {
        // All calls that may come next were tried: those of unknown outcome are left, where they began before this return.
        const operation = this.#helpful()[unknown++];
        if (operation !== undefined)
          placed = this.#startOf(operation) < (at?.at ?? 0) && this.#place(operation, undefined, unknown);
        else {
          this.#noteDepth(at?.operation ?? -1);
          const frame = this.#stack.pop();
          unknown = Number.POSITIVE_INFINITY;
          if (frame === undefined) return this.#violation(steps);
          this.#takeBack(frame);
          if (frame.isForced) continue;
          at = frame.call === undefined ? this.#firstReturn() : frame.call.next;
          unknown = frame.resumeUnknown;
        }
      }
      if (placed) {
        steps += this.#placeReads();
        at = this.#head.next;
        unknown = 0;
      }
    }
    return { type: 'linearizable', steps };
  }

  /** The operations of unknown outcome that can make a call possible that is not, directly or through each other. */
  #helpful(): readonly number[] {
    const { hints } = this.#model;
    if (hints === undefined) return this.#unknown.filter((operation) => this.#isPlaced[operation] === 0);
    const wanted: string[] = [];
    const helpful = new Set<number>();
    for (let at = this.#head.next; at?.isCall === true; at = at.next) {
      const { input, output } = this.#operations[at.operation] as Operation<Input, Output>;
      if (this.#model.step(this.#state, input, output) !== undefined) continue;
      const wants = hints.wants(input, output);
      if (wants !== 'other') {
        wanted.push(...wants);
        continue;
      }
      const spare = this.#makers.get(UNWANTED);
      if (spare !== undefined) this.#offer(spare, helpful);
      // What somebody will see must not be spent on an operation that replaces it at once.
      const keeps = hints.keeps(input, output);
      for (const group of this.#makers.values()) if (keeps || group.isInitial) this.#offer(group, helpful);
    }
    for (let want = wanted.pop(); want !== undefined; want = wanted.pop()) {
      const group = this.#makers.get(want);
      if (group === undefined) continue;
      for (const operation of this.#offer(group, helpful)) {
        const wants = hints.wants((this.#operations[operation] as Operation<Input, Output>).input, undefined);
        if (wants !== 'other') wanted.push(...wants);
      }
    }
    return [...helpful];
  }

  /** Of those that lead to the same whatever was before, one is as good as the other: the oldest that is left will do. */
  #offer(group: Makers, helpful: Set<number>): readonly number[] {
    const isLeft = (operation: number): boolean => this.#isPlaced[operation] === 0;
    const blind = group.blind.find(isLeft);
    const offered = [...(blind === undefined ? [] : [blind]), ...group.others.filter(isLeft)];
    const fresh = offered.filter((operation) => !helpful.has(operation));
    for (const operation of fresh) helpful.add(operation);
    return fresh;
  }

  #group(): void {
    const { hints } = this.#model;
    if (hints === undefined) return;
    const wanted = new Set<string>();
    for (const { input, output } of this.#operations) {
      const wants = output === undefined ? [] : hints.wants(input, output);
      if (wants !== 'other') for (const want of wants) wanted.add(want);
    }
    const initial = this.#model.keyOf(this.#model.initial);
    for (const operation of this.#unknown) {
      const { input } = this.#operations[operation] as Operation<Input, Output>;
      if (hints.keeps(input, undefined)) continue;
      const made = hints.makes(input);
      // What nobody is known to have seen is all the same.
      for (const name of wanted.has(made) || made === initial ? [made] : [made, UNWANTED]) {
        const group = this.#makers.get(name) ?? { blind: [], others: [], isInitial: made === initial };
        (hints.isBlind(input) ? group.blind : group.others).push(operation);
        this.#makers.set(name, group);
      }
    }
  }

  /** Lets the operation be the next one, if its answer fits and this has not been tried before. */
  #place(operation: number, call: Moment | undefined, resumeUnknown: number): boolean {
    const { input, output } = this.#operations[operation] as Operation<Input, Output>;
    const after = this.#model.step(this.#state, input, output);
    if (after === undefined) return false;
    if (call === undefined && this.#model.keyOf(after) === this.#model.keyOf(this.#state)) return false;
    // An unknown operation that the next one does not need might as well not have happened.
    if (this.#beforeUnknown !== undefined) {
      const without = this.#model.step(this.#beforeUnknown, input, output);
      if (without !== undefined && this.#model.keyOf(without) === this.#model.keyOf(after)) return false;
    }
    this.#toggle(operation);
    if (!this.#isNew(after, call === undefined)) {
      this.#toggle(operation);
      return false;
    }
    this.#isPlaced[operation] = 1;
    this.#stack.push({
      operation,
      call,
      state: this.#state,
      resumeUnknown,
      beforeUnknown: this.#beforeUnknown,
      isForced: false,
    });
    this.#beforeUnknown = call === undefined ? this.#state : undefined;
    this.#state = after;
    if (call !== undefined) lift(call);
    return true;
  }

  /** What can be answered now and changes nothing is placed at once: no order gains by putting it off. Returns how many. */
  #placeReads(): number {
    let count = 0;
    const key = this.#model.keyOf(this.#state);
    for (let at = this.#head.next; at?.isCall === true; at = at.next) {
      const { input, output } = this.#operations[at.operation] as Operation<Input, Output>;
      const after = this.#model.step(this.#state, input, output);
      if (after === undefined || (after !== this.#state && this.#model.keyOf(after) !== key)) continue;
      const before = this.#beforeUnknown;
      if (before !== undefined && this.#model.step(before, input, output) === undefined)
        this.#beforeUnknown = undefined;
      const { operation } = at;
      this.#toggle(operation);
      this.#isPlaced[operation] = 1;
      this.#stack.push({
        operation,
        call: at,
        state: this.#state,
        resumeUnknown: 0,
        beforeUnknown: before,
        isForced: true,
      });
      lift(at);
      count++;
    }
    return count;
  }

  #takeBack({ operation, call, state, beforeUnknown }: Frame<State>): void {
    this.#toggle(operation);
    this.#isPlaced[operation] = 0;
    this.#state = state;
    this.#beforeUnknown = beforeUnknown;
    if (call !== undefined) unlift(call);
  }

  #toggle(operation: number): void {
    this.#hashA ^= this.#hashes[2 * operation] as number;
    this.#hashB ^= this.#hashes[2 * operation + 1] as number;
  }

  #isNew(state: State, isAfterUnknown: boolean): boolean {
    const before = isAfterUnknown ? `\u0002${this.#model.keyOf(this.#state)}` : '';
    const key = `${this.#hashA >>> 0} ${this.#hashB >>> 0} ${this.#model.keyOf(state)}${before}`;
    if (this.#tried.has(key)) return false;
    this.#tried.add(key);
    return true;
  }

  #firstReturn(): Moment | undefined {
    let at = this.#head.next;
    while (at?.isCall === true) at = at.next;
    return at;
  }

  #noteDepth(stuck: number): void {
    this.#depth = Math.max(this.#depth, this.#stack.length);
    if (this.#stuck >= 0 && this.#stack.length !== this.#recordAt) return;
    this.#longest = this.#stack.map(({ operation }) => operation);
    this.#stuck = stuck;
  }

  #violation(steps: number): Linearizability<Input, Output> {
    const operationAt = (i: number): Operation<Input, Output> => this.#operations[i] as Operation<Input, Output>;
    const longest = this.#longest.map(operationAt);
    return { type: 'violation', part: this.#part.name, longest, stuck: operationAt(this.#stuck), steps };
  }

  #startOf(operation: number): number {
    return (this.#operations[operation] as Operation<Input, Output>).start;
  }

  #link(): void {
    const moments: Moment[] = [];
    const ends = { match: undefined, previous: undefined, next: undefined };
    for (const [operation, { start, end, output }] of this.#operations.entries()) {
      if (output === undefined) continue;
      const call: Moment = { operation, isCall: true, at: start, ...ends };
      call.match = { operation, isCall: false, at: end, ...ends };
      moments.push(call, call.match);
    }
    // Of a return and a call at the same moment the call is first: they count as concurrent.
    moments.sort((a, b) => a.at - b.at || Number(b.isCall) - Number(a.isCall));
    let last = this.#head;
    for (const moment of moments) {
      last.next = moment;
      moment.previous = last;
      last = moment;
    }
  }
}

function lift(call: Moment): void {
  for (const moment of [call, call.match as Moment]) {
    (moment.previous as Moment).next = moment.next;
    if (moment.next !== undefined) moment.next.previous = moment.previous;
  }
}

/** Undoes `lift`; only in the opposite order. */
function unlift(call: Moment): void {
  for (const moment of [call.match as Moment, call]) {
    (moment.previous as Moment).next = moment;
    if (moment.next !== undefined) moment.next.previous = moment;
  }
}
