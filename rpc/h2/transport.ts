import type { GrpcTransport, GrpcTransportOptions } from '../grpc-transport.ts';
import type { Binding } from '../service.ts';
import type { Route } from './call.ts';
import { Connection, type Shared } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { H2_LIMITS } from './limits.ts';
import { Slabs } from './outbox.ts';

/** gRPC by an HTTP/2 of our own, on the sockets themselves. */
export function h2Transport(bindings: readonly Binding[], options: GrpcTransportOptions): GrpcTransport {
  const { metrics, logger, connections: granted } = options;
  const routes = new Map<string, Route>(
    bindings.map((binding) => [binding.path, { binding, metrics: metrics.of(binding) }]),
  );
  const services = new Set(bindings.map(({ path }) => path.slice(1, path.lastIndexOf('/'))));
  const connections = new Set<Connection>();
  let onEmpty: (() => void) | undefined;
  let dirty: Connection[] = [];
  const flushAll = (): void => {
    const connections = dirty;
    dirty = [];
    for (const connection of connections) connection.flush();
  };
  const shared: Shared = {
    routes,
    services,
    connections: granted,
    slabs: new Slabs(),
    deadlines: new Deadlines(),
    logger,
    flushSoon: (connection) => {
      // After the microtasks that this callback has set off: every answer that they bring goes out in the same write.
      if (dirty.push(connection) === 1) process.nextTick(flushAll);
    },
    onClosed: (connection) => {
      connections.delete(connection);
      if (connections.size === 0) onEmpty?.();
    },
  };
  const sweeper = setInterval(() => {
    const nowMs = Date.now();
    for (const connection of connections) connection.sweep(nowMs);
  }, H2_LIMITS.sweepMs);
  sweeper.unref();
  return {
    accept: (socket) => {
      const connection = new Connection(socket, shared);
      if (socket.destroyed) return;
      connections.add(connection);
      if (onEmpty !== undefined) connection.drain();
    },
    close: async () => {
      const emptied = new Promise<void>((resolve) => {
        onEmpty = resolve;
      });
      for (const connection of connections) connection.drain();
      if (connections.size > 0) await emptied;
      clearInterval(sweeper);
    },
  };
}
