import type { MemberId } from '../base/brand.ts';
import type { CommandBody } from '../proto/command.ts';
import type { Machine } from '../storage/machine/machine.ts';
import { commandFormatOf } from './peers/hello.ts';

export interface ClusterFormatOptions {
  /** The newest format of commands that this member understands. */
  readonly format: number;
  readonly machine: () => Machine;
  readonly isLeader: () => boolean;
  readonly others: () => readonly { readonly ID: MemberId }[];
  readonly propose: (body: CommandBody) => Promise<unknown>;
}

/**
 * Raises the cluster's format of commands to what all members understand, so that members of two versions can take part side by side: the
 * leader asks everybody (learners, too), and puts the least of the answers into the log once it knows them all. Who understands less
 * than the cluster's format is refused from then on (`peers/hello.ts`). It never falls.
 */
export class ClusterFormat {
  readonly #options: ClusterFormatOptions;
  readonly #known = new Map<bigint, number>();
  #raising: Promise<unknown> | undefined;

  constructor(options: ClusterFormatOptions) {
    this.#options = options;
  }

  /** A member has said what it understands. */
  heard(member: bigint, status: { readonly commandFormat: number }): void {
    this.#known.set(member, commandFormatOf(status));
  }

  /** A member does not answer: it may come back as another version. */
  lost(member: bigint): void {
    this.#known.delete(member);
  }

  tick(): void {
    const { format, machine, isLeader, others, propose } = this.#options;
    const present = machine().clusterFormat;
    if (!isLeader() || this.#raising !== undefined || present >= format) return;
    const common = others().reduce((least, { ID }) => Math.min(least, this.#known.get(ID) ?? 0), format);
    if (common <= present) return;
    this.#raising = propose({ case: 'clusterFormat', clusterFormat: { format: common } })
      .catch(() => undefined) // looked at again on the next tick
      .finally(() => {
        this.#raising = undefined;
      });
  }
}
