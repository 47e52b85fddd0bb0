/** Buckets grow by 2 % each, from a microsecond up: a quantile is exact to that, whatever the count. */
const GROWTH = Math.log(1.02);
const LEAST_MS = 0.001;
const BUCKETS = 1200;

/** Counts of latencies in milliseconds; its size does not depend on how many there are. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(latencyMs: number): void {
    const bucket = Math.floor(Math.log(Math.max(latencyMs, LEAST_MS) / LEAST_MS) / GROWTH);
    const at = Math.min(bucket, BUCKETS - 1);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
  }

  /** The latency that the share `q` of all did not exceed; 0 when there are none. */
  quantile(q: number): number {
    let left = Math.ceil(q * this.#count);
    if (left === 0) return 0;
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i] ?? 0;
      if (left <= 0) return LEAST_MS * Math.exp((i + 1) * GROWTH);
    }
    return LEAST_MS * Math.exp(BUCKETS * GROWTH);
  }
}
