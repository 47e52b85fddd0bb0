import { StoreError } from '../../base/store-error.ts';
import { GrpcCode, statusOf } from '../../client/status.ts';
import { RpcError } from '../errors.ts';
import { RPC_LIMITS } from '../limits.ts';
import type { CallContext } from '../service.ts';

/**
 * Runs what etcd builds from its own client: a refusal of the store keeps its text but loses its code (UNKNOWN), except
 * that of a caller who is gone or out of time. Source: etcd v3lock and v3election, which return clientv3's errors as they are.
 */
export async function asClientOfTheStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'REQUEST_CANCELED' || error.code === 'DEADLINE_EXCEEDED') throw error;
    throw new RpcError(GrpcCode.UNKNOWN, statusOf(error).text);
  }
}

/** For steps that must be made, or undone, even when the caller has left. */
export function withoutCaller(context: CallContext): CallContext {
  return { ...context, signal: new AbortController().signal, timeoutMs: RPC_LIMITS.undoTimeoutMs };
}

/** Fails when nobody waits for the call any more. */
export function checkCaller(context: CallContext): void {
  if (context.signal.aborted) throw new StoreError('REQUEST_CANCELED');
}
