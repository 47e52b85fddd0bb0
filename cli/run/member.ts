import { Registry } from 'prom-client';
import type { KvClient } from '../../client/kv-client.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { createNodeNetwork, nodeNetwork } from '../../io/node/network.ts';
import { nodeRandom } from '../../io/node/random.ts';
import { localClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { serveEtcd } from '../../rpc/server.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import type { MemberOptions } from '../flags/member-options.ts';
import type { Logger } from '../log.ts';
import { exportMemberMetrics } from './member-metrics.ts';

/** A member that runs and is served. */
export interface RunningMember {
  readonly kv: KvClient;
  readonly clientUrls: readonly string[];
  /** Settles with a text when the member stopped by itself. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** Starts a member on its data directory and serves the etcd API. */
export async function runMember(options: MemberOptions, logger: Logger): Promise<RunningMember> {
  const registry = new Registry();
  const member = await startMember(options.config, {
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network: options.peerTls === undefined ? nodeNetwork : createNodeNetwork({ tls: options.peerTls }),
    backends: rocksStore(nodeDisk),
    observer: { fact: (fact) => logFact(logger, fact) },
    soon: (run) => void setImmediate(run),
  });
  const kv = localClient(member);
  exportMemberMetrics(registry, member);
  try {
    const server = await serveEtcd({
      kv,
      member: { hasLeader: () => member.leader !== 0n, isLearner: () => member.isLearner },
      listenUrls: options.listenClientUrls,
      ...(options.clientTls === undefined ? {} : { tls: options.clientTls }),
      logger,
      registry,
    });
    logger.info({ clientUrls: server.urls, dataDir: options.config.dataDir }, 'serving the etcd API');
    return {
      kv,
      clientUrls: server.urls,
      ended: member.ended.then(describe),
      close: () => closeAll(server, kv, member),
    };
  } catch (error) {
    await member.stop();
    throw error;
  }
}

async function closeAll(server: { close(): Promise<void> }, kv: KvClient, member: Member): Promise<void> {
  await server.close();
  await kv.close();
  await member.stop();
}

const describe = (fact: MemberFact): string => ('reason' in fact ? `${fact.type}: ${fact.reason}` : fact.type);

const WARNINGS: ReadonlySet<string> = new Set(['failed', 'removed', 'snapshotFailed', 'repaired']);

/** Ids are 64 bits: hexadecimal, as etcdctl prints them. */
function logFact(logger: Logger, fact: MemberFact): void {
  const { type, ...facts } = fact;
  const fields = Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString(16) : value]),
  );
  if (WARNINGS.has(type)) logger.warn(fields, type);
  else logger.info(fields, type);
}
