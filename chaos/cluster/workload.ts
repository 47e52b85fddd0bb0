import type { Violations } from '../checkers/operation.ts';

/** A cluster of real processes, as clients see it. Who is listed may be dead just now. */
export interface ClusterUnderTest {
  /** Client URLs of the store's members. */
  readonly members: readonly string[];
  /** URLs of the API servers; empty when the run has none. */
  readonly apiservers: readonly string[];
  /** What a client needs for the API servers: the CA's certificate and a key pair that may do anything, in PEM. */
  readonly credentials: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
}

/** What a workload did so far; `unknown`: nobody ever said whether it was done. */
export interface WorkloadCount {
  readonly operations: number;
  readonly acknowledged: number;
  readonly unknown: number;
}

/** One kind of clients that works on a cluster while things go wrong. A new workload is one new file. */
export interface ClusterWorkload {
  readonly name: string;
  /** Works until `until` aborts. Rejects only when the workload itself is broken: a dead member is what it is here for. */
  run(cluster: ClusterUnderTest, until: AbortSignal): Promise<void>;
  /** Asked once the cluster is whole again and `run` has settled: what must not be. */
  check(cluster: ClusterUnderTest): Promise<Violations>;
  count(): WorkloadCount;
}
