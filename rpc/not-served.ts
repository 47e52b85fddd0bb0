import { AuthService } from '../proto/gen/etcd.ts';
import { unimplemented } from './errors.ts';
import { type Binding, refused } from './service.ts';

/** The services of etcd that this server knows and does not serve: every method says so. */
export function servicesNotServed(): readonly Binding[] {
  return Object.entries(AuthService).map(([name, method]) => refused(method, () => unimplemented(name)));
}
