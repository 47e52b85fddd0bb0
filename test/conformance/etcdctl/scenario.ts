import type { Transcript } from './transcript.ts';

/** An etcdctl at work on one store: what is said to both stores, in the same order. */
export interface Ctl extends Pick<Transcript, 'run' | 'start' | 'ended' | 'note' | 'store'> {
  /** 4 for etcdctl 3.4: what it knows, scenarios ask for. */
  readonly minor: number;
  /** A folder of this store's own. */
  readonly folder: string;
}

export type Scenario = (ctl: Ctl) => Promise<void>;
