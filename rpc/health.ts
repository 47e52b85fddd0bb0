import type { CancelSignal } from '../base/cancel.ts';
import { GrpcCode } from '../client/status.ts';
import { HealthService, ServingStatus } from '../proto/gen/etcd.ts';
import { RpcError } from './errors.ts';
import { type Binding, serverStream, unary } from './service.ts';

/** Whether the server as a whole takes calls; watchers of the health service are told when that changes. */
export class ServingState {
  #serving = true;
  readonly #listeners = new Set<() => void>();

  get serving(): boolean {
    return this.#serving;
  }

  stop(): void {
    this.#serving = false;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Resolves at the next change or when `signal` fires. */
  changed(signal: CancelSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    });
  }
}

/** grpc.health.v1.Health, of the server as a whole: like etcd it knows no service by name. */
export function healthService(state: ServingState): readonly Binding[] {
  const statusOf = (service: string): number => {
    if (service !== '') return ServingStatus.SERVICE_UNKNOWN;
    return state.serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  };
  return [
    unary(HealthService.Check, async ({ service }) => {
      const status = statusOf(service);
      if (status === ServingStatus.SERVICE_UNKNOWN) throw new RpcError(GrpcCode.NOT_FOUND, 'unknown service');
      return { status };
    }),
    serverStream(HealthService.Watch, async ({ service }, responses, { signal }) => {
      while (!signal.aborted) {
        await responses.write({ status: statusOf(service) });
        await state.changed(signal);
      }
    }),
  ];
}
