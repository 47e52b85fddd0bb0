import type { HistoryReader } from '../history.ts';

/** What every workload of the store is made with. */
export interface StoreWorkloadOptions {
  readonly clients: number;
  readonly seed: number;
  /** The longest pause of a client between two calls, in milliseconds. */
  readonly thinkMs: number;
  /** How much faster than true time a member's clock may run: 0.1 stands for 10 %. */
  readonly drift: number;
  readonly history: HistoryReader;
}
