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

export interface Load {
  readonly urls: readonly string[];
  readonly path: string;
  /** The request message of operation `n` (without gRPC's five bytes). */
  readonly message: (n: number) => Uint8Array;
  readonly connections: number;
  /** Closed loop: each client sends its next request when the last one is answered. Spread over the connections. */
  readonly clients: number;
  readonly seconds: number;
}

/** Drives one unary gRPC method with `clients` closed loops. Rejects when a server does not take connections. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { path, message } = load;
  const connections = await openAll(load.urls, load.connections);
  const latencies = new LatencyHistogram();
  let errors = 0;
  let n = 0;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  const client = (connection: GrpcConnection): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        if (sentMs >= endMs || connection.isClosed) {
          resolve();
          return;
        }
        connection.unary(path, message(n++), {
          onMessage: () => undefined,
          onEnd: (status) => {
            if (status === 0) latencies.add(performance.now() - sentMs);
            else errors++;
            next();
          },
        });
      };
      next();
    });
  await Promise.all(
    Array.from({ length: load.clients }, (_, i) => client(connections[i % connections.length] as GrpcConnection)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const generatorCpuSeconds = cpuSecondsSince(cpuBefore);
  for (const connection of connections) connection.close();
  return {
    operations: latencies.count,
    errors,
    perSecond: latencies.count / seconds,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    seconds,
    generatorCpuSeconds,
  };
}

export function openAll(urls: readonly string[], count: number): Promise<readonly GrpcConnection[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => GrpcConnection.open(urls[i % urls.length] ?? '')));
}

/** User and system time of this process since `before`. */
export function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
