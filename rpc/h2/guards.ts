import { ConnectionError, ErrorCode } from '../../http2/protocol.ts';
import { H2_LIMITS } from './limits.ts';

/**
 * How often a client may ping, in grpc-go's way (keepalive.EnforcementPolicy): a ping is bad when it follows the last one too
 * soon and nothing was sent on a stream in between. Errors: ConnectionError ENHANCE_YOUR_CALM "too_many_pings".
 */
export class PingPolicy {
  readonly #minIntervalMs: number;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #strikes = 0;

  /** `minIntervalMs`: while there are calls. */
  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
  }

  onPing(nowMs: number, { hasStreams, hasSent }: { readonly hasStreams: boolean; readonly hasSent: boolean }): void {
    const sinceLastMs = nowMs - this.#lastAtMs;
    this.#lastAtMs = nowMs;
    if (hasSent) {
      this.#strikes = 0;
      return;
    }
    const minMs = hasStreams ? this.#minIntervalMs : H2_LIMITS.minPingIntervalIdleMs;
    if (sinceLastMs < minMs) this.#strikes++;
    if (this.#strikes > H2_LIMITS.maxPingStrikes) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings');
    }
  }
}
