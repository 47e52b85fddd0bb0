export type EtcdFileErrorCode =
  /** A page, a checksum or a row is not what it should be: the file is damaged or is none of etcd's. */
  | 'CORRUPT'
  /** Not the SHA-256 that the file ends with, or no SHA-256 where one is required. */
  | 'DIGEST'
  /** A sound file that asks for something that this program does not do. */
  | 'UNSUPPORTED';

/** A snapshot file that must not be used, and why. */
export class EtcdFileError extends Error {
  override readonly name = 'EtcdFileError';
  readonly code: EtcdFileErrorCode;
  /** The page at which it was found, if it was one. */
  readonly page: number | undefined;

  constructor(code: EtcdFileErrorCode, detail: string, page?: number) {
    super(page === undefined ? detail : `page ${page}: ${detail}`);
    this.code = code;
    this.page = page;
  }

  /** The same, naming the file. */
  in(path: string): EtcdFileError {
    return new EtcdFileError(this.code, `${path}: ${this.message}`);
  }
}
