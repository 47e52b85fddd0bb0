import { isUtf8 } from 'node:buffer';
import { StoreError } from '../base/store-error.ts';
import { GrpcCode } from '../client/status.ts';
import { KVService, MaintenanceService } from '../proto/gen/etcd.ts';
import { withCredentials } from './credentials.ts';
import { RpcError } from './errors.ts';
import type { MemberView } from './member-view.ts';
import {
  type Binding,
  type CallContext,
  DEFAULT_MAX_MESSAGE_BYTES,
  messageTooLarge,
  type ResponseStream,
} from './service.ts';

const SERVED_BY_LEARNERS: ReadonlySet<string> = new Set([
  MaintenanceService.Status.path,
  MaintenanceService.Snapshot.path,
]);

/** What stands before every method. */
export interface Gate {
  readonly member: MemberView;
  readonly trustsCertificates?: boolean;
  /** Told of every call that is let in, with the version that the client names. */
  readonly onClient?: (type: 'unary' | 'stream', version: string) => void;
}

/**
 * Puts before a method what etcd does before every call: it finds the caller's credentials and checks that the call can be served: a caller may insist on a leader (metadata `hasleader`), and a
 * learner answers only serializable reads, Status and Snapshot. Source: etcd api/v3rpc/interceptor.go.
 */
export function gated(
  binding: Binding,
  { member, trustsCertificates = false, onClient = () => undefined }: Gate,
): Binding {
  const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = binding;
  const check = (context: CallContext, request: Uint8Array | undefined): void => {
    if (request !== undefined) checkSize(request, maxMessageBytes);
    if (member.isLearner() && !servedByLearner(binding.path, request)) throw new StoreError('LEARNER_UNSUPPORTED');
    const version = context.metadata('client-api-version');
    if (version !== undefined && !isUtf8(Buffer.from(version, 'latin1'))) {
      throw new RpcError(GrpcCode.INVALID_ARGUMENT, 'etcdserver: invalid client api version');
    }
    onClient(binding.type === 'unary' ? 'unary' : 'stream', version ?? 'unknown');
    if (context.metadata('hasleader') === 'true' && !member.hasLeader()) throw new StoreError('NO_LEADER');
  };
  switch (binding.type) {
    case 'unary':
      return {
        ...binding,
        call: (request: Uint8Array, context: CallContext) => {
          try {
            check(context, request);
          } catch (error) {
            return Promise.reject(error);
          }
          return binding.call(request, withCredentials(context, trustsCertificates));
        },
      };
    case 'server-stream':
      return {
        ...binding,
        call: async (request: Uint8Array, responses: ResponseStream<Uint8Array>, context: CallContext) => {
          check(context, request);
          return binding.call(request, responses, withCredentials(context, trustsCertificates));
        },
      };
    case 'bidi':
      return {
        ...binding,
        call: async (
          requests: AsyncIterable<Uint8Array>,
          responses: ResponseStream<Uint8Array>,
          context: CallContext,
        ) => {
          check(context, undefined);
          return binding.call(
            sized(requests, maxMessageBytes),
            responses,
            withCredentials(context, trustsCertificates),
          );
        },
      };
  }
}

function checkSize({ length }: Uint8Array, maxBytes: number): void {
  if (length > maxBytes) throw messageTooLarge(length, maxBytes);
}

async function* sized(requests: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  for await (const request of requests) {
    checkSize(request, maxBytes);
    yield request;
  }
}

function servedByLearner(path: string, request: Uint8Array | undefined): boolean {
  if (path.startsWith('/grpc.health.') || SERVED_BY_LEARNERS.has(path)) return true;
  return path === KVService.Range.path && request !== undefined && KVService.Range.decodeRequest(request).serializable;
}
