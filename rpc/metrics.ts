import { Counter, Gauge, type Registry } from 'prom-client';
import { GrpcCode } from '../client/status.ts';
import type { Binding } from './service.ts';

/** Counters of one method. */
export interface MethodMetrics {
  started(): void;
  received(): void;
  sent(): void;
  handled(code: number): void;
}

const CODE_NAMES: ReadonlyMap<number, string> = new Map([
  [GrpcCode.OK, 'OK'],
  [GrpcCode.CANCELLED, 'Canceled'],
  [GrpcCode.UNKNOWN, 'Unknown'],
  [GrpcCode.INVALID_ARGUMENT, 'InvalidArgument'],
  [GrpcCode.DEADLINE_EXCEEDED, 'DeadlineExceeded'],
  [GrpcCode.NOT_FOUND, 'NotFound'],
  [GrpcCode.ALREADY_EXISTS, 'AlreadyExists'],
  [GrpcCode.PERMISSION_DENIED, 'PermissionDenied'],
  [GrpcCode.RESOURCE_EXHAUSTED, 'ResourceExhausted'],
  [GrpcCode.FAILED_PRECONDITION, 'FailedPrecondition'],
  [GrpcCode.ABORTED, 'Aborted'],
  [GrpcCode.OUT_OF_RANGE, 'OutOfRange'],
  [GrpcCode.UNIMPLEMENTED, 'Unimplemented'],
  [GrpcCode.INTERNAL, 'Internal'],
  [GrpcCode.UNAVAILABLE, 'Unavailable'],
  [GrpcCode.DATA_LOSS, 'DataLoss'],
  [GrpcCode.UNAUTHENTICATED, 'Unauthenticated'],
]);

/** What the edge counts, under the names that dashboards for etcd use. One per registry. */
export class RpcMetrics {
  readonly #started: Counter;
  readonly #handled: Counter;
  readonly #received: Counter;
  readonly #sent: Counter;
  readonly #healthSuccess: Counter;
  readonly #healthFailures: Counter;
  readonly #healthCheck: Gauge;
  readonly #healthChecks: Counter;
  readonly connections: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['grpc_type', 'grpc_service', 'grpc_method'];
    const counter = (name: string, help: string, labels: string[]): Counter =>
      new Counter({ name, help, labelNames: labels, registers });
    this.#started = counter('grpc_server_started_total', 'Calls that were started.', labelNames);
    this.#handled = counter('grpc_server_handled_total', 'Calls that ended, by status.', [...labelNames, 'grpc_code']);
    this.#received = counter('grpc_server_msg_received_total', 'Messages received.', labelNames);
    this.#sent = counter('grpc_server_msg_sent_total', 'Messages sent.', labelNames);
    this.#healthSuccess = counter('etcd_server_health_success', 'Health checks that succeeded.', []);
    this.#healthFailures = counter('etcd_server_health_failures', 'Health checks that failed.', []);
    this.#healthChecks = counter('etcd_server_healthchecks_total', 'Results of each health check.', [
      ...['type', 'name', 'status'],
    ]);
    this.#healthCheck = new Gauge({
      name: 'etcd_server_healthcheck',
      help: 'The last result of each health check: 1 is good.',
      labelNames: ['type', 'name'],
      registers,
    });
    this.connections = new Gauge({
      name: 'keelson_client_connections',
      help: 'Open connections of clients.',
      registers,
    });
  }

  /** The counters of one method, looked up once. */
  of(binding: Binding): MethodMetrics {
    const [, service = '', method = ''] = binding.path.split('/');
    const labels = { grpc_type: grpcType(binding), grpc_service: service, grpc_method: method };
    const started = this.#started.labels(labels);
    const received = this.#received.labels(labels);
    const sent = this.#sent.labels(labels);
    const byCode = new Map<number, ReturnType<Counter['labels']>>();
    return {
      started: () => started.inc(),
      received: () => received.inc(),
      sent: () => sent.inc(),
      handled: (code) => {
        let handled = byCode.get(code);
        if (handled === undefined) {
          handled = this.#handled.labels({ ...labels, grpc_code: CODE_NAMES.get(code) ?? `Code(${code})` });
          byCode.set(code, handled);
        }
        handled.inc();
      },
    };
  }

  health(healthy: boolean): void {
    (healthy ? this.#healthSuccess : this.#healthFailures).inc();
  }

  healthCheck(type: string, name: string, healthy: boolean): void {
    this.#healthCheck.labels({ type, name }).set(healthy ? 1 : 0);
    this.#healthChecks.labels({ type, name, status: healthy ? 'success' : 'error' }).inc();
  }
}

function grpcType(binding: Binding): string {
  switch (binding.type) {
    case 'unary':
      return 'unary';
    case 'server-stream':
      return 'server_stream';
    case 'bidi':
      return 'bidi_stream';
  }
}
