import { GrpcCode, type GrpcStatus } from '../../client/status.ts';
import { FieldKind, type HeaderField } from '../../http2/header-field.ts';
import { ErrorCode, StreamError } from '../../http2/protocol.ts';

/** What a call is to be answered with before any service sees it. */
export interface Refusal {
  readonly httpStatus: number;
  readonly status: GrpcStatus;
}

/** The headers of a request, as far as the transport understands them. */
export interface RequestHead {
  readonly path: string;
  /** How long the client waits, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** How compressed messages are compressed; empty for not at all. */
  readonly encoding: string;
  /** -1 when there is none. */
  readonly contentLength: number;
  /** Fields of the caller's own. */
  readonly metadata: readonly HeaderField[];
  readonly refusal: Refusal | undefined;
}

const NO_METADATA: readonly HeaderField[] = [];
const CONTENT_TYPE = 'application/grpc';

/** The values by kind, while one head is read. */
const seenByKind: (string | undefined)[] = new Array(FieldKind.MALFORMED).fill(undefined);

/**
 * Reads the first `count` fields of a request. Errors: StreamError PROTOCOL_ERROR for what RFC 9113 §8 calls malformed; what is
 * HTTP but not gRPC is a refusal in grpc-go's words (internal/transport/http2_server.go).
 */
export function parseRequestHead(streamId: number, fields: readonly HeaderField[], count: number): RequestHead {
  const malformed = (what: string): StreamError => new StreamError(streamId, ErrorCode.PROTOCOL_ERROR, what);
  const seen = seenByKind.fill(undefined);
  let pseudoFields = 0;
  let metadata: HeaderField[] | undefined;
  for (let i = 0; i < count; i++) {
    const field = fields[i] as HeaderField;
    const { kind, value } = field;
    if (kind === FieldKind.MALFORMED) throw malformed(`malformed field ${field.name}`);
    if (kind === FieldKind.METADATA) {
      (metadata ??= []).push(field);
      continue;
    }
    if (kind <= FieldKind.AUTHORITY) {
      if (seen[kind] !== undefined) throw malformed(`two fields ${field.name}`);
      if (pseudoFields++ !== i) throw malformed('a pseudo-header after other fields');
    } else if (kind === FieldKind.TE && value !== 'trailers') {
      throw malformed('te is not trailers');
    }
    seen[kind] ??= value;
  }
  const method = seen[FieldKind.METHOD];
  const path = seen[FieldKind.PATH];
  if (method === undefined || seen[FieldKind.SCHEME] === undefined || path === undefined || path === '') {
    throw malformed('a pseudo-header is missing');
  }
  const timeout = seen[FieldKind.TIMEOUT];
  const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout);
  const encoding = seen[FieldKind.ENCODING];
  return {
    path,
    timeoutMs: typeof timeoutMs === 'string' ? undefined : timeoutMs,
    encoding: encoding === undefined || encoding === 'identity' ? '' : encoding,
    contentLength: contentLength(seen[FieldKind.CONTENT_LENGTH], malformed),
    metadata: metadata ?? NO_METADATA,
    refusal: refusalOf(method, seen[FieldKind.CONTENT_TYPE] ?? '', timeoutMs),
  };
}

function refusalOf(method: string, contentType: string, timeout: number | string | undefined): Refusal | undefined {
  if (!isGrpc(contentType)) {
    const text = `invalid gRPC request content-type ${JSON.stringify(contentType)}`;
    return { httpStatus: 415, status: { code: GrpcCode.INVALID_ARGUMENT, text } };
  }
  if (typeof timeout === 'string') {
    return { httpStatus: 400, status: { code: GrpcCode.INTERNAL, text: `malformed grpc-timeout: ${timeout}` } };
  }
  if (method !== 'POST') {
    const text = `Received a HEADERS frame with :method ${JSON.stringify(method)} which should be POST`;
    return { httpStatus: 405, status: { code: GrpcCode.INTERNAL, text } };
  }
  return undefined;
}

function isGrpc(contentType: string): boolean {
  if (contentType === CONTENT_TYPE) return true;
  return contentType.startsWith(`${CONTENT_TYPE}+`) || contentType.startsWith(`${CONTENT_TYPE};`);
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);

/** The milliseconds of a grpc-timeout, or what is wrong with it in grpc-go's words. */
function parseTimeout(text: string): number | string {
  const quoted = JSON.stringify(text);
  if (text.length < 2) return `transport: timeout string is too short: ${quoted}`;
  if (text.length > 9) return `transport: timeout string is too long: ${quoted}`;
  const unitMs = UNIT_MS.get(text.slice(-1));
  if (unitMs === undefined) return `transport: timeout unit is not recognized: ${quoted}`;
  const digits = text.slice(0, -1);
  if (!/^\d+$/.test(digits)) return `strconv.ParseInt: parsing ${JSON.stringify(digits)}: invalid syntax`;
  return Number(digits) * unitMs;
}

function contentLength(text: string | undefined, malformed: (what: string) => StreamError): number {
  if (text === undefined) return -1;
  if (!/^\d{1,15}$/.test(text)) throw malformed('a malformed content-length');
  return Number(text);
}
