import { Cancellation, type CancelSignal } from '../../base/cancel.ts';
import { badRequest, timeout } from '../errors.ts';
import { FILTER_LIMITS } from './limits.ts';

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/** A Go duration (`32s`, `1m30s`) in milliseconds; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    ms += Number(amount) * (UNITS[unit as string] as number);
  }
  return ms;
}

/** How long a request may take: a minute, or less when `timeout=` says so. Errors: ApiError 400. */
export function timeoutOf(query: URLSearchParams): number {
  const text = query.get('timeout');
  if (text === null || text === '') return FILTER_LIMITS.requestTimeoutMs;
  const ms = parseDuration(text);
  if (ms === undefined) throw badRequest('invalid timeout specified in the request URL');
  if (ms === 0) return FILTER_LIMITS.requestTimeoutMs;
  return Math.min(FILTER_LIMITS.requestTimeoutMs, Math.max(FILTER_LIMITS.minTimeoutMs, ms));
}

/** Runs a request under a deadline and its client's life. Errors: ApiError 504 at the deadline; what `run` does afterwards is not waited for. */
export function underDeadline<T>(
  timeoutMs: number,
  client: CancelSignal,
  run: (signal: CancelSignal) => Promise<T>,
): Promise<T> {
  const cancellation = new Cancellation();
  const gone = (): void => cancellation.abort();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      cancellation.abort();
      reject(timeout('request did not complete within the allotted timeout', 0));
    }, timeoutMs);
    client.addEventListener('abort', gone, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      client.removeEventListener('abort', gone);
    };
    run(cancellation).then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}
