import { setTimeout as pause } from 'node:timers/promises';
import { publishClientCa } from './authentication-config-map.ts';
import type { ControllerServices } from './controller.ts';
import { CONTROLLER_LIMITS } from './limits.ts';
import { policyToWrite, reconcilePolicy } from './rbac-bootstrap.ts';
import { ensureSystemNamespaces } from './system-namespaces.ts';

const ASK_MS = 50;

/**
 * Furnishes a new cluster and mends an old one: system namespaces, default roles, the client CA's ConfigMap. Where another server leads, it is given
 * time to do so; then this one does what is still missing, so that a server never waits for another that died.
 */
export async function bootstrap(
  services: ControllerServices,
  options: {
    readonly rbac: boolean;
    readonly clientCaPem: string;
    readonly isLeader: () => boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (options.rbac && !options.isLeader()) await awaitLeader(services, options);
  if (options.signal.aborted) return;
  await Promise.all([
    ensureSystemNamespaces(services).then(() => publishClientCa(services, options.clientCaPem)),
    options.rbac ? reconcilePolicy(services) : Promise.resolve(),
  ]);
}

async function awaitLeader(
  services: ControllerServices,
  { isLeader, signal }: { readonly isLeader: () => boolean; readonly signal: AbortSignal },
): Promise<void> {
  const untilMs = Date.now() + CONTROLLER_LIMITS.bootstrapPatienceMs;
  while (Date.now() < untilMs && !isLeader() && !signal.aborted) {
    if ((await policyToWrite(services)).length === 0) return;
    await pause(ASK_MS);
  }
}
