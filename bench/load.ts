import { type ClientHttp2Session, connect } from 'node:http2';

/** What one run of a load came to. Latencies in milliseconds. */
export interface LoadResult {
  readonly operations: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly seconds: number;
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

/**
 * Drives one gRPC method with `clients` closed loops over node:http2, with frames made by hand: a generator on a full gRPC client
 * would cost more than the servers do.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const sessions = await Promise.all(
    Array.from({ length: load.connections }, (_, i) => open(load.urls[i % load.urls.length] ?? '')),
  );
  const latencies: number[] = [];
  let errors = 0;
  let n = 0;
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  const loop = async (session: ClientHttp2Session): Promise<void> => {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      const ok = await call(session, load.path, load.message(n++));
      if (ok) latencies.push(performance.now() - sentMs);
      else errors++;
    }
  };
  await Promise.all(
    Array.from({ length: load.clients }, (_, i) => loop(sessions[i % sessions.length] as ClientHttp2Session)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  for (const session of sessions) session.close();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
  return {
    operations: latencies.length,
    errors,
    perSecond: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    seconds,
  };
}

function open(url: string): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(url, { settings: { enablePush: false, initialWindowSize: 1 << 20 } });
    session.once('connect', () => resolve(session));
    session.once('error', reject);
    session.on('error', () => {}); // a dying connection shows as failed calls
  });
}

function call(session: ClientHttp2Session, path: string, message: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    stream.on('response', (headers) => {
      status = headers['grpc-status'];
    });
    stream.on('trailers', (headers) => {
      status = headers['grpc-status'];
    });
    stream.on('error', () => resolve(false));
    stream.on('close', () => resolve(status === '0' || status === 0));
    stream.resume();
    const head = Buffer.allocUnsafe(5);
    head[0] = 0;
    head.writeUInt32BE(message.length, 1);
    stream.end(message.length === 0 ? head : Buffer.concat([head, message], 5 + message.length));
  });
}
