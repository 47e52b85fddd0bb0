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

/** One way in, and a write through it. */
export interface Knock {
  readonly pauseMs: number;
  /** Whether it was acknowledged, soon. */
  write(): Promise<boolean>;
  close(): Promise<void>;
}

/** A write through each member: a key of its own. */
export function memberKnocks(urls: readonly string[]): readonly Knock[] {
  return urls.map((url, member) => {
    const kv = connectKvClient({ endpoints: [url] });
    let count = 0;
    return {
      pauseMs: CLUSTER_LIMITS.probePauseMs,
      write: () => {
        const put = { ...EMPTY_PUT_REQUEST, key: `probe/${member}`, value: utf8Bytes(String(count++)) };
        return kv.put(put, { timeoutMs: CLUSTER_LIMITS.probeTimeoutMs }).then(
          () => true,
          () => false,
        );
      },
      close: () => kv.close(),
    };
  });
}

/** Writes on every way in all the time, with short deadlines, and remembers when anybody acknowledged: what a client that tries them all could do. */
export class Probe {
  /** In order. */
  readonly #acknowledgedMs: number[] = [];

  async run(knocks: readonly Knock[], until: AbortSignal): Promise<void> {
    await Promise.all(knocks.map((knock) => this.#repeat(knock, until)));
  }

  async #repeat(knock: Knock, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      if (await knock.write()) this.#acknowledgedMs.push(performance.now());
      await sleep(knock.pauseMs);
    }
    await knock.close();
  }

  /** The longest gap of each fault that was not already there when the next one came. */
  gaps(faults: readonly DoneFault[], endMs: number): readonly Gap[] {
    return faults.map(({ name, text, atMs }, i) => {
      const { fromMs, gapMs } = longestGap(this.#acknowledgedMs, { fromMs: atMs, untilMs: faults[i + 1]?.atMs, endMs });
      return { fault: name, text, atMs, fromMs, gapMs };
    });
  }
}

/**
 * The longest time between two of `momentsMs` (in order, up to `endMs`) that ends after `fromMs` and begins clearly before `untilMs`: what begins with the
 * next fault is that one's. It counts as a whole, also what lies outside.
 */
export function longestGap(
  momentsMs: readonly number[],
  within: { readonly fromMs: number; readonly untilMs: number | undefined; readonly endMs: number },
): { readonly fromMs: number; readonly gapMs: number } {
  const { fromMs, endMs } = within;
  const latestMs = within.untilMs === undefined ? endMs : within.untilMs - CLUSTER_LIMITS.probeNoiseMs;
  let longest = { fromMs, gapMs: 0 };
  momentsMs.forEach((beforeMs, i) => {
    const afterMs = Math.min(momentsMs[i + 1] ?? endMs, endMs);
    if (afterMs <= fromMs || beforeMs >= latestMs) return;
    if (afterMs - beforeMs > longest.gapMs) longest = { fromMs: beforeMs, gapMs: afterMs - beforeMs };
  });
  return momentsMs.length === 0 ? { fromMs, gapMs: endMs - fromMs } : longest;
}

/** Median, 99th percentile (nearest rank) and maximum. */
export function figuresOf(gaps: readonly Gap[]): GapFigures {
  const sorted = gaps.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
