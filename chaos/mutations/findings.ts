import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { crc32c } from '../../base/crc32c.ts';
import { MUTATIONS } from './catalogue.ts';
import type { Mutation } from './mutation.ts';
import type { MutationResult } from './run.ts';

/** How a hunt went, as it is kept from one run to the next. `of`: what exactly was planted. */
export interface Hunted extends Omit<MutationResult, 'mutation'> {
  readonly name: string;
  readonly of: number;
}

/** The hunts that a file keeps, without those of bugs that are not in the catalogue any more, or are planted in another way now. */
export function readHunts(path: string): readonly Hunted[] {
  if (!existsSync(path)) return [];
  const hunts = JSON.parse(readFileSync(path, 'utf8')) as readonly Hunted[];
  const known = new Map(MUTATIONS.map((mutation) => [mutation.name, fingerprint(mutation)]));
  return hunts.filter(({ name, of }) => known.get(name) === of);
}

/** Keeps hunts in the order of the catalogue, a line each; what is new takes the place of what was. */
export function keepHunts(path: string, results: readonly MutationResult[]): readonly MutationResult[] {
  const hunts = new Map(readHunts(path).map((hunted) => [hunted.name, hunted]));
  for (const { mutation, ...rest } of results)
    hunts.set(mutation.name, { name: mutation.name, of: fingerprint(mutation), ...rest });
  const kept = MUTATIONS.flatMap((mutation) => {
    const hunted = hunts.get(mutation.name);
    return hunted === undefined ? [] : [{ mutation, hunted }];
  });
  writeFileSync(path, `[\n${kept.map(({ hunted }) => JSON.stringify(hunted)).join(',\n')}\n]\n`);
  return kept.map(({ mutation, hunted: { checker, finding, seeds, seconds } }) => ({
    mutation,
    checker,
    finding,
    seeds,
    seconds,
  }));
}

function fingerprint({ edits, profile }: Mutation): number {
  return crc32c(new TextEncoder().encode(JSON.stringify([edits, profile])));
}
