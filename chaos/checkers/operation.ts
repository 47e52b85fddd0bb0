/** One call of one client. Times are of one clock, any unit: of two moments the smaller one was first. */
export interface Operation<Input, Output> {
  readonly client: number;
  readonly start: number;
  /** Infinity while nobody knows the outcome: it may take effect at any moment after `start`, or never. */
  readonly end: number;
  readonly input: Input;
  /** Undefined exactly when the outcome is unknown. */
  readonly output: Output | undefined;
}

/** What a checker found to be wrong: one sentence each, empty when all is well. */
export type Violations = readonly string[];
