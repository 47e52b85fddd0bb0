import type { GrpcStatus } from '../../client/status.ts';
import { H2_LIMITS } from './limits.ts';

const STATUS_200 = 0x88;
/** Static indexes of names. */
const STATUS_NAME = 8;
const CONTENT_TYPE_NAME = 31;
const FIRST_DYNAMIC = 62;

const CONTENT_TYPE = Buffer.from('application/grpc', 'latin1');
const GRPC_STATUS = Buffer.from('grpc-status', 'latin1');
const GRPC_MESSAGE = Buffer.from('grpc-message', 'latin1');
const GRPC_ACCEPT_ENCODING = literal('grpc-accept-encoding', 'gzip');
const OK = Buffer.from('0', 'latin1');

/** The two fields that we put into the client's table: content-type and "grpc-status: 0". A smaller table stays empty. */
const NEEDED_TABLE_BYTES = 32 + 'content-type'.length + CONTENT_TYPE.length + 32 + GRPC_STATUS.length + OK.length;
const NOT_INSERTED = -1;

/**
 * The encoding half of HPACK, as far as the answers of a gRPC server need it: what every answer has is one byte after the
 * first time, everything else is spelled out. Blocks must be sent in the order in which they were made.
 */
export class ResponseHeaders {
  /** The most that `begin`, `end` of OK or `refuse`'s fixed part takes, besides a status text. */
  static readonly maxFixedBytes = 128;

  /** When each of the fields was inserted, counted from 0. */
  #contentType = NOT_INSERTED;
  #ok = NOT_INSERTED;
  #inserted = 0;
  #usesTable = true;
  #tableBytes: number = H2_LIMITS.headerTableBytes;
  #announces = false;

  /** The client's SETTINGS_HEADER_TABLE_SIZE, to be heeded once it is acknowledged. The table starts over. */
  resize(sizeBytes: number): void {
    const tableBytes = Math.min(sizeBytes, H2_LIMITS.headerTableBytes);
    if (tableBytes === this.#tableBytes) return;
    this.#tableBytes = tableBytes;
    this.#usesTable = tableBytes >= NEEDED_TABLE_BYTES;
    this.#contentType = NOT_INSERTED;
    this.#ok = NOT_INSERTED;
    this.#inserted = 0;
    this.#announces = true;
  }

  /** The headers of an answer. Writes to `out` from `at`; returns where they end, as all of these do. */
  begin(out: Uint8Array, at: number): number {
    let end = this.#announce(out, at);
    out[end++] = STATUS_200;
    return this.#putContentType(out, end);
  }

  /** The trailers of a call that went well. */
  endOk(out: Uint8Array, at: number): number {
    const end = this.#announce(out, at);
    if (this.#ok !== NOT_INSERTED) return this.#putIndex(out, end, this.#ok);
    if (!this.#usesTable) return putLiteral(out, end, GRPC_STATUS, OK);
    this.#ok = this.#inserted++;
    return putString(out, putString(out, putByte(out, end, 0x40), GRPC_STATUS), OK);
  }

  /** The trailers of any call. */
  end(status: GrpcStatus): Uint8Array {
    const out = Buffer.allocUnsafe(ResponseHeaders.maxFixedBytes + status.text.length * 9);
    return out.subarray(0, this.#putStatus(out, this.#announce(out, 0), status));
  }

  /** The headers of an answer that is nothing but a status; `acceptEncoding` tells which compressions are understood. */
  refuse(httpStatus: number, status: GrpcStatus, { acceptEncoding }: { readonly acceptEncoding: boolean }): Uint8Array {
    const out = Buffer.allocUnsafe(2 * ResponseHeaders.maxFixedBytes + status.text.length * 9);
    let end = this.#announce(out, 0);
    if (httpStatus === 200) {
      out[end++] = STATUS_200;
    } else {
      out[end++] = STATUS_NAME;
      end = putString(out, end, Buffer.from(String(httpStatus), 'latin1'));
    }
    end = this.#putContentType(out, end);
    if (acceptEncoding) {
      out.set(GRPC_ACCEPT_ENCODING, end);
      end += GRPC_ACCEPT_ENCODING.length;
    }
    return out.subarray(0, this.#putStatus(out, end, status));
  }

  /** A changed table size opens the next block (RFC 7541 §4.2): down to nothing, which empties the table, and up again. */
  #announce(out: Uint8Array, at: number): number {
    if (!this.#announces) return at;
    this.#announces = false;
    out[at] = 0x20;
    return this.#usesTable ? putInteger(out, at + 1, 0x20, 0x1f, this.#tableBytes) : at + 1;
  }

  #putContentType(out: Uint8Array, at: number): number {
    if (this.#contentType !== NOT_INSERTED) return this.#putIndex(out, at, this.#contentType);
    if (!this.#usesTable) return putString(out, putInteger(out, at, 0, 0x0f, CONTENT_TYPE_NAME), CONTENT_TYPE);
    this.#contentType = this.#inserted++;
    return putString(out, putByte(out, at, 0x40 | CONTENT_TYPE_NAME), CONTENT_TYPE);
  }

  #putIndex(out: Uint8Array, at: number, insertion: number): number {
    return putByte(out, at, 0x80 | (FIRST_DYNAMIC + this.#inserted - 1 - insertion));
  }

  #putStatus(out: Uint8Array, at: number, { code, text }: GrpcStatus): number {
    const end = putLiteral(out, at, GRPC_STATUS, Buffer.from(String(code), 'latin1'));
    return text === '' ? end : putLiteral(out, end, GRPC_MESSAGE, percentEncoded(text));
  }
}

/** A text as the value of grpc-message: UTF-8, of which only printable ASCII stands for itself. Source: gRPC over HTTP/2. */
function percentEncoded(text: string): Uint8Array {
  const utf8 = Buffer.from(text, 'utf8');
  if (utf8.every(isPrintable)) return utf8;
  const encoded = Array.from(utf8, (byte) =>
    isPrintable(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return Buffer.from(encoded.join(''), 'latin1');
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
}

function putByte(out: Uint8Array, at: number, byte: number): number {
  out[at] = byte;
  return at + 1;
}

/** A literal field without indexing, with a literal name. */
function putLiteral(out: Uint8Array, at: number, name: Uint8Array, value: Uint8Array): number {
  return putString(out, putString(out, putByte(out, at, 0), name), value);
}

function putString(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = putInteger(out, at, 0, 0x7f, bytes.length);
  out.set(bytes, start);
  return start + bytes.length;
}

function putInteger(out: Uint8Array, at: number, pattern: number, mask: number, value: number): number {
  if (value < mask) return putByte(out, at, pattern | value);
  let end = putByte(out, at, pattern | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) out[end++] = 0x80 | (rest & 0x7f);
  return putByte(out, end, rest);
}

function literal(name: string, value: string): Uint8Array {
  const out = Buffer.alloc(name.length + value.length + 3);
  putLiteral(out, 0, Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1'));
  return out;
}
