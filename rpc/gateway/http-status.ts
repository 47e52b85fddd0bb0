import { GrpcCode, type GrpcStatus } from '../../client/status.ts';
import { jsonString } from './wire-to-json.ts';

/** Every status of gRPC in HTTP. Source: grpc-gateway runtime, HTTPStatusFromCode. */
const HTTP_STATUS: Readonly<Record<keyof typeof GrpcCode, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

const BY_CODE: ReadonlyMap<number, number> = new Map(
  Object.entries(GrpcCode).map(([name, code]) => [code, HTTP_STATUS[name as keyof typeof GrpcCode]]),
);

/** The HTTP status of a code of gRPC; 500 for one that gRPC does not have. */
export function httpStatusOf(code: number): number {
  return BY_CODE.get(code) ?? 500;
}

/** google.rpc.Status in JSON. */
export function statusJson({ code, text }: GrpcStatus): string {
  const message = text === '' ? '' : `,"message":${jsonString(text)}`;
  return `{"code":${code}${message}}`;
}
