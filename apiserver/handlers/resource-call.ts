import type { IncomingHttpHeaders } from 'node:http';
import type { Catalog } from '../registry/catalog.ts';
import type { ResourceDefinition, Subresource } from '../registry/definition.ts';
import type { StoreRegistry } from '../registry/store-registry.ts';
import type { RequestContext } from '../request.ts';
import type { Layout } from './encode.ts';
import { negotiateOutput, type OutputChoice, type OutputForm } from './negotiation.ts';

/** What all handlers work with. */
export interface HandlerDeps {
  readonly catalog: Catalog;
  readonly registry: StoreRegistry;
  readonly now: () => number;
  /** Aborted when the server begins to stop: watches end. */
  readonly stopping: AbortSignal;
  /** Counts events sent to watchers; the resource is the plural name. */
  readonly countWatchEvents: (definition: ResourceDefinition, events: number) => void;
}

/** One request on one resource. */
export interface ResourceCall {
  readonly deps: HandlerDeps;
  readonly definition: ResourceDefinition;
  readonly subresource: Subresource | undefined;
  readonly context: RequestContext;
  readonly headers: IncomingHttpHeaders;
  /** The whole body. Errors: ApiError 413, 400. */
  body(): Promise<Buffer>;
}

/** Where the object lies; RequestInfo gives a Namespace its own name as namespace. */
export function placeOf({ definition, context }: ResourceCall): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = context.info;
  return { namespace: definition.scope === 'Namespaced' ? namespace : '', name };
}

/** The form of the answer. Errors: ApiError 406. */
export function outputOf(call: ResourceCall, choice: OutputChoice): OutputForm {
  return negotiateOutput(call.headers.accept, choice);
}

/** Source: apiserver negotiate.go isPrettyPrint. */
export function layoutOf(call: Pick<ResourceCall, 'context'>, output: Pick<OutputForm, 'mediaType'>): Layout {
  const { query, userAgent } = call.context;
  const asked = query.get('pretty');
  const pretty = asked === null ? /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent) : asked !== 'false' && asked !== '0';
  return { mediaType: output.mediaType, pretty };
}
