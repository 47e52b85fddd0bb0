import { Counter, Gauge, type Registry } from 'prom-client';
import { RPC_LIMITS } from './limits.ts';
import { MethodCounts, type MethodMetrics, methodsText } from './method-counts.ts';
import type { Binding } from './service.ts';

/** What the edge counts, under the names that dashboards for etcd use. One per registry. */
export class RpcMetrics {
  readonly #methods = new Map<string, MethodCounts>();
  /** Requests by the version that their client names. */
  readonly #requests = new Map<string, { unary: number; stream: number }>();
  readonly #healthSuccess: Counter;
  readonly #healthFailures: Counter;
  readonly #healthCheck: Gauge;
  readonly #healthChecks: Counter;
  readonly connections: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = (name: string, help: string, labels: string[]): Counter =>
      new Counter({ name, help, labelNames: labels, registers });
    const others = registry.metrics.bind(registry);
    registry.metrics = async () => `${await others()}${methodsText([...this.#methods.values()])}`;
    const requests = this.#requests;
    new Counter({
      name: 'etcd_server_client_requests_total',
      help: 'Requests, by what clients call themselves.',
      labelNames: ['type', 'client_api_version'],
      registers,
      collect() {
        this.reset();
        for (const [version, counts] of requests) {
          for (const type of ['unary', 'stream'] as const)
            if (counts[type] > 0) this.inc({ type, client_api_version: version }, counts[type]);
        }
      },
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

  /** The counters of one method, the same for every transport. */
  of(binding: Binding): MethodMetrics {
    let counts = this.#methods.get(binding.path);
    if (counts === undefined) {
      const [, service = '', method = ''] = binding.path.split('/');
      counts = new MethodCounts({ type: grpcType(binding), service, method });
      this.#methods.set(binding.path, counts);
    }
    return counts;
  }

  /** Counts a request by the version that its client names, which is none of ours to trust: only so many are told apart. */
  clientRequest(type: 'unary' | 'stream', version: string): void {
    let counts = this.#requests.get(version);
    if (counts === undefined) {
      const isTooMuch =
        this.#requests.size >= RPC_LIMITS.maxClientVersions || version.length > RPC_LIMITS.maxClientVersionLength;
      const shown = isTooMuch ? 'other' : version;
      counts = this.#requests.get(shown) ?? { unary: 0, stream: 0 };
      this.#requests.set(shown, counts);
    }
    counts[type]++;
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
