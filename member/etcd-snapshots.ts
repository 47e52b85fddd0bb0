import { StoreError } from '../base/store-error.ts';
import type { CallOptions } from '../client/kv-client.ts';
import { DiskError } from '../io/doors.ts';
import type { SnapshotResponse } from '../proto/gen/etcd.ts';
import { backendHash } from '../storage/etcd-file/backend-hash.ts';
import { EXPORTED_VERSION, etcdBuckets } from '../storage/etcd-file/export.ts';
import { etcdSnapshot } from '../storage/etcd-file/snapshot-stream.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { Member } from './member.ts';

/** Makes etcd snapshot files of a member's store, a few at a time. */
export class EtcdSnapshots {
  readonly #member: Member;
  #inProgress = 0;

  constructor(member: Member) {
    this.#member = member;
  }

  /**
   * One snapshot: everything that this member had applied at the first pull, whatever is written meanwhile.
   * Errors: TOO_MANY_REQUESTS, REQUEST_CANCELED, DEADLINE_EXCEEDED; STOPPED, also when the member had to replace its store by another
   * member's; DiskError.
   */
  async *stream(options?: CallOptions): AsyncGenerator<SnapshotResponse, void> {
    this.#member.assertServing();
    if (this.#inProgress >= MEMBER_LIMITS.maxEtcdSnapshots) throw new StoreError('TOO_MANY_REQUESTS');
    this.#inProgress++;
    try {
      yield* this.#pieces(deadlineCheck(this.#member, options));
    } catch (error) {
      throw error instanceof DiskError && error.code === 'CLOSED' ? new StoreError('STOPPED') : error;
    } finally {
      this.#inProgress--;
    }
  }

  /** The hash of what a snapshot would hold. Errors: as `stream`. */
  async hash(options?: CallOptions): Promise<number> {
    this.#member.assertServing();
    if (this.#inProgress >= MEMBER_LIMITS.maxEtcdSnapshots) throw new StoreError('TOO_MANY_REQUESTS');
    this.#inProgress++;
    try {
      return await this.#hash(deadlineCheck(this.#member, options));
    } catch (error) {
      throw error instanceof DiskError && error.code === 'CLOSED' ? new StoreError('STOPPED') : error;
    } finally {
      this.#inProgress--;
    }
  }

  async #hash(assertWanted: () => void): Promise<number> {
    const { replica, machine } = this.#member;
    await replica.writer.reached(machine.applied);
    const view = this.#member.longView(assertWanted);
    try {
      return await backendHash(await etcdBuckets(view));
    } finally {
      await view.close();
    }
  }

  async *#pieces(assertWanted: () => void): AsyncGenerator<SnapshotResponse, void> {
    const { replica, machine } = this.#member;
    await replica.writer.reached(machine.applied);
    const view = this.#member.longView(assertWanted);
    try {
      for await (const { bytes, remainingBytes } of etcdSnapshot(view)) {
        yield { header: undefined, remainingBytes, blob: bytes, version: EXPORTED_VERSION };
      }
    } finally {
      await view.close();
    }
  }
}

function deadlineCheck({ doors: { clock } }: Member, options: CallOptions = {}): () => void {
  const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const endMs = clock.nowMs() + timeoutMs;
  return () => {
    if (signal?.aborted) throw new StoreError('REQUEST_CANCELED');
    if (clock.nowMs() >= endMs) throw new StoreError('DEADLINE_EXCEEDED');
  };
}
