import { HTTP2_LIMITS } from './limits.ts';
import { ConnectionError, ErrorCode } from './protocol.ts';

/**
 * What the other side may do that costs us more than it: a budget that time and streams that went well fill up again. Errors:
 * ConnectionError ENHANCE_YOUR_CALM when it is spent.
 */
export class NuisanceBudget {
  #left: number = HTTP2_LIMITS.nuisanceBurst;

  spend(what: string): void {
    if (--this.#left < 0) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, `too many: ${what}`);
  }

  earn(count: number): void {
    this.#left = Math.min(HTTP2_LIMITS.nuisanceBurst, this.#left + count);
  }
}
