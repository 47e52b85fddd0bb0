/** A known bug, as a change of one compiled file: never part of what is shipped. */
export interface Mutation {
  readonly name: string;
  /** Where the field has met it, or which rule it breaks. */
  readonly story: string;
  /** Below the compiled tree. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}
