import { assert } from '../base/assert.ts';
import { Sessions } from '../http2/session-group.ts';
import { Channel, type ClientTls, targetOf } from './channel.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** One server of the cluster and the channel to it. */
export interface Endpoint {
  readonly channel: Channel;
  /** When a read that ran out of time there gave it up; undefined once something got through. It may stand still on a connection that looks well. */
  suspectSinceMs: number | undefined;
}

/** What an endpoint is picked for: a trial can be repeated elsewhere soon. */
export type Purpose = 'trial' | 'other';

/** The servers of one cluster, used in turn; those that are connected come first. */
export class Endpoints {
  readonly #endpoints: readonly Endpoint[];
  #turn = 0;

  /** `urls`: `http://host:port`, `https://host:port` or `host:port` (TLS when `tls` is given). At least one. */
  constructor(urls: readonly string[], tls: ClientTls | undefined) {
    assert(urls.length > 0, 'a client needs an endpoint');
    const sessions = new Sessions();
    this.#endpoints = urls.map((url) => ({
      channel: new Channel(targetOf(url, tls), sessions),
      suspectSinceMs: undefined,
    }));
  }

  get count(): number {
    return this.#endpoints.length;
  }

  /** The next server in turn, passing over those that cannot be reached or are under suspicion as long as there are others. */
  pick(purpose: Purpose): Endpoint {
    const count = this.#endpoints.length;
    let best = this.#turn;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count && bestRank > 0; i++) {
      const at = (this.#turn + i) % count;
      const rank = rankOf(this.#endpoints[at] as Endpoint, purpose);
      if (rank < bestRank) [best, bestRank] = [at, rank];
    }
    this.#turn = (best + 1) % count;
    return this.#endpoints[best] as Endpoint;
  }

  close(): void {
    for (const { channel } of this.#endpoints) channel.close();
  }
}

/** 0: as good as it gets. */
function rankOf({ channel, suspectSinceMs }: Endpoint, purpose: Purpose): number {
  channel.connect();
  if (channel.state === 'failed') return 3;
  if (channel.state !== 'ready') return 1;
  if (suspectSinceMs === undefined) return 0;
  return purpose === 'trial' && Date.now() - suspectSinceMs >= CLIENT_LIMITS.suspicionMs ? 0 : 2;
}
