import type { FrameConnection } from './frame-connection.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { LatencyHistogram } from './histogram.ts';

/** What one run of a load came to. Latencies in milliseconds. */
export interface LoadResult {
  readonly operations: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly seconds: number;
  /** CPU that the generator itself used, in seconds: near `seconds` it was the limit, and the run says nothing about the server. */
  readonly generatorCpuSeconds: number;
}

/** With what went over the generator's sockets, framing included. */
export interface MeteredResult extends LoadResult {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface Load {
  readonly urls: readonly string[];
  readonly path: string;
  /** The request message of operation `n` (without gRPC's five bytes). */
  readonly message: (n: number) => Uint8Array;
  readonly connections: number;
  /** Closed loop: each client sends its next request when the last one is answered. Spread over the connections. */
  readonly clients: number;
  readonly seconds: number;
  /** Ends the run earlier when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Drives one unary gRPC method with `clients` closed loops. Rejects when a server does not take connections. */
export async function runLoad(load: Load): Promise<MeteredResult> {
  const { path, message, signal } = load;
  const connections = await openAll(load.urls, load.connections);
  const meter = new Meter(connections);
  const endMs = performance.now() + load.seconds * 1000;
  let n = 0;
  const client = (connection: GrpcConnection): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        if (sentMs >= endMs || signal?.aborted === true || connection.isClosed) {
          resolve();
          return;
        }
        connection.unary(path, message(n++), {
          onMessage: () => undefined,
          onEnd: (status) => {
            if (status === 0) meter.latencies.add(performance.now() - sentMs);
            else meter.errors++;
            next();
          },
        });
      };
      next();
    });
  await Promise.all(
    Array.from({ length: load.clients }, (_, i) => client(connections[i % connections.length] as GrpcConnection)),
  );
  const result = meter.result(meter.latencies.count);
  for (const connection of connections) connection.close();
  return result;
}

/** Takes the measure of one run, from when it is made to `result`. */
export class Meter {
  readonly latencies = new LatencyHistogram();
  errors = 0;
  readonly #connections: readonly FrameConnection[];
  readonly #sentBytes: number;
  readonly #receivedBytes: number;
  readonly #cpuBefore = process.cpuUsage();
  readonly #startedMs = performance.now();

  constructor(connections: readonly FrameConnection[]) {
    this.#connections = connections;
    this.#sentBytes = total(connections, 'sentBytes');
    this.#receivedBytes = total(connections, 'receivedBytes');
  }

  result(operations: number): MeteredResult {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    return {
      operations,
      errors: this.errors,
      perSecond: operations / seconds,
      p50Ms: this.latencies.quantile(0.5),
      p99Ms: this.latencies.quantile(0.99),
      seconds,
      generatorCpuSeconds: cpuSecondsSince(this.#cpuBefore),
      sentBytes: total(this.#connections, 'sentBytes') - this.#sentBytes,
      receivedBytes: total(this.#connections, 'receivedBytes') - this.#receivedBytes,
    };
  }
}

function total(connections: readonly FrameConnection[], what: 'sentBytes' | 'receivedBytes'): number {
  return connections.reduce((sum, connection) => sum + connection[what], 0);
}

export function openAll(urls: readonly string[], count: number): Promise<readonly GrpcConnection[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => GrpcConnection.open(urls[i % urls.length] ?? '')));
}

/** User and system time of this process since `before`. */
function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
