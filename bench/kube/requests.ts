import { Meter, type MeteredResult } from '../load.ts';
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
export async function runRequests(load: RequestLoad): Promise<MeteredResult> {
  const connections = await ApiConnection.openAll(load.target, load.connections);
  const meter = new Meter(connections);
  let n = 0;
  const endMs = performance.now() + load.seconds * 1000;
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
          if (status === load.wantedStatus) meter.latencies.add(performance.now() - sentMs);
          else meter.errors++;
          next();
        };
        connection.request(method, path, body, { onEnd });
      };
      next();
    });
  await Promise.all(
    Array.from({ length: load.clients }, (_, i) => client(connections[i % connections.length] as ApiConnection)),
  );
  const result = meter.result(meter.latencies.count);
  for (const connection of connections) connection.close();
  return result;
}

/** Lists a collection in pages again and again; an operation is one whole list. */
export async function runPagedLists(load: {
  readonly target: ApiTarget;
  readonly path: string;
  readonly pageObjects: number;
  readonly seconds: number;
}): Promise<MeteredResult> {
  const connection = await ApiConnection.open(load.target);
  const meter = new Meter([connection]);
  const endMs = performance.now() + load.seconds * 1000;
  while (performance.now() < endMs) {
    const sentMs = performance.now();
    let token: string | undefined = '';
    while (token !== undefined) {
      const after: string = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
      const page = await headOf(connection, `${load.path}?limit=${load.pageObjects}${after}`);
      if (page.status !== 200) meter.errors++;
      token = /"continue":"([^"]+)"/.exec(page.head)?.[1];
    }
    meter.latencies.add(performance.now() - sentMs);
  }
  const result = meter.result(meter.latencies.count);
  connection.close();
  return result;
}

/** Where a list's metadata is in both servers' answers. */
const HEAD_BYTES = 2_048;

async function headOf(
  connection: ApiConnection,
  path: string,
): Promise<{ readonly status: number; readonly head: string }> {
  let head = '';
  const status = await new Promise<number>((onEnd) => {
    connection.request('GET', path, undefined, {
      onData: (piece) => {
        if (head.length < HEAD_BYTES) head += piece.toString('latin1', 0, HEAD_BYTES);
      },
      onEnd,
    });
  });
  return { status, head };
}
