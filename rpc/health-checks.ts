import { StoreError } from '../base/store-error.ts';
import type { KvClient } from '../client/kv-client.ts';
import { statusOf } from '../client/status.ts';
import { EMPTY_RANGE_REQUEST } from '../proto/gen/etcd.ts';
import { alarmsOf } from './alarms.ts';
import { RPC_LIMITS } from './limits.ts';

/** One check: resolves when all is well, or to what is not. Names and texts are etcd's (api/etcdhttp/health.go). */
export interface HealthCheck {
  readonly name: string;
  readonly run: () => Promise<string | undefined>;
}

/** What /livez asks: whether this process can read at all. */
export function livenessChecks(kv: KvClient): readonly HealthCheck[] {
  return [{ name: 'serializable_read', run: () => read(kv, true) }];
}

/** What /readyz asks: whether this member can serve the cluster's clients. */
export function readinessChecks(kv: KvClient): readonly HealthCheck[] {
  return [
    {
      name: 'data_corruption',
      run: () =>
        failureOf(async () => {
          const corrupt = alarmsOf(await kv.status(TIMEOUT)).some((alarm) => alarm.name === 'CORRUPT');
          return corrupt ? 'alarm activated: CORRUPT' : undefined;
        }),
    },
    { name: 'serializable_read', run: () => read(kv, true) },
    { name: 'linearizable_read', run: () => read(kv, false) },
    {
      name: 'non_learner',
      run: () =>
        failureOf(async () => ((await kv.status(TIMEOUT)).isLearner ? 'not supported for learner' : undefined)),
    },
  ];
}

/** The older /health: the reason why not, undefined when healthy. */
export function healthReason(
  kv: KvClient,
  options: { readonly serializable: boolean; readonly excludedAlarms: ReadonlySet<string> },
): Promise<string | undefined> {
  return failureOf(async () => {
    const status = await kv.status(TIMEOUT);
    const alarm = alarmsOf(status).find(({ name }) => !options.excludedAlarms.has(name));
    if (alarm !== undefined) return `ALARM ${alarm.name}`;
    if (!options.serializable && status.leader === 0n) return 'RAFT NO LEADER';
    const failure = await read(kv, options.serializable);
    return failure === undefined ? undefined : `RANGE ERROR:${failure}`;
  });
}

const TIMEOUT = { timeoutMs: RPC_LIMITS.healthReadTimeoutMs };

function read(kv: KvClient, serializable: boolean): Promise<string | undefined> {
  return failureOf(async () => {
    await kv.range({ ...EMPTY_RANGE_REQUEST, key: 'health', keysOnly: true, limit: 1, serializable }, TIMEOUT);
    return undefined;
  });
}

async function failureOf(check: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof StoreError) return statusOf(error).text;
    throw error;
  }
}
