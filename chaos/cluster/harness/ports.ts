import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems draw the ports of outgoing connections: one of those could sit on a dead member's port. */
const LOWEST = 15_000;
const HIGHEST = 31_000;

/** Ports of the loopback that nobody listens on, and that stay free while a member that has one is down. */
export async function lastingPorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
