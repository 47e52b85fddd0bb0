import { setTimeout as sleep } from 'node:timers/promises';
import { utf8Bytes } from '../../base/bytes.ts';
import { connectKvClient } from '../../client/grpc-client.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import type { DoneFault } from './faults/schedule.ts';
import { CLUSTER_LIMITS } from './limits.ts';

/** The longest time around a fault in which nobody could write. */
export interface Gap {
  readonly fault: string;
  readonly text: string;
  /** Of the fault. */
  readonly atMs: number;
  /** The last acknowledgement before the gap. */
  readonly fromMs: number;
  readonly gapMs: number;
}

/** How long gaps were, in milliseconds. */
export interface GapFigures {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Writes through every member all the time, with short deadlines, and remembers when anybody acknowledged: what a client that tries them all could do. */
export class Probe {
  /** In order. */
  readonly #acknowledgedMs: number[] = [];

  async run(urls: readonly string[], until: AbortSignal): Promise<void> {
    await Promise.all(urls.map((url, i) => this.#knock(url, i, until)));
  }

  async #knock(url: string, member: number, until: AbortSignal): Promise<void> {
    const kv = connectKvClient({ endpoints: [url] });
    for (let n = 0; !until.aborted; n++) {
      const put = { ...EMPTY_PUT_REQUEST, key: `probe/${member}`, value: utf8Bytes(String(n)) };
      const isDone = await kv.put(put, { timeoutMs: CLUSTER_LIMITS.probeTimeoutMs }).then(
        () => true,
        () => false,
      );
      if (isDone) this.#acknowledgedMs.push(performance.now());
      await sleep(CLUSTER_LIMITS.probePauseMs);
    }
    await kv.close();
  }

  /** The longest gap of each fault: from it until the next one, or the end. */
  gaps(faults: readonly DoneFault[], endMs: number): readonly Gap[] {
    return faults.map(({ name, text, atMs }, i) => {
      const untilMs = faults[i + 1]?.atMs ?? endMs;
      const { fromMs, gapMs } = longestGap(this.#acknowledgedMs, atMs, untilMs);
      return { fault: name, text, atMs, fromMs, gapMs };
    });
  }
}

/** The longest time without any of `momentsMs` (in order) that overlaps [fromMs, untilMs). The one that is open at the end counts to its end. */
export function longestGap(
  momentsMs: readonly number[],
  fromMs: number,
  untilMs: number,
): { readonly fromMs: number; readonly gapMs: number } {
  let longest = { fromMs, gapMs: 0 };
  let before = fromMs;
  for (const atMs of momentsMs) {
    if (atMs > fromMs && atMs - before > longest.gapMs) longest = { fromMs: before, gapMs: atMs - before };
    before = atMs;
    if (atMs >= untilMs) return longest;
  }
  return untilMs - before > longest.gapMs ? { fromMs: before, gapMs: untilMs - before } : longest;
}

/** Median, 99th percentile (nearest rank) and maximum. */
export function figuresOf(gaps: readonly Gap[]): GapFigures {
  const sorted = gaps.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
