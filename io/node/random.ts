import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '../doors.ts';

const POOL_NUMBERS = 256;
const pool = new Uint32Array(POOL_NUMBERS);
let used = POOL_NUMBERS;

/** Cryptographic chance from the operating system; `uint32` draws from a small pool because one system call a number is dear. */
export const nodeRandom: Random = {
  bytes: (sizeBytes) => randomBytes(sizeBytes),
  uint32() {
    if (used === POOL_NUMBERS) {
      randomFillSync(pool);
      used = 0;
    }
    const number = pool[used] as number;
    pool[used++] = 0; // a number that was given out must not be found in memory again
    return number;
  },
};
