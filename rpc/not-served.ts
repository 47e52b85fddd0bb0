import { AuthService, ElectionService, LockService } from '../proto/gen/etcd.ts';
import { unimplemented } from './errors.ts';
import { type Binding, refused } from './service.ts';

/** The services of etcd that this server knows and does not serve: every method says so. */
export function servicesNotServed(): readonly Binding[] {
  const methods = { ...AuthService, ...LockService, ...ElectionService };
  return Object.entries(methods).map(([name, method]) => refused(method, () => unimplemented(name)));
}
