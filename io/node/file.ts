import { close, fdatasync, fstat, ftruncate, open, read, readSync, write, writev } from 'node:fs';
import { DiskError, type DiskFile } from '../doors.ts';
import { IO_LIMITS } from '../limits.ts';
import { toDiskError } from './disk-error.ts';

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

const ZEROS = new Uint8Array(IO_LIMITS.allocateChunkBytes);

/**
 * One open file, on the callback API of node:fs: a promise per call instead of a FileHandle's several.
 * A call that still runs keeps the descriptor open: close() waits for it, so that a number that the system gives out again is
 * never written to by mistake.
 */
export class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #descriptor: number;
  /** The same file again, for writes that are durable when they return. */
  #durableDescriptor: number | undefined;
  #closed = false;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  async read(offset: number, sizeBytes: number): Promise<Uint8Array> {
    const available = Math.max(0, (await this.size()) - offset);
    const buffer = Buffer.allocUnsafe(Math.min(sizeBytes, available));
    return buffer.subarray(0, await this.readInto(offset, buffer));
  }

  async readInto(offset: number, into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const from = filled;
      const got = await this.#call<number>((done) =>
        read(this.#descriptor, into, from, into.length - from, offset + from, done),
      );
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  readIntoNow(offset: number, into: Uint8Array): number {
    if (this.#closed) throw this.#closedError();
    try {
      let filled = 0;
      while (filled < into.length) {
        const got = readSync(this.#descriptor, into, filled, into.length - filled, offset + filled);
        if (got === 0) break;
        filled += got;
      }
      return filled;
    } catch (error) {
      throw toDiskError(error as NodeJS.ErrnoException, this.#path);
    }
  }

  /** Opens the file once more for durable writes; without flags they are a write and a sync. Errors: DiskError. */
  async openDurably(flags: number | undefined): Promise<void> {
    if (flags === undefined) return;
    this.#durableDescriptor = await this.#call<number>((done) => open(this.#path, flags, done));
  }

  write(offset: number, parts: readonly Uint8Array[], options?: { readonly durable?: boolean }): Promise<void> {
    const durable = options?.durable ? this.#durableDescriptor : undefined;
    const [only] = parts;
    const descriptor = durable ?? this.#descriptor;
    const written =
      only !== undefined && parts.length === 1 && only.length > 0
        ? this.#writeOne(descriptor, offset, only)
        : this.#writeAll(descriptor, offset, parts);
    return options?.durable && durable === undefined ? written.then(() => this.sync()) : written;
  }

  /** What a log writes: one piece, nearly always with one call. */
  #writeOne(descriptor: number, offset: number, piece: Uint8Array): Promise<void> {
    const start = (done: Callback<number>): void => write(descriptor, piece, 0, piece.length, offset, done);
    return this.#call<number>(start).then((written) => {
      if (written === piece.length) return undefined;
      if (written === 0) throw this.#nothingWritten();
      return this.#writeOne(descriptor, offset + written, piece.subarray(written));
    });
  }

  async #writeAll(descriptor: number, offset: number, parts: readonly Uint8Array[]): Promise<void> {
    let left = parts.filter((part) => part.length > 0);
    let at = offset;
    while (left.length > 0) {
      const pieces = left;
      const position = at;
      const written = await this.#call<number>((done) => writev(descriptor, pieces, position, done));
      if (written === 0) throw this.#nothingWritten();
      at += written;
      left = withoutFirst(left, written);
    }
  }

  sync(): Promise<void> {
    return this.#call<void>((done) =>
      fdatasync(this.#descriptor, done as (error: NodeJS.ErrnoException | null) => void),
    );
  }

  /**
   * Writes zeros up to `sizeBytes`. Node has no fallocate, and a hole (ftruncate) would have its blocks allocated by the very
   * writes that must be fast; zeros cost their bandwidth once, off the hot path.
   */
  async allocate(sizeBytes: number): Promise<void> {
    let at = await this.size();
    while (at < sizeBytes) {
      const piece = ZEROS.subarray(0, Math.min(ZEROS.length, sizeBytes - at));
      await this.write(at, [piece]);
      at += piece.length;
    }
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#call<void>((done) =>
      ftruncate(this.#descriptor, sizeBytes, done as (error: NodeJS.ErrnoException | null) => void),
    );
  }

  async size(): Promise<number> {
    return (await this.#call<{ size: number }>((done) => fstat(this.#descriptor, done))).size;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    for (const descriptor of [this.#descriptor, this.#durableDescriptor]) {
      if (descriptor === undefined) continue;
      await new Promise<void>((resolve, reject) => {
        close(descriptor, (error) => (error ? reject(toDiskError(error, this.#path)) : resolve()));
      });
    }
  }

  #nothingWritten(): DiskError {
    return new DiskError('IO', this.#path, 'the system wrote nothing');
  }

  #closedError(): DiskError {
    return new DiskError('CLOSED', this.#path, 'the file is closed');
  }

  #call<T>(start: (done: Callback<T>) => void): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closedError());
    this.#running++;
    return new Promise<T>((resolve, reject) => {
      start((error, value) => {
        if (--this.#running === 0) this.#whenIdle?.();
        if (error) reject(toDiskError(error, this.#path));
        else resolve(value);
      });
    });
  }
}

/** What is left of `parts` after their first `written` bytes. */
function withoutFirst(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      left.push(skip === 0 ? part : part.subarray(skip));
      skip = 0;
    }
  }
  return left;
}
