import type { Duplex } from 'node:stream';
import { StoreError } from '../base/store-error.ts';
import { GrpcCode, type GrpcStatus, statusOf } from '../client/status.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { wireStatusOf } from './errors.ts';
import type { Logger } from './logger.ts';
import type { RpcMetrics } from './metrics.ts';

/** What every transport needs besides the methods it serves. */
export interface GrpcTransportOptions {
  readonly metrics: RpcMetrics;
  readonly logger: Logger;
  readonly connections: ConnectionOptions;
}

/** Serves bindings to connections that were accepted elsewhere. */
export interface GrpcTransport {
  /** Takes over a connection that is about to speak HTTP/2. */
  accept(connection: Duplex): void;
  /** Tells clients to go elsewhere; resolves when their calls have ended or their connections are gone. */
  close(): Promise<void>;
}

/**
 * The status of a call that failed with `error`. A defect of ours is logged and tells clients nothing; `isAbandoned`: nobody
 * waits for the answer any more, which is then the more likely reason.
 */
export function failedCallStatus(path: string, error: unknown, isAbandoned: boolean, logger: Logger): GrpcStatus {
  const status = wireStatusOf(error);
  if (status !== undefined) return status;
  if (isAbandoned) return statusOf(new StoreError('REQUEST_CANCELED'));
  logger.error({ path, error }, 'a call failed on a defect of the server');
  return { code: GrpcCode.INTERNAL, text: 'internal error' };
}
