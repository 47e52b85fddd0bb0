/** What a header field is to a gRPC server; the name is looked at once, when the field is decoded. */
export const FieldKind = {
  METADATA: 0,
  METHOD: 1,
  SCHEME: 2,
  PATH: 3,
  AUTHORITY: 4,
  CONTENT_TYPE: 5,
  TE: 6,
  TIMEOUT: 7,
  ENCODING: 8,
  HOST: 9,
  CONTENT_LENGTH: 10,
  /** What no request may carry: names in upper case, fields of HTTP/1.1 connections, pseudo-headers that do not exist. */
  MALFORMED: 11,
} as const;
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind];

const KINDS: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  [':method', FieldKind.METHOD],
  [':scheme', FieldKind.SCHEME],
  [':path', FieldKind.PATH],
  [':authority', FieldKind.AUTHORITY],
  ['content-type', FieldKind.CONTENT_TYPE],
  ['te', FieldKind.TE],
  ['grpc-timeout', FieldKind.TIMEOUT],
  ['grpc-encoding', FieldKind.ENCODING],
  ['host', FieldKind.HOST],
  ['content-length', FieldKind.CONTENT_LENGTH],
  // RFC 9113 §8.2.2.
  ['connection', FieldKind.MALFORMED],
  ['keep-alive', FieldKind.MALFORMED],
  ['proxy-connection', FieldKind.MALFORMED],
  ['transfer-encoding', FieldKind.MALFORMED],
  ['upgrade', FieldKind.MALFORMED],
]);

/** A field's name as RFC 9113 §8.2.1 has it. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;

/** What HPACK adds to the length of name and value (RFC 7541 §4.1). */
const OVERHEAD_BYTES = 32;

/** One field of a header list, as byte strings. Immutable, and shared by all requests that refer to it. */
export class HeaderField {
  readonly name: string;
  readonly value: string;
  readonly kind: FieldKind;
  /** Its size in tables and header lists. */
  readonly sizeBytes: number;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.sizeBytes = name.length + value.length + OVERHEAD_BYTES;
    const kind = KINDS.get(name) ?? (NAME.test(name) ? FieldKind.METADATA : FieldKind.MALFORMED);
    this.kind = BAD_VALUE.test(value) ? FieldKind.MALFORMED : kind;
  }
}

/** The static table, from index 1. Source: RFC 7541 Appendix A. */
export const STATIC_TABLE: readonly HeaderField[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  ...['200', '204', '206', '304', '400', '404', '500'].map((status): [string, string] => [':status', status]),
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...[
    ...['accept-language', 'accept-ranges', 'accept', 'access-control-allow-origin', 'age', 'allow', 'authorization'],
    ...['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'content-length'],
    ...['content-location', 'content-range', 'content-type', 'cookie', 'date', 'etag', 'expect', 'expires', 'from'],
    ...['host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified'],
    ...['link', 'location', 'max-forwards', 'proxy-authenticate', 'proxy-authorization', 'range', 'referer', 'refresh'],
    ...['retry-after', 'server', 'set-cookie', 'strict-transport-security', 'transfer-encoding', 'user-agent', 'vary'],
    ...['via', 'www-authenticate'],
  ].map((name): [string, string] => [name, '']),
].map(([name = '', value = '']) => new HeaderField(name, value));
