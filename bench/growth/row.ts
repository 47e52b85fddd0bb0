/** One thing that was measured at one number of keys, on both sides in turn. Less is better. */
export interface GrowthRow {
  readonly name: string;
  readonly keys: number;
  readonly unit: 'ms' | 'us' | 'us CPU' | 's' | 'MB' | 'x';
  readonly keelson: readonly number[];
  readonly etcd: readonly number[];
  /** The greatest ratio of ours to theirs that will do; for the unit `x` the greatest value of ours. */
  readonly target?: number;
}
