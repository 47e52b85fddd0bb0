import { keyBehind } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import { DiskError } from '../io/doors.ts';
import type { HashKVResponse, ResponseHeader } from '../proto/gen/etcd.ts';
import type { Backend, BackendView } from '../storage/backend/backend.ts';
import type { HashKv } from '../storage/machine/machine.ts';
import type { Replica } from './replica.ts';

const ROWS_PER_READ = 256;
const BYTES_PER_READ = 256 * 1024;
/** A compaction that comes between starts it anew, but not for ever. */
const MAX_ATTEMPTS = 3;

/** HashKV of a replica at a revision (0: current). Errors: COMPACTED, FUTURE_REVISION, STOPPED, DiskError. */
export async function hashKv(
  replica: Replica,
  revision: number,
  header: (revision: number) => ResponseHeader,
): Promise<HashKVResponse> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { machine } = replica;
    // Decided before the wait: what is applied meanwhile may not be in the backend when the wait is over.
    const at = revision <= 0 ? machine.revision : revision;
    const refused = machine.hashKv(at);
    if ('error' in refused) throw refused.error;
    await replica.writer.reached(machine.applied);
    if (replica.machine !== machine) continue; // a snapshot took its place
    const hash = machine.hashKv(at);
    if ('error' in hash) throw hash.error;
    const value = await hashed(replica, hash);
    if (value !== undefined)
      return { header: header(0), hash: value, compactRevision: hash.compactRevision, hashRevision: hash.revision };
  }
  throw new StoreError('COMPACTED', undefined, { compactRevision: replica.machine.compactRevision });
}

/** Undefined when a compaction, or a snapshot from another member, came between. */
async function hashed(replica: Replica, hash: HashKv): Promise<number | undefined> {
  const { backend } = replica.writer;
  try {
    await hashRows(backend, hash);
    return hash.finish();
  } catch (error) {
    // A backend is closed a moment before the one that replaces it is in use.
    if (!(error instanceof DiskError) || error.code !== 'CLOSED') throw error;
    await replica.writer.replaced();
    if (replica.writer.backend === backend) throw new StoreError('STOPPED');
    return undefined;
  }
}

/** Gives a hash the rows of a backend, which must hold all that the hash's machine has applied. Errors: DiskError. */
export async function hashRows(backend: Backend, hash: HashKv): Promise<void> {
  const view = backend.view();
  try {
    await feed(view, hash);
  } finally {
    await view.close();
  }
}

async function feed(view: BackendView, hash: HashKv): Promise<void> {
  let from: Uint8Array | undefined;
  for (;;) {
    const bounds = { limit: ROWS_PER_READ, maxBytes: BYTES_PER_READ };
    const rows = await view.scan('revision', from === undefined ? bounds : { from, ...bounds });
    for (const { key, value } of rows) hash.row(key, value);
    const last = rows.at(-1);
    if (last === undefined) return;
    from = keyBehind(last.key);
  }
}
