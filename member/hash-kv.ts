import { StoreError } from '../base/store-error.ts';
import type { HashKVResponse, ResponseHeader } from '../proto/gen/etcd.ts';
import type { Replica } from './replica.ts';

const ROWS_PER_READ = 1024;
const BYTES_PER_READ = 1024 * 1024;
/** A compaction that comes between starts it anew, but not for ever. */
const MAX_ATTEMPTS = 3;

/** HashKV of a replica at a revision (0: current). Errors: COMPACTED, FUTURE_REVISION, DiskError. */
export async function hashKv(
  replica: Replica,
  revision: number,
  header: (revision: number) => ResponseHeader,
): Promise<HashKVResponse> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    await replica.writer.reached(replica.machine.applied);
    const { machine } = replica;
    const hash = machine.hashKv(revision);
    if ('error' in hash) throw hash.error;
    const view = replica.writer.backend.view();
    try {
      let from: Uint8Array | undefined;
      for (;;) {
        const bounds = { limit: ROWS_PER_READ, maxBytes: BYTES_PER_READ };
        const rows = await view.scan('revision', from === undefined ? bounds : { from, ...bounds });
        for (const { key, value } of rows) hash.row(key, value);
        const last = rows.at(-1);
        if (last === undefined) break;
        from = new Uint8Array(last.key.length + 1);
        from.set(last.key);
      }
    } finally {
      await view.close();
    }
    const value = hash.finish();
    if (value !== undefined) {
      return { header: header(0), hash: value, compactRevision: hash.compactRevision, hashRevision: hash.revision };
    }
  }
  throw new StoreError('COMPACTED', undefined, { compactRevision: replica.machine.compactRevision });
}
