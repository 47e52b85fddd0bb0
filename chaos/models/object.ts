import type { Operation } from '../checkers/operation.ts';
import type { Model, Part } from './model.ts';

/** A call on one object of the Kubernetes API. Values stand for versions: each is written once. */
export type ObjectInput =
  | { readonly type: 'get'; readonly name: string }
  | { readonly type: 'create'; readonly name: string; readonly value: string }
  /** On the strength of the resourceVersion under which `expected` was read. */
  | { readonly type: 'update'; readonly name: string; readonly expected: string; readonly value: string }
  /** `expected` undefined: whatever it is. */
  | { readonly type: 'delete'; readonly name: string; readonly expected: string | undefined };

/** What was answered: 2xx, or the reason of the refusal. */
export type ObjectOutput =
  | { readonly type: 'found'; readonly value: string }
  | { readonly type: 'done' | 'NotFound' | 'AlreadyExists' | 'Conflict' };

export type ObjectOperation = Operation<ObjectInput, ObjectOutput>;

/** Its value; empty: there is none. */
export type ObjectState = string;

/** The history of each object by itself: they are independent (Herlihy and Wing 1990, locality). */
export function partitionByObject(
  operations: readonly ObjectOperation[],
): readonly Part<ObjectState, ObjectInput, ObjectOutput>[] {
  const parts = new Map<string, ObjectOperation[]>();
  for (const operation of operations) {
    const part = parts.get(operation.input.name);
    if (part === undefined) parts.set(operation.input.name, [operation]);
    else part.push(operation);
  }
  return [...parts].map(([name, part]) => ({ name, model: objectModel, operations: part }));
}

/** Stands for an object that does not exist; no value is empty. */
const NONE = '';

/**
 * An object that is created, updated with optimistic concurrency, and deleted. A Conflict needs another version than the expected one, a NotFound none,
 * an AlreadyExists any. Every create and every update of a history must have a value of its own.
 */
export const objectModel: Model<ObjectState, ObjectInput, ObjectOutput> = {
  initial: NONE,
  step: (state, input, output) => {
    const answer = answerIn(state, input);
    if (output !== undefined && !sameOutput(output, answer)) return undefined;
    return answer.type === 'done' ? madeBy(input) : state;
  },
  keyOf: (state) => state,
  hints: {
    makes: madeBy,
    isBlind: (input) => input.type === 'delete' && input.expected === undefined,
    wants: wantedBy,
    keeps: (input, output) => input.type === 'get' || (output !== undefined && output.type !== 'done'),
  },
};

/** What an object in `state` answers. */
function answerIn(state: ObjectState, input: ObjectInput): ObjectOutput {
  if (input.type === 'create') return { type: state === NONE ? 'done' : 'AlreadyExists' };
  if (state === NONE) return { type: 'NotFound' };
  switch (input.type) {
    case 'get':
      return { type: 'found', value: state };
    case 'update':
      return { type: input.expected === state ? 'done' : 'Conflict' };
    case 'delete':
      return { type: input.expected === undefined || input.expected === state ? 'done' : 'Conflict' };
  }
}

function sameOutput(a: ObjectOutput, b: ObjectOutput): boolean {
  return a.type === b.type && (a.type !== 'found' || b.type !== 'found' || a.value === b.value);
}

function madeBy(input: ObjectInput): string {
  return input.type === 'create' || input.type === 'update' ? input.value : NONE;
}

function wantedBy(input: ObjectInput, output: ObjectOutput | undefined): readonly string[] | 'other' {
  switch (output?.type) {
    case 'found':
      return [output.value];
    case 'NotFound':
      return [NONE];
    case 'AlreadyExists':
    case 'Conflict':
      return 'other';
    case 'done':
    case undefined:
      return wantedToDo(input, output !== undefined);
  }
}

function wantedToDo(input: ObjectInput, isDone: boolean): readonly string[] | 'other' {
  switch (input.type) {
    case 'get':
      return [];
    case 'create':
      return [NONE];
    case 'update':
      return [input.expected];
    case 'delete':
      if (input.expected !== undefined) return [input.expected];
      return isDone ? 'other' : [];
  }
}
