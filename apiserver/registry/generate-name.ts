import { randomInt } from 'node:crypto';
import { REGISTRY_LIMITS } from './limits.ts';

/** Without vowels and look-alikes, so that no words come out. Source: apimachinery util/rand. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/** `base` cut to 58 characters and five random ones. */
export function generateName(base: string): string {
  let name = base.slice(0, REGISTRY_LIMITS.generateNameBase);
  for (let i = 0; i < SUFFIX_LENGTH; i++) name += ALPHABET[randomInt(ALPHABET.length)];
  return name;
}
