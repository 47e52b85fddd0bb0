import { ApiError, forbidden } from '../errors.ts';
import type { AccessAttributes } from './authorizer.ts';

/** `User "u" cannot get resource "pods" in API group "" in the namespace "ns"`. */
export function denialText(request: AccessAttributes): string {
  const user = JSON.stringify(request.user.name);
  if (!request.resourceRequest) return `User ${user} cannot ${request.verb} path ${JSON.stringify(request.path)}`;
  const resource = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  const where =
    request.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(request.namespace)}`;
  return `User ${user} cannot ${request.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(request.group)} ${where}`;
}

/** The 403 of a request that no authorizer allowed; `reason` is what the authorizers had to say. */
export function denial(request: AccessAttributes, reason: string): ApiError {
  const text = reason === '' ? denialText(request) : `${denialText(request)}: ${reason}`;
  if (!request.resourceRequest) return new ApiError(403, 'Forbidden', `forbidden: ${text}`, {});
  return forbidden({ group: request.group, resource: request.resource }, request.name, text);
}
