import type { Operation } from '../checkers/operation.ts';
import type { Model, Part } from './model.ts';

/** A call of a key-value store. `expected` undefined: there must be no such key. */
export type KvInput =
  | { readonly type: 'get'; readonly keys: readonly string[] }
  | { readonly type: 'put'; readonly keys: readonly string[]; readonly value: string }
  | { readonly type: 'delete'; readonly keys: readonly [string] }
  | {
      readonly type: 'cas';
      readonly keys: readonly [string];
      readonly expected: string | undefined;
      readonly value: string;
    };

/** `values`: of a get, by the place of the key; `done`: whether a delete deleted, a cas succeeded. A put has neither. */
export interface KvOutput {
  readonly values?: readonly (string | undefined)[];
  readonly done?: boolean;
}

export type KvOperation = Operation<KvInput, KvOutput>;

/** The values of some keys, in the order of the model's keys. */
export type KvState = readonly (string | undefined)[];

/**
 * The history in independent parts: keys that no operation touches together. A history is linearizable exactly when
 * every part is (Herlihy and Wing 1990, locality).
 */
export function partitionByKey(operations: readonly KvOperation[]): readonly Part<KvState, KvInput, KvOutput>[] {
  const groups = new Groups();
  for (const { input } of operations) groups.join(input.keys);
  const parts = new Map<string, KvOperation[]>();
  for (const operation of operations) {
    const group = groups.of(operation.input.keys[0] ?? '');
    const part = parts.get(group);
    if (part === undefined) parts.set(group, [operation]);
    else part.push(operation);
  }
  return [...parts.values()].map((part) => {
    const keys = [...new Set(part.flatMap(({ input }) => input.keys))].sort();
    return { name: keys.join(' '), model: kvModel(keys), operations: part };
  });
}

/** A store of these keys, empty at first. Every put and every cas of a history must have a value of its own. */
export function kvModel(keys: readonly string[]): Model<KvState, KvInput, KvOutput> {
  const places = new Map(keys.map((key, i) => [key, i]));
  const placeOf = (key: string): number => places.get(key) ?? -1;
  return {
    initial: keys.map(() => undefined),
    step: (state, input, output) => {
      const [first = ''] = input.keys;
      const now = state[placeOf(first)];
      switch (input.type) {
        case 'get':
          return output === undefined || input.keys.every((key, i) => state[placeOf(key)] === output.values?.[i])
            ? state
            : undefined;
        case 'put':
          return withValues(state, input.keys.map(placeOf), input.value);
        case 'delete':
          if (output !== undefined && output.done !== (now !== undefined)) return undefined;
          return now === undefined ? state : withValues(state, [placeOf(first)], undefined);
        case 'cas': {
          const succeeds = now === input.expected;
          if (output !== undefined && output.done !== succeeds) return undefined;
          return succeeds ? withValues(state, [placeOf(first)], input.value) : state;
        }
      }
    },
    keyOf: (state) => (state.length === 1 ? (state[0] ?? NONE) : state.map((value) => value ?? NONE).join('\u0001')),
    ...(keys.length === 1 && {
      hints: { makes: madeBy, isBlind: ({ type }) => type !== 'cas', wants: wantedBy, keeps: keptBy },
    }),
  };
}

/** Stands for a key that does not exist; no value looks like it. */
const NONE = '\0';

function madeBy(input: KvInput): string {
  return input.type === 'put' || input.type === 'cas' ? input.value : NONE;
}

function wantedBy(input: KvInput, output: KvOutput | undefined): readonly string[] | 'other' {
  switch (input.type) {
    case 'get':
      return output === undefined ? [] : [output.values?.[0] ?? NONE];
    case 'put':
      return [];
    case 'delete':
      if (output === undefined) return [];
      return output.done === true ? 'other' : [NONE];
    case 'cas':
      return output?.done === false ? 'other' : [input.expected ?? NONE];
  }
}

function keptBy(input: KvInput, output: KvOutput | undefined): boolean {
  return input.type === 'get' || output?.done === false;
}

function withValues(state: KvState, places: readonly number[], value: string | undefined): KvState {
  const next = [...state];
  for (const place of places) next[place] = value;
  return next;
}

/** Keys that were seen together, directly or through others. */
class Groups {
  readonly #parents = new Map<string, string>();

  of(key: string): string {
    let root = key;
    for (let up = this.#parents.get(root); up !== undefined && up !== root; up = this.#parents.get(root)) root = up;
    if (root !== key) this.#parents.set(key, root);
    return root;
  }

  join(keys: readonly string[]): void {
    const [first, ...others] = keys;
    if (first === undefined) return;
    for (const other of others) this.#parents.set(this.of(other), this.of(first));
  }
}
