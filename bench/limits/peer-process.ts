import type { Server } from 'node:net';
import { join } from 'node:path';
import { start } from '../../test/kit/process.ts';

/** The other end of a measurement, in a process of its own. */
export interface PeerProcess {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Starts a module of this folder that calls `readyAt`. */
export async function startPeer(module: string, args: readonly string[] = []): Promise<PeerProcess> {
  const running = start(process.execPath, [join(import.meta.dirname, module), ...args]);
  try {
    await running.waitFor(/port \d+\n/, 10_000);
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
  const port = Number(/port (\d+)/.exec(running.output())?.[1]);
  return { port, stop: () => running.stop('SIGKILL') };
}

/** In the started process: listens on a free port of this machine and says which; ends with the process that started it. */
export function readyAt(server: Server): void {
  process.stdin.on('end', () => process.exit()).resume();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') process.stdout.write(`port ${address.port}\n`);
  });
}
