import type { Operation } from '../checkers/operation.ts';

/** How an object behaves when one operation comes after the other. States are never changed in place. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after `input` was answered with `output`; undefined when no object in `state` answers so. An `output` that is
   * undefined is an unknown one: every answer fits.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** The same text for equal states, another one for others. */
  keyOf(state: State): string;
  /**
   * Narrows down which operations of unknown outcome are worth trying: those that make what another one wants. Only for models in
   * which every operation reads or replaces the whole state, and for histories in which no value is written twice.
   */
  readonly hints?: Hints<Input, Output>;
}

export interface Hints<Input, Output> {
  /** The state that it leads to, by its key. */
  makes(input: Input): string;
  /** It does so whatever was there before. */
  isBlind(input: Input): boolean;
  /** The states, by their keys, in which it could be; 'other': not in this one, but in any other. */
  wants(input: Input, output: Output | undefined): readonly string[] | 'other';
  /** Whether it leaves the state as it is, for later ones to see. */
  keeps(input: Input, output: Output | undefined): boolean;
}

/** Operations that concern one object, and the object. */
export interface Part<State, Input, Output> {
  readonly name: string;
  readonly model: Model<State, Input, Output>;
  readonly operations: readonly Operation<Input, Output>[];
}
