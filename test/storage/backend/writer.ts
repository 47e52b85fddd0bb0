import { openRocksBackend } from '../../../storage/backend/rocks.ts';
import { put } from './suite.ts';

/** A process that writes numbered batches, and tells its parent of each that is done, until it is killed. */
const [path = '', from = '1'] = process.argv.slice(2);
const backend = await openRocksBackend(path, 'revisionsFirst');
for (let n = Number(from); ; n++) {
  await backend.write([put('revision', String(n), 'x'.repeat(500)), put('meta', 'n', String(n))]);
  process.send?.(n);
}
