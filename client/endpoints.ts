import { ChannelCredentials, type ChannelOptions, Client, connectivityState } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** Certificates as PEM. Without `ca` the system's roots are trusted. */
export interface ClientTls {
  readonly ca?: Uint8Array;
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  /** Takes any server certificate. */
  readonly insecureSkipVerify?: boolean;
  /** The name to expect in the server's certificate instead of the endpoint's host. */
  readonly serverName?: string;
}

/** One server of the cluster and the channel to it. */
export interface Endpoint {
  readonly address: string;
  readonly channel: Client;
  /** When a read that ran out of time there gave it up; undefined once something got through. It may stand still on a connection that looks well. */
  suspectSinceMs: number | undefined;
}

/** What an endpoint is picked for: a trial can be repeated elsewhere soon. */
export type Purpose = 'trial' | 'other';

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': CLIENT_LIMITS.keepaliveTimeMs,
  'grpc.keepalive_timeout_ms': CLIENT_LIMITS.keepaliveTimeoutMs,
  'grpc.initial_reconnect_backoff_ms': CLIENT_LIMITS.reconnectFirstMs,
  'grpc.max_reconnect_backoff_ms': CLIENT_LIMITS.reconnectMaxMs,
  'grpc-node.flow_control_window': CLIENT_LIMITS.flowControlWindowBytes,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
};

/** The servers of one cluster, used in turn; those that are connected come first. */
export class Endpoints {
  readonly #endpoints: readonly Endpoint[];
  #turn = 0;

  /** `urls`: `http://host:port`, `https://host:port` or `host:port` (TLS when `tls` is given). At least one. */
  constructor(urls: readonly string[], tls: ClientTls | undefined) {
    assert(urls.length > 0, 'a client needs an endpoint');
    this.#endpoints = urls.map((url) => open(url, tls));
  }

  get count(): number {
    return this.#endpoints.length;
  }

  /** The next server in turn, passing over those that cannot be reached or are under suspicion as long as there are others. */
  pick(purpose: Purpose): Endpoint {
    const count = this.#endpoints.length;
    let best: Endpoint | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count && bestRank > 0; i++) {
      const endpoint = this.#endpoints[(this.#turn + i) % count] as Endpoint;
      const rank = rankOf(endpoint, purpose);
      if (rank < bestRank) [best, bestRank] = [endpoint, rank];
    }
    const chosen = best ?? (this.#endpoints[this.#turn] as Endpoint);
    this.#turn = (this.#endpoints.indexOf(chosen) + 1) % count;
    return chosen;
  }

  close(): void {
    for (const { channel } of this.#endpoints) channel.close();
  }
}

/** 0: as good as it gets. */
function rankOf({ channel, suspectSinceMs }: Endpoint, purpose: Purpose): number {
  const state = channel.getChannel().getConnectivityState(true);
  if (state === connectivityState.TRANSIENT_FAILURE) return 3;
  if (state !== connectivityState.READY) return 1;
  if (suspectSinceMs === undefined) return 0;
  return purpose === 'trial' && Date.now() - suspectSinceMs >= CLIENT_LIMITS.suspicionMs ? 0 : 2;
}

function open(url: string, tls: ClientTls | undefined): Endpoint {
  const match = /^(?:(https?|unixs?):\/\/)?(.+?)\/*$/.exec(url);
  const scheme = match?.[1];
  const address = match?.[2] ?? url;
  const secure = scheme === 'https' || scheme === 'unixs' || (scheme === undefined && tls !== undefined);
  const target = scheme?.startsWith('unix') ? `unix:${address}` : `dns:///${address}`;
  const options = tls?.serverName === undefined ? CHANNEL_OPTIONS : withServerName(tls.serverName);
  return {
    address,
    channel: new Client(target, secure ? secureCredentials(tls) : ChannelCredentials.createInsecure(), options),
    suspectSinceMs: undefined,
  };
}

function withServerName(serverName: string): ChannelOptions {
  return { ...CHANNEL_OPTIONS, 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
}

function secureCredentials(tls: ClientTls | undefined): ChannelCredentials {
  return ChannelCredentials.createSsl(pem(tls?.ca), pem(tls?.key), pem(tls?.cert), {
    rejectUnauthorized: tls?.insecureSkipVerify !== true,
  });
}

function pem(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}
