import { LatencyHistogram } from '../histogram.ts';
import { cpuSecondsSince, type LoadResult } from '../load.ts';
import { ApiConnection, type ApiTarget } from './api-connection.ts';

/** One request, and its answer as far as somebody wants it. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: Uint8Array;
}

export interface RequestLoad {
  readonly target: ApiTarget;
  readonly connections: number;
  /** Closed loops, spread over the connections. */
  readonly clients: number;
  readonly seconds: number;
  /** What the loops send one after the other. */
  readonly request: (n: number) => PlannedRequest;
  readonly wantedStatus: number;
}

/** Drives an API server with closed loops; answers are drained and counted. */
export async function runRequests(load: RequestLoad): Promise<LoadResult & { readonly bytes: number }> {
  const connections = await ApiConnection.openAll(load.target, load.connections);
  const latencies = new LatencyHistogram();
  let errors = 0;
  let bytes = 0;
  let n = 0;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  const onData = (piece: Buffer): void => {
    bytes += piece.length;
  };
  const client = (connection: ApiConnection): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const sentMs = performance.now();
        if (sentMs >= endMs || connection.isClosed) {
          resolve();
          return;
        }
        const { method, path, body } = load.request(n++);
        const onEnd = (status: number): void => {
          if (status === load.wantedStatus) latencies.add(performance.now() - sentMs);
          else errors++;
          next();
        };
        connection.request(method, path, body, { onData, onEnd });
      };
      next();
    });
  await Promise.all(
    Array.from({ length: load.clients }, (_, i) => client(connections[i % connections.length] as ApiConnection)),
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
    bytes,
  };
}

/** Lists a collection in pages again and again; an operation is one whole list. */
export async function runPagedLists(load: {
  readonly target: ApiTarget;
  readonly path: string;
  readonly pageObjects: number;
  readonly seconds: number;
}): Promise<LoadResult & { readonly bytes: number }> {
  const connection = await ApiConnection.open(load.target);
  const latencies = new LatencyHistogram();
  let errors = 0;
  let bytes = 0;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  while (performance.now() < endMs) {
    const sentMs = performance.now();
    let token: string | undefined = '';
    while (token !== undefined) {
      const after: string = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
      const page = await headOf(connection, `${load.path}?limit=${load.pageObjects}${after}`);
      bytes += page.bytes;
      if (page.status !== 200) errors++;
      token = /"continue":"([^"]+)"/.exec(page.head)?.[1];
    }
    latencies.add(performance.now() - sentMs);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const generatorCpuSeconds = cpuSecondsSince(cpuBefore);
  connection.close();
  return {
    operations: latencies.count,
    errors,
    perSecond: latencies.count / seconds,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    seconds,
    generatorCpuSeconds,
    bytes,
  };
}

/** Where a list's metadata is in both servers' answers. */
const HEAD_BYTES = 2_048;

async function headOf(
  connection: ApiConnection,
  path: string,
): Promise<{ readonly status: number; readonly head: string; readonly bytes: number }> {
  let head = '';
  let bytes = 0;
  const status = await new Promise<number>((onEnd) => {
    connection.request('GET', path, undefined, {
      onData: (piece) => {
        bytes += piece.length;
        if (head.length < HEAD_BYTES) head += piece.toString('latin1', 0, HEAD_BYTES);
      },
      onEnd,
    });
  });
  return { status, head, bytes };
}
