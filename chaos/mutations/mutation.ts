import type { ProfileName } from '../profiles/catalogue.ts';

/** One change of one compiled file. */
export interface Edit {
  /** Below the compiled tree. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A known bug, as changes of compiled files: never part of what is shipped. */
export interface Mutation {
  readonly name: string;
  /** Where the field has met it, or which rule it breaks. */
  readonly story: string;
  /** Several where more than one guard keeps it out. */
  readonly edits: readonly Edit[];
  /** What its hunt is aimed at; `mixed` when it needs no aim. */
  readonly profile: ProfileName;
}

/** A mutation of one place. */
export function planted(name: string, of: { readonly story: string; readonly profile?: ProfileName } & Edit): Mutation {
  const { story, profile = 'mixed', file, find, replace } = of;
  return { name, story, profile, edits: [{ file, find, replace }] };
}
