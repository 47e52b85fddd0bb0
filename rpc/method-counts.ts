import { GrpcCode } from '../client/status.ts';

/** Counters of one method. */
export interface MethodMetrics {
  /** The moment, to be given to `handled`. */
  started(): number;
  received(sizeBytes: number): void;
  sent(sizeBytes: number): void;
  handled(code: number, startedMs: number): void;
}

/** Seconds that a call may take. Source: the default buckets of Prometheus' Go client, which etcd has. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What was counted of one method: plain numbers, since several change with every call. `methodsText` reads them. */
export class MethodCounts implements MethodMetrics {
  /** As they stand between braces. */
  readonly labels: string;
  startedCalls = 0;
  receivedMessages = 0;
  receivedBytes = 0;
  sentMessages = 0;
  sentBytes = 0;
  handledOk = 0;
  readonly handledOtherwise = new Map<number, number>();
  /** Calls that took no longer than each bucket, and not the one before; the last: longer than all. */
  readonly durations = new Array<number>(DURATION_BUCKETS.length + 1).fill(0);
  durationSeconds = 0;

  constructor(labels: { readonly type: string; readonly service: string; readonly method: string }) {
    this.labels = `grpc_type="${labels.type}",grpc_service="${labels.service}",grpc_method="${labels.method}"`;
  }

  started(): number {
    this.startedCalls++;
    return performance.now();
  }

  received(sizeBytes: number): void {
    this.receivedMessages++;
    this.receivedBytes += sizeBytes;
  }

  sent(sizeBytes: number): void {
    this.sentMessages++;
    this.sentBytes += sizeBytes;
  }

  handled(code: number, startedMs: number): void {
    if (code === GrpcCode.OK) this.handledOk++;
    else this.handledOtherwise.set(code, (this.handledOtherwise.get(code) ?? 0) + 1);
    const seconds = (performance.now() - startedMs) / 1000;
    this.durationSeconds += seconds;
    let bucket = 0;
    while (bucket < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[bucket] as number)) bucket++;
    (this.durations[bucket] as number)++;
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

/**
 * What was counted, in the text format of Prometheus. A method that was never called is there with zeros, under every code: so the
 * first error of all is a rise that an alert sees. Names, labels and the zeros are those of etcd.
 */
export function methodsText(methods: readonly MethodCounts[]): string {
  const each = (name: string, help: string, count: (method: MethodCounts) => number): string =>
    head(name, help, 'counter') + methods.map((method) => `${name}{${method.labels}} ${count(method)}\n`).join('');
  const total = (name: string, help: string, bytes: (method: MethodCounts) => number): string =>
    `${head(name, help, 'counter')}${name} ${methods.reduce((sum, method) => sum + bytes(method), 0)}\n`;
  return [
    each('grpc_server_started_total', 'Calls that were started.', (method) => method.startedCalls),
    each('grpc_server_msg_received_total', 'Messages received.', (method) => method.receivedMessages),
    each('grpc_server_msg_sent_total', 'Messages sent.', (method) => method.sentMessages),
    head('grpc_server_handled_total', 'Calls that ended, by status.', 'counter'),
    ...methods.map(handledText),
    head('grpc_server_handling_seconds', 'How long calls took, streams until their end.', 'histogram'),
    ...methods.map(durationsText),
    total('etcd_network_client_grpc_received_bytes_total', 'Bytes of messages of clients.', (m) => m.receivedBytes),
    total('etcd_network_client_grpc_sent_bytes_total', 'Bytes of messages to clients.', (m) => m.sentBytes),
  ].join('');
}

function handledText({ labels, handledOk, handledOtherwise }: MethodCounts): string {
  const line = (name: string, count: number): string =>
    `grpc_server_handled_total{${labels},grpc_code="${name}"} ${count}\n`;
  const known = [...CODE_NAMES].map(([code, name]) =>
    line(name, code === GrpcCode.OK ? handledOk : (handledOtherwise.get(code) ?? 0)),
  );
  const others = [...handledOtherwise].filter(([code]) => !CODE_NAMES.has(code));
  return [...known, ...others.map(([code, count]) => line(`Code(${code})`, count))].join('');
}

function durationsText({ labels, durations, durationSeconds }: MethodCounts): string {
  const name = 'grpc_server_handling_seconds';
  let below = 0;
  const buckets = durations.map((count, i) => {
    below += count;
    return `${name}_bucket{${labels},le="${DURATION_BUCKETS[i] ?? '+Inf'}"} ${below}\n`;
  });
  return `${buckets.join('')}${name}_sum{${labels}} ${durationSeconds}\n${name}_count{${labels}} ${below}\n`;
}

function head(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}
