import type { AuthClient } from '../client/auth-client.ts';
import type { KvClient } from '../client/kv-client.ts';
import { authService } from './auth.ts';
import { clusterService } from './cluster.ts';
import { electionService } from './concurrency/election.ts';
import { lockService } from './concurrency/lock.ts';
import { type Gate, gated } from './gate.ts';
import { healthService, type ServingState } from './health.ts';
import { kvService } from './kv.ts';
import { leaseService } from './lease.ts';
import { RPC_LIMITS } from './limits.ts';
import { maintenanceService } from './maintenance.ts';
import { servicesNotServed } from './not-served.ts';
import type { Binding } from './service.ts';
import { watchService } from './watch.ts';

/** What is served, and what calls to it depend on. */
export interface ServedStore extends Gate {
  readonly kv: KvClient;
  /** Omitted where users and roles cannot be managed. */
  readonly auth: AuthClient | undefined;
  readonly state: ServingState;
  /** Clients must show certificates, whose common names may stand for users. */
  readonly trustsCertificates: boolean;
  /** The greatest request that writes (etcd's --max-request-bytes). */
  readonly maxRequestBytes: number;
}

/** Every method that the server answers, for whichever transport serves them. */
export function etcdBindings(store: ServedStore): readonly Binding[] {
  const { kv, auth, state, maxRequestBytes } = store;
  const maxMessageBytes = maxRequestBytes + RPC_LIMITS.grpcOverheadBytes;
  const served = [
    ...kvService(kv, maxRequestBytes),
    ...watchService(kv),
    ...leaseService(kv),
    ...clusterService(kv),
    ...maintenanceService(kv),
    ...lockService(kv),
    ...electionService(kv),
    ...(auth === undefined ? servicesNotServed() : authService(auth)),
  ];
  const all = [...served, ...healthService(state)];
  return all.map((binding) => gated({ ...binding, maxMessageBytes }, store));
}
