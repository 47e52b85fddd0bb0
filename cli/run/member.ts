import { mkdir, statfs } from 'node:fs/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { KvClient } from '../../client/kv-client.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { createNodeNetwork } from '../../io/node/network.ts';
import { createNodePasswords } from '../../io/node/passwords.ts';
import { nodeRandom } from '../../io/node/random.ts';
import type { TlsSource } from '../../io/node/tls/source.ts';
import { withoutSync } from '../../io/node/unsynced-disk.ts';
import { localAuth } from '../../member/auth/local-auth.ts';
import type { MemberConfig } from '../../member/config.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { diskFull } from '../../member/failure.ts';
import { otherClientUrls } from '../../member/join.ts';
import { localClient, publicClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { MemberRemovedError } from '../../member/removed.ts';
import { type EtcdServerOptions, serveEtcd } from '../../rpc/server.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import { WalError } from '../../storage/wal/wal-error.ts';
import type { MemberOptions } from '../flags/member-options.ts';
import type { Logger } from '../log.ts';
import { EXIT, ExitError } from '../usage-error.ts';
import { logFact, logReady, logStart } from './member-log.ts';
import { exportMemberMetrics } from './member-metrics.ts';
import { openTls } from './member-tls.ts';
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
  logStart(logger, options);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { dataDir } = options.config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const peerTls = await openTls(options.peerTls, 'peer', { dataDir, logger });
  const clientTls = await openTls(options.clientTls, 'client', { dataDir, logger });
  const disk = options.withoutFsync ? withoutSync(nodeDisk) : nodeDisk;
  let onPublished = (): void => undefined;
  const published = new Promise<void>((resolve) => {
    onPublished = resolve;
  });
  const member = await startIt(options, {
    clock: nodeClock,
    random: nodeRandom,
    disk,
    network: createNodeNetwork({
      ...(peerTls === undefined ? {} : { tls: peerTls }),
      onRejected: ({ remote, serverName, reason }) =>
        logger.warn(
          { 'remote-addr': remote, 'server-name': serverName, error: reason },
          'rejected connection on peer endpoint',
        ),
    }),
    backends: rocksStore(disk),
    passwords: createNodePasswords(),
    freeDiskBytes,
    observer: {
      fact: (fact) => {
        logFact(logger, fact);
        if (fact.type === 'published') onPublished();
      },
    },
    soon: (run) => void setImmediate(run),
    ...doors,
  });
  const kv = localClient(member);
  exportMemberMetrics(registry, member);
  try {
    const server = await serveEtcd(edgeOf(options, { member, kv, registry, logger, clientTls }));
    logger.info({ clientUrls: server.urls, dataDir }, 'serving the etcd API');
    void published.then(() => logReady(logger, options, server));
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

/** What clients are served, and how. */
function edgeOf(
  options: MemberOptions,
  parts: {
    readonly member: Member;
    readonly kv: KvClient;
    readonly registry: Registry;
    readonly logger: Logger;
    readonly clientTls: TlsSource | undefined;
  },
): EtcdServerOptions {
  const { member, kv, registry, logger, clientTls } = parts;
  const { listenClientUrls, listenHttpUrls, listenMetricsUrls, cors, hostWhitelist, connections } = options;
  const maxRequestBytes = options.config.limits?.maxRequestBytes;
  return {
    kv: publicClient(member),
    auth: localAuth(member),
    ownKv: kv,
    member: { hasLeader: () => member.leader !== 0n, isLearner: () => member.isLearner },
    listenUrls: listenClientUrls,
    listenHttpUrls,
    listenMetricsUrls,
    cors,
    hostWhitelist,
    servesGateway: options.servesGateway,
    connections,
    ...(maxRequestBytes === undefined ? {} : { maxRequestBytes }),
    ...(clientTls === undefined ? {} : { tls: clientTls }),
    trustsCertificates: options.trustsCertificates,
    logger,
    registry,
  };
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
    if (error instanceof WalError && error.code === 'CORRUPT')
      throw new ExitError(EXIT.corrupt, await rebuildText(error, options.config, doors));
    const full = diskFull(error);
    if (full !== undefined) throw new ExitError(EXIT.diskFull, `the disk is full: ${full.message}`);
    throw error;
  }
}

/** What is damaged, and the command that mends it, with what the other members say of themselves. */
async function rebuildText(error: WalError, config: MemberConfig, doors: MemberDoors): Promise<string> {
  const { name, dataDir, walDir, advertisePeerUrls } = config;
  const clientUrls = await otherClientUrls(config, doors);
  const endpoints = clientUrls.length > 0 ? clientUrls.join(',') : 'CLIENT-URLS-OF-THE-OTHERS';
  const command = `keelson cluster rebuild --endpoints ${endpoints} --name ${name} --peer-url ${advertisePeerUrls[0] ?? ''} --data-dir ${dataDir}${walDir === undefined ? '' : ` --wal-dir ${walDir}`}`;
  return `${error.message} On this machine: ${command}`;
}

/** Bytes that this process may still write. */
async function freeDiskBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
