import { connectKvClient } from '../../client/grpc-client.ts';
import { EMPTY_WATCH_CREATE_REQUEST } from '../../proto/gen/etcd.ts';
import type { Violations } from '../checkers/operation.ts';
import { type Change, RevisionLog } from '../checkers/revision-log.ts';
import { changeOf, revisionOf } from '../sim/records.ts';
import { CLUSTER_LIMITS } from './limits.ts';
import type { ClusterUnderTest } from './workload.ts';

/** The whole history of the store, as every member tells it once the cluster is whole. Nothing is compacted while chaos runs. */
export interface History {
  readonly log: RevisionLog;
  /** Where members tell different histories. */
  readonly violations: Violations;
}

/** Reads the history from every member, one after the other, and compares. It is read once; who asks later gets the same. */
export class HistoryReader {
  #history: Promise<History> | undefined;

  read(cluster: ClusterUnderTest): Promise<History> {
    this.#history ??= readAll(cluster);
    return this.#history;
  }
}

async function readAll({ members }: ClusterUnderTest): Promise<History> {
  const log = new RevisionLog();
  const violations: string[] = [];
  for (const url of members) {
    await readFrom(url, (revision, changes) => {
      const known = log.record(revision, changes);
      if (known !== undefined)
        violations.push(`revision ${revision}: ${url} has ${JSON.stringify(changes)}, others ${JSON.stringify(known)}`);
    });
  }
  return { log, violations };
}

/** Watches one member from the first revision on until it has told everything up to its present one. */
async function readFrom(url: string, tell: (revision: number, changes: readonly Change[]) => void): Promise<void> {
  const kv = connectKvClient({ endpoints: [url] });
  const signal = AbortSignal.timeout(CLUSTER_LIMITS.settleMs);
  try {
    const { header } = await kv.status({ timeoutMs: CLUSTER_LIMITS.callTimeoutMs });
    const last = header?.revision ?? 1;
    const stream = kv.watch();
    signal.addEventListener('abort', () => stream.close());
    stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: '\0', rangeEnd: '\0', startRevision: 1, prevKv: true });
    for (let told = 1; told < last; ) {
      const responses = await stream.next();
      if (responses === undefined) throw new HistoryError(`${url} told its history only up to ${told} of ${last}`);
      for (const { events, canceled, cancelReason } of responses) {
        if (canceled) throw new HistoryError(`${url} does not tell its history: ${cancelReason}`);
        const revisions = new Map<number, Change[]>();
        for (const event of events) {
          const revision = revisionOf(event);
          const changes = revisions.get(revision);
          if (changes === undefined) revisions.set(revision, [changeOf(event)]);
          else changes.push(changeOf(event));
          told = Math.max(told, revision);
        }
        for (const [revision, changes] of revisions) tell(revision, changes);
      }
    }
  } finally {
    await kv.close();
  }
}

/** A member that cannot say what it holds. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}
