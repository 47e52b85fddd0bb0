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

interface MethodLabels {
  readonly grpc_type: string;
  readonly grpc_service: string;
  readonly grpc_method: string;
}

/** What was counted of one method: plain numbers, since several change with every call. The registry is told when it is read. */
class MethodCounts implements MethodMetrics {
  readonly labels: MethodLabels;
  startedCalls = 0;
  receivedMessages = 0;
  sentMessages = 0;
  handledOk = 0;
  readonly handledOtherwise = new Map<number, number>();

  constructor(labels: MethodLabels) {
    this.labels = labels;
  }

  started(): void {
    this.startedCalls++;
  }

  received(): void {
    this.receivedMessages++;
  }

  sent(): void {
    this.sentMessages++;
  }

  handled(code: number): void {
    if (code === GrpcCode.OK) this.handledOk++;
    else this.handledOtherwise.set(code, (this.handledOtherwise.get(code) ?? 0) + 1);
  }
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
  readonly #methods: MethodCounts[] = [];
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
    const perMethod = (name: string, help: string, count: (method: MethodCounts) => number): void => {
      const collect = (): void => {
        collected.reset();
        for (const method of this.#methods) if (count(method) > 0) collected.inc({ ...method.labels }, count(method));
      };
      const collected: Counter = new Counter({ name, help, labelNames, registers, collect });
    };
    perMethod('grpc_server_started_total', 'Calls that were started.', ({ startedCalls }) => startedCalls);
    perMethod('grpc_server_msg_received_total', 'Messages received.', ({ receivedMessages }) => receivedMessages);
    perMethod('grpc_server_msg_sent_total', 'Messages sent.', ({ sentMessages }) => sentMessages);
    const handled: Counter = new Counter({
      name: 'grpc_server_handled_total',
      help: 'Calls that ended, by status.',
      labelNames: [...labelNames, 'grpc_code'],
      registers,
      collect: () => this.#collectHandled(handled),
    });
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

  /** The counters of one method, to be asked for once per transport. */
  of(binding: Binding): MethodMetrics {
    const [, service = '', method = ''] = binding.path.split('/');
    const labels = { grpc_type: grpcType(binding), grpc_service: service, grpc_method: method };
    const counts = new MethodCounts(labels);
    this.#methods.push(counts);
    return counts;
  }

  health(healthy: boolean): void {
    (healthy ? this.#healthSuccess : this.#healthFailures).inc();
  }

  healthCheck(type: string, name: string, healthy: boolean): void {
    this.#healthCheck.labels({ type, name }).set(healthy ? 1 : 0);
    this.#healthChecks.labels({ type, name, status: healthy ? 'success' : 'error' }).inc();
  }

  #collectHandled(counter: Counter): void {
    counter.reset();
    for (const { labels, handledOk, handledOtherwise } of this.#methods) {
      const codes: readonly (readonly [number, number])[] = [[GrpcCode.OK, handledOk], ...handledOtherwise];
      for (const [code, count] of codes) {
        if (count > 0) counter.inc({ ...labels, grpc_code: CODE_NAMES.get(code) ?? `Code(${code})` }, count);
      }
    }
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
