import { methodNotAllowed, noSuchPath } from '../errors.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { ResourceDefinition, Subresource } from '../registry/definition.ts';
import type { RequestInfo, Verb } from '../request.ts';
import { create } from './create.ts';
import { deleteCollection, deleteOne } from './delete.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import type { Reply } from './reply.ts';
import type { ResourceCall } from './resource-call.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

const HANDLERS: Readonly<Record<Verb, (call: ResourceCall) => Promise<Reply>>> = {
  get,
  list,
  watch: (call) => watch(call, call.context.info.name),
  create,
  update,
  patch,
  delete: deleteOne,
  deletecollection: deleteCollection,
};

/**
 * The definition a request is about. Errors: ApiError 404 for an unknown resource of a version that is served; undefined when the version is not (its
 * 404 is a text).
 */
export function definitionOf(catalog: Catalog, info: RequestInfo): ResourceDefinition | undefined {
  const { group, version, resource } = info;
  const definition = catalog.lookup(group, version, resource);
  if (definition === undefined && catalog.all().some((d) => d.group === group && d.version === version))
    throw noSuchPath();
  return definition;
}

/** Answers a resource request. Errors: ApiError; 404 and 405 for what the resource does not have. */
export async function dispatch(call: Omit<ResourceCall, 'subresource'>): Promise<Reply> {
  const { definition, context } = call;
  const { info } = context;
  const verb = info.verb as Verb;
  const handler = Object.hasOwn(HANDLERS, verb) ? HANDLERS[verb] : undefined;
  const subresource = subresourceOf(definition, info);
  if (handler === undefined) throw methodNotAllowed();
  if (subresource === undefined) {
    if (!definition.verbs.includes(verb)) throw methodNotAllowed();
    checkScope(definition, info);
  } else if (!(subresource.verbs as readonly string[]).includes(verb)) throw methodNotAllowed();
  return handler({ ...call, subresource });
}

function subresourceOf(definition: ResourceDefinition, info: RequestInfo): Subresource | undefined {
  if (info.subresource === '') return undefined;
  const found = definition.subresources.find(({ name }) => name === info.subresource);
  if (found === undefined) throw noSuchPath();
  return found;
}

/** A namespaced object is named below its namespace, a cluster's object is not; writes to all namespaces do not exist. */
function checkScope(definition: ResourceDefinition, info: RequestInfo): void {
  if (definition.scope === 'Cluster') {
    if (info.namespace !== '' && definition.plural !== 'namespaces') throw noSuchPath();
  } else if (info.namespace === '' && info.name !== '' && info.verb !== 'watch') throw noSuchPath();
  const onCollection = info.name === '';
  const needsName = ['get', 'update', 'patch', 'delete'].includes(info.verb);
  if (needsName && onCollection) throw methodNotAllowed();
  if (info.verb === 'create' && !onCollection) throw methodNotAllowed();
  const inAll = definition.scope === 'Namespaced' && info.namespace === '' && definition.stored;
  if (inAll && (info.verb === 'create' || info.verb === 'deletecollection')) throw methodNotAllowed();
}
