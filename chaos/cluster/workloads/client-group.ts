import type { Violations } from '../../checkers/operation.ts';
import { ChaosClient, Tally } from '../clients.ts';
import type { ClusterUnderTest, ClusterWorkload, WorkloadCount } from '../workload.ts';
import type { StoreWorkloadOptions } from './options.ts';

/** What the clients of one workload do, and what must not have been told to them. */
export interface ClientWork {
  /** One client, until `until` aborts. */
  run(client: ChaosClient, until: AbortSignal): Promise<void>;
  check(cluster: ClusterUnderTest): Promise<Violations>;
}

/** Several clients that all do the same, each with its own connections and its own chance. */
export class ClientGroup implements ClusterWorkload {
  readonly name: string;
  readonly #options: StoreWorkloadOptions;
  readonly #work: ClientWork;
  readonly #tally: Tally;

  constructor(name: string, options: StoreWorkloadOptions, make: (tally: Tally) => ClientWork) {
    this.name = name;
    this.#options = options;
    this.#tally = new Tally();
    this.#work = make(this.#tally);
  }

  async run({ members: urls }: ClusterUnderTest, until: AbortSignal): Promise<void> {
    const { clients, seed } = this.#options;
    await Promise.all(
      Array.from({ length: clients }, async (_, id) => {
        const client = new ChaosClient({ id, seed, urls, tally: this.#tally });
        await this.#work.run(client, until).finally(() => client.close());
      }),
    );
  }

  count(): WorkloadCount {
    return this.#tally.count();
  }

  async check(cluster: ClusterUnderTest): Promise<Violations> {
    return [...this.#tally.violations, ...(await this.#work.check(cluster))];
  }
}
