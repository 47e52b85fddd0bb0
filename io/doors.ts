/**
 * The doors to the world. Nothing else touches the operating system; `io/node` is the real world and `chaos/sim`
 * the seeded one, so that a whole cluster can run in one process and replay.
 */

/** Time. `nowMs` is monotonic (for timeouts and leases), `wallMs` is the calendar (for people and certificates). */
export interface Clock {
  nowMs(): number;
  wallMs(): number;
  /** Calls `fire` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void;
}

/** Chance that nobody can guess: ids, tokens, election jitter. */
export interface Random {
  bytes(sizeBytes: number): Uint8Array;
  uint32(): number;
}

/** A file held open. Offsets and sizes in bytes. Errors are DiskError; a file that was closed answers CLOSED. */
export interface DiskFile {
  /** Reads up to `sizeBytes`; shorter at the end of the file. */
  read(offset: number, sizeBytes: number): Promise<Uint8Array>;
  /** Fills `into` from `offset`; how many bytes there were: fewer at the end of the file. */
  readInto(offset: number, into: Uint8Array): Promise<number>;
  /** The same, while everything else waits: for little, and for who cannot. */
  readIntoNow(offset: number, into: Uint8Array): number;
  /**
   * Writes all parts one after the other from `offset`. Nothing is durable before `sync`; with `durable` these bytes are when it resolves,
   * and after a failure must be taken as lost: in one call of the system where the file was opened for it.
   */
  write(offset: number, parts: readonly Uint8Array[], options?: { readonly durable?: boolean }): Promise<void>;
  /** fdatasync: what was written is on the disk when this resolves. After a failure the data must be taken as lost. */
  sync(): Promise<void>;
  /** Reserves space so that later writes do not change the file's size. */
  allocate(sizeBytes: number): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Files of one data directory. Paths are absolute. Errors are DiskError. */
export interface Disk {
  /** With its missing parents; a directory that exists is fine. Durable when it resolves. */
  makeDirectory(path: string): Promise<void>;
  /** The names in a directory, sorted. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /**
   * `read` and `write` need the file to exist (NOT_FOUND), `create` needs it not to (EXISTS); the last two also read. `durableWrites`: there
   * will be many, they should cost one call each.
   */
  open(
    path: string,
    mode: 'read' | 'create' | 'write',
    options?: { readonly durableWrites?: boolean },
  ): Promise<DiskFile>;
  readFile(path: string): Promise<Uint8Array>;
  /** Whole file, written beside and renamed, file and directory synced: the old or the new content, never half. */
  writeFileAtomically(path: string, content: Uint8Array): Promise<void>;
  /** Replaces `to` if it exists. Durable after `syncDirectory`, as every change of a name is. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Nothing to remove is fine. */
  removeTree(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Takes the directory for this process; fails with code LOCKED when another process that lives has it. */
  lock(path: string): Promise<{ release(): Promise<void> }>;
}

/** CORRUPT: what was read is not what was written. */
export type DiskErrorCode = 'NOT_FOUND' | 'EXISTS' | 'NO_SPACE' | 'IO' | 'LOCKED' | 'PERMISSION' | 'CLOSED' | 'CORRUPT';

/** A failure of the disk, with the path it happened at. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;
  readonly path: string;
  constructor(code: DiskErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.code = code;
    this.path = path;
  }
}

/** A two-way stream of bytes between members. */
export interface Connection {
  readonly remote: string;
  /** Queues bytes; returns false when more than `highWaterBytes` wait, until `onDrain`. */
  write(parts: readonly Uint8Array[]): boolean;
  close(): void;
  /** A chunk is its receiver's to keep: nothing is read into it again. */
  onData(listener: (chunk: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  onClose(listener: (reason: string) => void): void;
}

export type NetworkErrorCode =
  | 'REFUSED'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'ADDRESS_IN_USE'
  | 'BAD_ADDRESS'
  | 'PERMISSION'
  | 'TLS'
  | 'IO';

/** A failure to listen or to connect, with the address it happened at. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;
  readonly address: string;
  constructor(code: NetworkErrorCode, address: string, detail: string) {
    super(`${address}: ${detail}`);
    this.code = code;
    this.address = address;
  }
}

/** Streams between members. Addresses are `host:port` (IPv6 in brackets). Errors are NetworkError. */
export interface Network {
  listen(
    address: string,
    accept: (connection: Connection) => void,
  ): Promise<{ readonly address: string; close(): Promise<void> }>;
  connect(address: string, options: { readonly timeoutMs: number }): Promise<Connection>;
}

/** Password hashing, which is slow on purpose, away from the thread that serves. Errors: PasswordsBusyError. */
export interface Passwords {
  /** A bcrypt hash of `2^cost` rounds. Only the first 72 bytes of a password count. */
  hash(password: string, cost: number): Promise<string>;
  /** Whether `hash` is a bcrypt hash of the password; takes as long when it is not. */
  matches(password: string, hash: string): Promise<boolean>;
}

/** Too many passwords wait to be hashed. */
export class PasswordsBusyError extends Error {
  override readonly name = 'PasswordsBusyError';
}
