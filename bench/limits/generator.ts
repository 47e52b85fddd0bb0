import { runLoad } from '../load.ts';
import { startPeer } from './peer-process.ts';

/** What the generator can do by itself. */
export interface GeneratorCheck {
  readonly connections: number;
  readonly clients: number;
  /** Requests a second against canned answers. */
  readonly perSecond: number;
  /** Its share of one core meanwhile. */
  readonly coreShare: number;
}

const SIZES = [
  { connections: 1, clients: 1 },
  { connections: 10, clients: 100 },
  { connections: 100, clients: 1000 },
];
const WARM_UP_SECONDS = 1;
const REQUEST = new Uint8Array(280);

/** Drives a server that answers with canned frames, at the sizes of the loads. */
export async function checkGenerator(seconds: number): Promise<readonly GeneratorCheck[]> {
  const peer = await startPeer('canned-server.js');
  const urls = [`http://127.0.0.1:${peer.port}`];
  const load = { urls, path: '/etcdserverpb.KV/Put', message: () => REQUEST };
  const checks: GeneratorCheck[] = [];
  try {
    for (const size of SIZES) {
      await runLoad({ ...load, ...size, seconds: WARM_UP_SECONDS });
      const run = await runLoad({ ...load, ...size, seconds });
      checks.push({ ...size, perSecond: run.perSecond, coreShare: run.generatorCpuSeconds / run.seconds });
    }
  } finally {
    await peer.stop();
  }
  return checks;
}
