import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writePrivate } from '../../apiserver/pki/store.ts';
import { UsageError } from '../usage-error.ts';
import { UP_LIMITS } from './limits.ts';

/** One member of the local cluster with its API server. */
export interface PlannedMember {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Where API servers reach the store, with TLS and client certificates. */
  readonly securePort: number;
  readonly apiPort: number;
}

/** What a local cluster is made of; kept in DIR/cluster.json, because members know each other by their addresses. */
export interface ClusterPlan {
  readonly formatVersion: 1;
  readonly host: string;
  readonly token: string;
  readonly members: readonly PlannedMember[];
}

export interface PlanRequest {
  readonly dataDir: string;
  readonly host: string;
  /** Undefined: as many as the directory has, three in a new one. */
  readonly members: number | undefined;
  readonly clientPort: number;
  readonly apiPort: number;
  /** All ports are picked by the system. */
  readonly freePorts: boolean;
}

/** The ports of one member lie this far from the next one's. */
const STRIDE = 10;

/**
 * The plan of the directory, or a new one. Member n of a new cluster has client port P+10(n-1), peer port one and secure port two above, API port A+(n-1). A cluster that
 * exists keeps its ports. Errors: UsageError when the request does not fit what is there.
 */
export async function planCluster(
  request: PlanRequest,
): Promise<{ readonly plan: ClusterPlan; readonly isNew: boolean }> {
  const existing = await readPlan(request.dataDir);
  if (existing !== undefined) {
    const count = existing.members.length;
    if (request.members !== undefined && request.members !== count) {
      throw new UsageError(`--members ${request.members}: ${request.dataDir} holds a cluster of ${count}`);
    }
    return { plan: existing, isNew: false };
  }
  const count = request.members ?? 3;
  const ports = request.freePorts ? await freePorts(count * 4, request.host) : [];
  const port = (i: number, otherwise: number): number => (request.freePorts ? (ports[i] ?? 0) : otherwise);
  const members = Array.from({ length: count }, (_, i) => ({
    name: `m${i + 1}`,
    clientPort: port(4 * i, request.clientPort + STRIDE * i),
    peerPort: port(4 * i + 1, request.clientPort + STRIDE * i + 1),
    securePort: port(4 * i + 2, request.clientPort + STRIDE * i + 2),
    apiPort: port(4 * i + 3, request.apiPort + i),
  }));
  return {
    plan: { formatVersion: 1, host: request.host, token: randomBytes(8).toString('hex'), members },
    isNew: true,
  };
}

const planPath = (dataDir: string): string => join(dataDir, 'cluster.json');

export function savePlan(dataDir: string, plan: ClusterPlan): Promise<void> {
  return writePrivate(planPath(dataDir), `${JSON.stringify(plan, undefined, 2)}\n`);
}

async function readPlan(dataDir: string): Promise<ClusterPlan | undefined> {
  const path = planPath(dataDir);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  try {
    const plan = JSON.parse(await readFile(path, 'utf8')) as ClusterPlan;
    if (plan.formatVersion === 1 && Array.isArray(plan.members) && plan.members.length > 0)
      return await withSecurePorts(plan);
  } catch {
    // said below
  }
  throw new UsageError(`--data-dir: ${path} is not a cluster that this version knows`);
}

/** A plan of before there were secure ports gets them. */
async function withSecurePorts(plan: ClusterPlan): Promise<ClusterPlan> {
  const lacking: readonly Partial<PlannedMember>[] = plan.members.filter(
    (each: Partial<PlannedMember>) => !each.securePort,
  );
  if (lacking.length === 0) return plan;
  const ports = await freePorts(plan.members.length, plan.host);
  return { ...plan, members: plan.members.map((member, i) => ({ ...member, securePort: ports[i] ?? 0 })) };
}

/** Waits a while until nobody listens on the plan's ports; answers one that stays taken. A new cluster's ports are looked at once. */
export async function busyPort(plan: ClusterPlan, isNew: boolean): Promise<number | undefined> {
  const untilMs = Date.now() + (isNew ? 0 : UP_LIMITS.portsMs);
  for (;;) {
    const busy = await takenPort(plan);
    if (busy === undefined || Date.now() >= untilMs) return busy;
    await pause(UP_LIMITS.askMs);
  }
}

async function takenPort(plan: ClusterPlan): Promise<number | undefined> {
  const ports = plan.members.flatMap(({ clientPort, peerPort, securePort, apiPort }) => [
    clientPort,
    peerPort,
    securePort,
    apiPort,
  ]);
  const free = await Promise.all(
    ports.map((port) =>
      listenOnce(port, plan.host).then(
        () => true,
        () => false,
      ),
    ),
  );
  return ports.find((_, i) => free[i] === false);
}

/** Ports that nobody listens on, all different. */
async function freePorts(count: number, host: string): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => open(0, host)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listenOnce(port: number, host: string): Promise<void> {
  const server = await open(port, host);
  await new Promise((resolve) => server.close(resolve));
}

function open(port: number, host: string): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/** Errors: UsageError. */
export function checkMembers(count: number | undefined): void {
  if (count !== undefined && (count < 1 || count > UP_LIMITS.maxMembers)) {
    throw new UsageError(`invalid value "${count}" for --members: must be from 1 to ${UP_LIMITS.maxMembers}`);
  }
}
