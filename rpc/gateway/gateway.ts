import type { IncomingMessage, ServerResponse } from 'node:http';
import { GrpcCode } from '../../client/status.ts';
import { JSON_METHODS } from '../../proto/gen/etcd-json.ts';
import { RpcError } from '../errors.ts';
import { failedCallStatus } from '../grpc-transport.ts';
import type { Logger } from '../logger.ts';
import type { RpcMetrics } from '../metrics.ts';
import type { Binding } from '../service.ts';
import { answerError } from './answers.ts';
import { GatewayCall, type Route } from './gateway-call.ts';
import { openCall } from './open-call.ts';

/** Serves the API as JSON over HTTP. */
export interface JsonGateway {
  /** Whether a path is the gateway's to answer. */
  owns(pathname: string): boolean;
  /** Answers a request; resolves when the answer was given or the client has gone. */
  serve(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * The same bindings that gRPC serves, posted to as JSON: every method of the tables that names a path. Source: etcd's
 * google.api.http routes and grpc-gateway v2.
 */
export function jsonGateway(bindings: readonly Binding[], metrics: RpcMetrics, logger: Logger): JsonGateway {
  const routes = routesOf(bindings, metrics);
  return {
    owns: (pathname) => pathname.startsWith('/v3/') || pathname.startsWith('/v3beta/'),
    serve: async (pathname, request, response) => {
      const route = routes.get(pathname.replace(/^\/v3beta\//, '/v3/'));
      if (route === undefined) {
        answerError(response, { code: GrpcCode.NOT_FOUND, text: 'Not Found' });
      } else if (request.method !== 'POST') {
        answerError(response, { code: GrpcCode.UNIMPLEMENTED, text: 'Method Not Allowed' });
      } else await serveCall(route, request, response, logger);
    },
  };
}

async function serveCall(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger,
): Promise<void> {
  let call: GatewayCall;
  try {
    call = new GatewayCall(route, request, response, openCall(request, response));
  } catch (error) {
    answerError(response, failedCallStatus(route.binding.path, error, false, logger));
    return;
  }
  await call.serve(logger);
}

function routesOf(bindings: readonly Binding[], metrics: RpcMetrics): ReadonlyMap<string, Route> {
  const byPath = new Map(bindings.map((binding) => [binding.path, binding]));
  return new Map(
    JSON_METHODS.flatMap((method) => {
      const binding = byPath.get(method.path);
      if (binding === undefined) throw new RpcError(GrpcCode.INTERNAL, `nothing serves ${method.path}`);
      const route: Route = { method, binding, metrics: metrics.of(binding) };
      return method.post.map((path): [string, Route] => [path, route]);
    }),
  );
}
