import { DiskError } from '../../io/doors.ts';
import type { BackendOp } from './backend.ts';
import { BACKEND_LIMITS } from './limits.ts';

interface Waiting {
  readonly ops: readonly BackendOp[];
  readonly sizeBytes: number;
  readonly sync: boolean;
  readonly resolve: () => void;
  readonly reject: (error: DiskError) => void;
}

/** Bytes of the keys and values of a write, as limits count them. */
export function sizeOfWrite(ops: readonly BackendOp[]): number {
  return ops.reduce((sum, op) => sum + op.key.length + (op.op === 'put' ? op.value.length : 0), 0);
}

/** Writes one batch; all of it or nothing. */
export type CommitBatch = (writes: readonly (readonly BackendOp[])[], sync: boolean) => Promise<void>;

/**
 * Brings writes to the database in call order. Invariant: one batch is under way at a time, because the pool's threads would
 * otherwise race and a later write could survive a crash that an earlier one does not. Writes that wait are joined into one batch.
 */
export class WriteQueue {
  readonly #path: string;
  readonly #commit: CommitBatch;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #failure: DiskError | undefined;
  #closed = false;

  constructor(path: string, commit: CommitBatch) {
    this.#path = path;
    this.#commit = commit;
  }

  add(ops: readonly BackendOp[], sync: boolean): Promise<void> {
    const sizeBytes = sizeOfWrite(ops);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.reject(new DiskError('CLOSED', this.#path, 'the backend is closed'));
    if (this.#waitingBytes > 0 && this.#waitingBytes + sizeBytes > BACKEND_LIMITS.maxQueuedBytes) {
      return Promise.reject(new DiskError('IO', this.#path, `${this.#waitingBytes} bytes of writes wait already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ops, sizeBytes, sync, resolve, reject });
      this.#waitingBytes += sizeBytes;
      this.#running ??= this.#run();
    });
  }

  /** Takes no more writes; resolves when those that wait are written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // writes of the same turn of the event loop go together
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#commit(
          batch.map((write) => write.ops),
          batch.some((write) => write.sync),
        );
        for (const write of batch) write.resolve();
      } catch (error) {
        const failure = error instanceof DiskError ? error : new DiskError('IO', this.#path, String(error));
        this.#failure ??= failure;
        for (const write of batch) write.reject(failure);
      }
    }
    this.#running = undefined;
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const write of this.#waiting) {
      if (count > 0 && bytes + write.sizeBytes > BACKEND_LIMITS.maxBatchBytes) break;
      bytes += write.sizeBytes;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}
