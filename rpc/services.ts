import type { KvClient } from '../client/kv-client.ts';
import { clusterService } from './cluster.ts';
import { electionService } from './concurrency/election.ts';
import { lockService } from './concurrency/lock.ts';
import { gated } from './gate.ts';
import { healthService, type ServingState } from './health.ts';
import { kvService } from './kv.ts';
import { leaseService } from './lease.ts';
import { maintenanceService } from './maintenance.ts';
import type { MemberView } from './member-view.ts';
import { servicesNotServed } from './not-served.ts';
import type { Binding } from './service.ts';
import { watchService } from './watch.ts';

/** Every method that the server answers, for whichever transport serves them. */
export function etcdBindings(kv: KvClient, member: MemberView, state: ServingState): readonly Binding[] {
  const served = [
    ...kvService(kv),
    ...watchService(kv),
    ...leaseService(kv),
    ...clusterService(kv),
    ...maintenanceService(kv),
    ...lockService(kv),
    ...electionService(kv),
  ];
  const names = new Set(served.map(({ path }) => path.split('/')[1] ?? ''));
  const all = [...served, ...healthService(state, names), ...servicesNotServed()];
  return all.map((binding) => gated(binding, member));
}
