import type { IncomingHttpHeaders } from 'node:http';
import { Cancellation, type CancelSignal } from '../../base/cancel.ts';
import { FieldKind, type HeaderField } from '../../http2/header-field.ts';
import { ErrorCode, StreamError } from '../../http2/protocol.ts';
import type { Session } from '../../http2/session.ts';
import type { Stream, StreamUser } from '../../http2/stream.ts';
import { badRequest, tooLarge } from '../errors.ts';
import type { ApiRequest } from './api-request.ts';
import type { ClientIdentity } from './client-certificate.ts';
import { HTTP_LIMITS } from './limits.ts';
import { TOO_LARGE } from './read-body.ts';

/** What all requests of one connection share. */
export interface H2Client {
  readonly identity: ClientIdentity;
  /** Bytes of bodies that no handler has taken. */
  heldBytes: number;
}

/** The part of a request that its headers say. */
interface Head {
  readonly method: string;
  readonly url: string;
  readonly authority: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** One request on a stream of HTTP/2, and what is told of the stream. */
export class H2Request implements ApiRequest, StreamUser {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly serverAddress: string;
  readonly #session: Session;
  readonly #stream: Stream;
  readonly #client: H2Client;
  #cancellation: Cancellation | undefined;
  #isGone = false;
  #onRoom: (() => void) | undefined;

  #body: Promise<Buffer> | undefined;
  #settle: { readonly resolve: (body: Buffer) => void; readonly reject: (error: Error) => void } | undefined;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #isComplete = false;

  /** Errors: StreamError for a malformed head. */
  constructor(session: Session, stream: Stream, client: H2Client, head: Head) {
    this.#session = session;
    this.#stream = stream;
    this.#client = client;
    this.method = head.method;
    this.url = head.url;
    this.headers = head.headers;
    this.rawHeaders = head.rawHeaders;
    this.serverAddress = head.headers.host ?? head.authority ?? '';
  }

  get clientCertificate(): ApiRequest['clientCertificate'] {
    return this.#client.identity.certificate;
  }

  get badCertificate(): boolean {
    return this.#client.identity.bad;
  }

  /** Made only for those who ask. */
  get signal(): CancelSignal {
    if (this.#cancellation === undefined) {
      this.#cancellation = new Cancellation();
      if (this.#isGone) this.#cancellation.abort();
    }
    return this.#cancellation;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  body(): Promise<Buffer> {
    this.#body ??= new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#session.consume(this.#stream, this.#sizeBytes);
      this.#judge();
    });
    return this.#body;
  }

  /** Resolves when the stream takes more, or is gone. */
  room(): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** The answer is complete: nothing more of the body is wanted. */
  finished(): void {
    this.#drop();
  }

  onHeaders(): void {
    // A server's streams have trailers only, which mean nothing here.
  }

  onData(bytes: Buffer): void {
    if (this.#sizeBytes > HTTP_LIMITS.maxBodyBytes) return;
    this.#sizeBytes += bytes.length;
    this.#client.heldBytes += bytes.length;
    if (this.#client.heldBytes > HTTP_LIMITS.maxHeldBodyBytes) {
      throw new StreamError(this.#stream.id, ErrorCode.ENHANCE_YOUR_CALM, 'too many bytes of bodies wait');
    }
    this.#chunks.push(bytes);
    if (this.#settle !== undefined) this.#session.consume(this.#stream, bytes.length);
    this.#judge();
  }

  onEnd(): void {
    this.#isComplete = true;
    this.#judge();
  }

  onGone(): void {
    this.#isGone = true;
    this.#drop();
    this.#settle?.reject(badRequest('the request was broken off before its body was complete'));
    this.#cancellation?.abort();
    this.onRoom();
  }

  onRoom(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = undefined;
    onRoom?.();
  }

  #judge(): void {
    if (this.#settle === undefined) return;
    const announced = Number(this.headers['content-length'] ?? 0);
    if (this.#sizeBytes > HTTP_LIMITS.maxBodyBytes || announced > HTTP_LIMITS.maxBodyBytes) {
      this.#drop();
      this.#settle.reject(tooLarge(TOO_LARGE));
    } else if (this.#isComplete) {
      const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      this.#drop();
      this.#settle.resolve(body);
    } else if (this.#isGone) this.onGone();
  }

  #drop(): void {
    for (const chunk of this.#chunks) this.#client.heldBytes -= chunk.length;
    this.#chunks = [];
  }
}

/** Reads the first `count` fields of a request. Errors: StreamError PROTOCOL_ERROR for what RFC 9113 §8 calls malformed. */
export function parseHead(streamId: number, fields: readonly HeaderField[], count: number): Head {
  const malformed = (what: string): StreamError => new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, what);
  let [method, scheme, url, authority]: (string | undefined)[] = [];
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  let isPastPseudo = false;
  for (let i = 0; i < count; i++) {
    const { name, value, kind } = fields[i] as HeaderField;
    if (kind === FieldKind.MALFORMED) throw malformed('a malformed field');
    if (name.charCodeAt(0) === 0x3a) {
      if (isPastPseudo) throw malformed('a pseudo-header after other fields');
      if (name === ':method' && method === undefined) method = value;
      else if (name === ':path' && url === undefined) url = value;
      else if (name === ':scheme' && scheme === undefined) scheme = value;
      else if (name === ':authority' && authority === undefined) authority = value;
      else throw malformed('a pseudo-header twice, or one that does not exist');
      continue;
    }
    isPastPseudo = true;
    if (kind === FieldKind.TE && value !== 'trailers') throw malformed('te is not trailers');
    rawHeaders.push(name, value);
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (known === undefined) headers[name] = value;
    else if (!SINGLE.has(name)) headers[name] = `${known}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  if (method === undefined || scheme === undefined || url === undefined || url === '') {
    throw malformed('a pseudo-header is missing');
  }
  return { method, url, authority, headers: headers as IncomingHttpHeaders, rawHeaders };
}

/** Of these the first one counts, as in Node's IncomingMessage. */
const SINGLE: ReadonlySet<string> = new Set([
  ...['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host'],
  ...['if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards'],
  ...['proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent'],
]);

/** The length a request announces; -1 when it announces none. Errors: StreamError PROTOCOL_ERROR. */
export function declaredLength(streamId: number, { headers }: Head): number {
  const text = headers['content-length'];
  if (text === undefined) return -1;
  if (!/^\d{1,15}$/.test(text)) throw new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, 'a malformed content-length');
  return Number(text);
}
