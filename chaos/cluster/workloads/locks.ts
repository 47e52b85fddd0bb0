import { setTimeout as pause } from 'node:timers/promises';
import { decodeKeyValue } from '../../../proto/gen/etcd.ts';
import { checkLocks, type GuardedWrite } from '../../checkers/locks.ts';
import type { Violations } from '../../checkers/operation.ts';
import { RevisionLog } from '../../checkers/revision-log.ts';
import type { ChaosClient, Tally } from '../clients.ts';
import type { ClusterUnderTest, ClusterWorkload } from '../workload.ts';
import { ClientGroup, type ClientWork } from './client-group.ts';
import { createdAt, getOp, putOp } from './kv-calls.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** One lock with a lease that everybody wants; whoever has it writes under it with its token as a fence, and lets it run out. */
export function locks(options: StoreWorkloadOptions): ClusterWorkload {
  return new ClientGroup('locks', options, (tally) => new Locks(options, tally));
}

const LOCK = 'lock/x';
const GUARDED = 'guarded/x';
const TTL_SECONDS = 2;
const MAX_WRITES = 6;

/** The lock as its owner has it. `token`: the revision at which its key was created. */
interface Held {
  readonly owner: string;
  readonly token: number;
}

class Locks implements ClientWork {
  readonly #options: StoreWorkloadOptions;
  readonly #tally: Tally;
  readonly #writes: GuardedWrite[] = [];

  constructor(options: StoreWorkloadOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  async run(client: ChaosClient, until: AbortSignal): Promise<void> {
    for (let count = 0; !until.aborted; count++) {
      await pause(client.prng.unit() * 400);
      const held = await acquire(client, `lock${client.id}.${count}`);
      if (held === undefined) continue;
      for (let i = 0; i < MAX_WRITES && !until.aborted; i++) {
        if (!(await this.#writeUnder(client, held, `${held.owner}.${i}`))) break;
        await pause(client.prng.unit() * 800);
      }
    }
  }

  async check(cluster: ClusterUnderTest): Promise<Violations> {
    const { log } = await this.#options.history.read(cluster);
    return checkLocks(onlyKey(log, LOCK), this.#writes);
  }

  /** False when the lock is lost. */
  async #writeUnder(client: ChaosClient, { owner, token }: Held, value: string): Promise<boolean> {
    const outcome = await client.call((kv, options) =>
      kv.txn({ compare: [createdAt(LOCK, token)], success: [putOp(GUARDED, value)], failure: [getOp(LOCK)] }, options),
    );
    if (outcome.type !== 'answered') return true;
    const { succeeded, header, responses } = outcome.value;
    if (succeeded) {
      this.#writes.push({ client: client.id, lock: LOCK, owner, token, revision: header?.revision ?? 0 });
      return true;
    }
    // Who is refused is shown why: the lock is free, or another's.
    const response = responses[0]?.response;
    const row = response?.case === 'responseRange' ? response.responseRange.kvs[0] : undefined;
    if (row !== undefined && decodeKeyValue(row).createRevision === token)
      this.#tally.violations.push(`client ${client.id} was refused under a lock that it has: token ${token}`);
    return false;
  }
}

async function acquire(client: ChaosClient, owner: string): Promise<Held | undefined> {
  const lease = await client.call((kv, options) => kv.leaseGrant({ ID: 0n, TTL: TTL_SECONDS }, options));
  if (lease.type !== 'answered') return undefined;
  const taken = await client.call((kv, options) =>
    kv.txn({ compare: [createdAt(LOCK, 0)], success: [putOp(LOCK, owner, lease.value.ID)], failure: [] }, options),
  );
  if (taken.type !== 'answered' || !taken.value.succeeded) {
    await client.call((kv, options) => kv.leaseRevoke({ ID: lease.value.ID }, options));
    return undefined;
  }
  return { owner, token: taken.value.header?.revision ?? 0 };
}

/** The history of one key: states of it alone are cheap to know at every revision. */
function onlyKey(log: RevisionLog, wanted: string): RevisionLog {
  const own = new RevisionLog();
  for (let revision = 2; revision <= log.last; revision++)
    own.record(
      revision,
      (log.changesAt(revision) ?? []).filter(({ key }) => key === wanted),
    );
  return own;
}
