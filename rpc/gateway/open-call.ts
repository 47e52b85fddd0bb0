import type { IncomingMessage, ServerResponse } from 'node:http';
import { GrpcCode } from '../../client/status.ts';
import { RpcError } from '../errors.ts';
import type { CallContext } from '../service.ts';

/** A call under way over HTTP. */
export interface OpenCall {
  readonly context: CallContext;
  /** Whether its `Grpc-Timeout` has passed. */
  isExpired(): boolean;
  /** Whether the client has gone. */
  isAbandoned(): boolean;
  close(): void;
}

const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Timers of Node end at this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * What a request says of its call: `Grpc-Timeout`, `Authorization` and `Grpc-Metadata-*` as metadata. The signal fires when
 * the client is gone before its answer was. Errors: RpcError INVALID_ARGUMENT. Source: grpc-gateway runtime, context.go.
 */
export function openCall(request: IncomingMessage, response: ServerResponse): OpenCall {
  const timeoutMs = timeoutOf(headerOf(request, 'grpc-timeout'));
  const abort = new AbortController();
  let expired = false;
  let abandoned = false;
  const onClose = (): void => {
    abandoned = !response.writableFinished;
    if (abandoned) abort.abort();
  };
  const expire = (): void => {
    expired = true;
    abort.abort();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(expire, Math.min(timeoutMs, MAX_TIMER_MS));
  response.once('close', onClose);
  if (request.destroyed && !request.complete) onClose();
  return {
    context: {
      signal: abort.signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      metadata: (key) =>
        headerOf(request, `grpc-metadata-${key}`) ?? (key === 'authorization' ? headerOf(request, key) : undefined),
    },
    isExpired: () => expired,
    isAbandoned: () => abandoned,
    close: () => {
      clearTimeout(timer);
      response.off('close', onClose);
    },
  };
}

function timeoutOf(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  const [, digits = '', unit = ''] = /^([0-9]{1,15})([HMSmun])$/.exec(header) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs === undefined) throw new RpcError(GrpcCode.INVALID_ARGUMENT, `invalid grpc-timeout: ${header}`);
  const timeoutMs = Math.ceil(Number(digits) * unitMs);
  return timeoutMs === 0 ? undefined : timeoutMs;
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
