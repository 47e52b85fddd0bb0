import type { Prng } from '../../base/prng.ts';
import type { Random } from '../../io/doors.ts';

/** Chance that the seed decides: the same run draws the same ids and tokens. */
export function simRandom(prng: Prng): Random {
  return {
    bytes: (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => prng.between(0, 255)),
    uint32: () => prng.uint32(),
  };
}
