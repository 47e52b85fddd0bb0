import { join } from 'node:path';
import { nodeDisk } from '../../io/node/disk.ts';

/** What one disk takes when several logs are written to it at once. */
export interface DiskRate {
  /** Durable writes a second of one log. */
  readonly writesPerSecond: number;
  /** Of one write, in milliseconds. */
  readonly meanMs: number;
}

/** As a segment of the log: writing goes round in it. */
const FILE_BYTES = 16 * 1024 * 1024;

/**
 * Writes `writers` files of their own in `folder` at once, each `writeBytes` at a time, one write after the other; every write is durable when
 * it returns (O_DSYNC, into space that was written before, as the log's segments are).
 */
export async function diskAlone(
  folder: string,
  { writers, writeBytes, seconds }: { readonly writers: number; readonly writeBytes: number; readonly seconds: number },
): Promise<DiskRate> {
  const bytes = new Uint8Array(Math.max(1, Math.round(writeBytes))).fill(0x5a);
  const files = await Promise.all(
    Array.from({ length: writers }, async (_, i) => {
      const file = await nodeDisk.open(join(folder, `disk-alone-${i}`), 'create', { durableWrites: true });
      await file.allocate(FILE_BYTES);
      await file.sync();
      return file;
    }),
  );
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const counts = await Promise.all(
    files.map(async (file) => {
      let count = 0;
      for (let at = 0; performance.now() < endMs; at = at + 2 * bytes.length > FILE_BYTES ? 0 : at + bytes.length) {
        await file.write(at, [bytes], { durable: true });
        count++;
      }
      return count;
    }),
  );
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  for (const [i, file] of files.entries()) {
    await file.close();
    await nodeDisk.remove(join(folder, `disk-alone-${i}`));
  }
  const writesPerSecond = counts.reduce((sum, count) => sum + count, 0) / writers / elapsedSeconds;
  return { writesPerSecond, meanMs: 1000 / writesPerSecond };
}
