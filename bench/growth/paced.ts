import { LatencyHistogram } from '../histogram.ts';
import { openAll } from '../load.ts';

const CONNECTIONS = 10;
const PACE_MS = 1;

/**
 * Puts at a fixed rate for as long as `operation` takes, and at least `leastSeconds`; the 99th percentile of their latencies in milliseconds. A
 * latency counts from when a put was due, not from when it could be sent: a store that stands still for a while is late for all that was
 * due meanwhile. A put that was refused counts as one that waited until the operation was over.
 */
export async function pacedP99(
  load: { readonly urls: readonly string[]; readonly message: (n: number) => Uint8Array; readonly perSecond: number },
  leastSeconds: number,
  operation: () => Promise<unknown>,
): Promise<number> {
  const connections = await openAll(load.urls, CONNECTIONS);
  const latencies = new LatencyHistogram();
  const refusedDueMs: number[] = [];
  const startedMs = performance.now();
  let sent = 0;
  let underWay = 0;
  let whenIdle = (): void => undefined;
  const send = (): void => {
    const due = ((performance.now() - startedMs) / 1000) * load.perSecond;
    while (sent < due) {
      const dueMs = startedMs + (1000 * sent) / load.perSecond;
      underWay++;
      connections[sent % CONNECTIONS]?.unary('/etcdserverpb.KV/Put', load.message(sent), {
        onMessage: () => undefined,
        onEnd: (status) => {
          if (status === 0) latencies.add(performance.now() - dueMs);
          else refusedDueMs.push(dueMs);
          if (--underWay === 0) whenIdle();
        },
      });
      sent++;
    }
  };
  const timer = setInterval(send, PACE_MS);
  try {
    await Promise.all([operation(), new Promise((resolve) => setTimeout(resolve, 1000 * leastSeconds))]);
  } finally {
    clearInterval(timer);
  }
  if (underWay > 0)
    await new Promise<void>((resolve) => {
      whenIdle = resolve;
    });
  const endMs = performance.now();
  for (const dueMs of refusedDueMs) latencies.add(endMs - dueMs);
  for (const connection of connections) connection.close();
  if (refusedDueMs.length === sent) throw new Error('no put was taken');
  return latencies.quantile(0.99);
}
