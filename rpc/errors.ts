import { StoreError } from '../base/store-error.ts';
import { GrpcCode, type GrpcStatus, statusOf } from '../client/status.ts';
import { WireError } from '../proto/wire.ts';

/** A refusal that only the edge makes, with its own status. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly status: GrpcStatus;

  constructor(code: number, text: string) {
    super(text);
    this.status = { code, text };
  }
}

/** What a failed call looks like on the wire; undefined for a defect of ours, which must be logged and tells clients nothing. */
export function wireStatusOf(error: unknown): GrpcStatus | undefined {
  if (error instanceof StoreError) return statusOf(error);
  if (error instanceof RpcError) return error.status;
  if (error instanceof WireError) {
    return { code: GrpcCode.INTERNAL, text: `grpc: error unmarshalling request: ${error.message}` };
  }
  return undefined;
}

/** A method that the service has but this server does not serve, in grpc-go's words. */
export function unimplemented(method: string): RpcError {
  return new RpcError(GrpcCode.UNIMPLEMENTED, `method ${method} not implemented`);
}
