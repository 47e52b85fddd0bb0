import { statfs } from 'node:fs/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { KvClient } from '../../client/kv-client.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { createNodeNetwork, nodeNetwork } from '../../io/node/network.ts';
import { createNodePasswords } from '../../io/node/passwords.ts';
import { nodeRandom } from '../../io/node/random.ts';
import { localAuth } from '../../member/auth/local-auth.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { diskFull } from '../../member/failure.ts';
import { localClient, publicClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { MemberRemovedError } from '../../member/removed.ts';
import { serveEtcd } from '../../rpc/server.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import type { MemberOptions } from '../flags/member-options.ts';
import type { Logger } from '../log.ts';
import { EXIT, ExitError } from '../usage-error.ts';
import { exportMemberMetrics } from './member-metrics.ts';
import type { Ending } from './shutdown.ts';

/** A member that runs and is served. */
export interface RunningMember {
  readonly kv: KvClient;
  readonly clientUrls: readonly string[];
  /** Settles when the member stopped by itself. */
  readonly ended: Promise<Ending>;
  close(): Promise<void>;
}

/** Starts a member on its data directory and serves the etcd API. `doors` replaces some of those to the real world. */
export async function runMember(
  options: MemberOptions,
  logger: Logger,
  doors: Partial<MemberDoors> = {},
): Promise<RunningMember> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const member = await startIt(options, {
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network: options.peerTls === undefined ? nodeNetwork : createNodeNetwork({ tls: options.peerTls }),
    backends: rocksStore(nodeDisk),
    passwords: createNodePasswords(),
    freeDiskBytes,
    observer: { fact: (fact) => logFact(logger, fact) },
    soon: (run) => void setImmediate(run),
    ...doors,
  });
  const kv = localClient(member);
  exportMemberMetrics(registry, member);
  try {
    const server = await serveEtcd({
      kv: publicClient(member),
      auth: localAuth(member),
      ownKv: kv,
      member: { hasLeader: () => member.leader !== 0n, isLearner: () => member.isLearner },
      listenUrls: options.listenClientUrls,
      listenHttpUrls: options.listenHttpUrls,
      listenMetricsUrls: options.listenMetricsUrls,
      cors: options.cors,
      ...(options.config.limits?.maxRequestBytes !== undefined && {
        maxRequestBytes: options.config.limits.maxRequestBytes,
      }),
      ...(options.clientTls === undefined ? {} : { tls: options.clientTls }),
      logger,
      registry,
    });
    logger.info({ clientUrls: server.urls, dataDir: options.config.dataDir }, 'serving the etcd API');
    return {
      kv,
      clientUrls: server.urls,
      ended: member.ended.then(endingOf),
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

function endingOf(fact: MemberFact): Ending {
  if (fact.type === 'removed') return { code: EXIT.removed, reason: 'this member was removed from its cluster' };
  if (fact.type === 'diskFull') return { code: EXIT.diskFull, reason: `the disk is full: ${fact.reason}` };
  return { code: EXIT.failure, reason: 'reason' in fact ? `${fact.type}: ${fact.reason}` : fact.type };
}

async function startIt(options: MemberOptions, doors: MemberDoors): Promise<Member> {
  try {
    return await startMember(options.config, doors);
  } catch (error) {
    if (error instanceof MemberRemovedError) throw new ExitError(EXIT.removed, error.message);
    const full = diskFull(error);
    if (full !== undefined) throw new ExitError(EXIT.diskFull, `the disk is full: ${full.message}`);
    throw error;
  }
}

/** Bytes that this process may still write. */
async function freeDiskBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

const WARNINGS: ReadonlySet<string> = new Set([
  'authFailed',
  'failed',
  'diskFull',
  'removed',
  'snapshotFailed',
  'repaired',
  'alarm',
]);

/** Ids are 64 bits: hexadecimal, as etcdctl prints them. */
function logFact(logger: Logger, fact: MemberFact): void {
  const { type, ...facts } = fact;
  const fields = Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString(16) : value]),
  );
  if (WARNINGS.has(type)) logger.warn(fields, type);
  else logger.info(fields, type);
}
