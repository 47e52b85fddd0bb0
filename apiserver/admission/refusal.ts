import { type ApiError, forbidden } from '../errors.ts';
import { textAt } from '../scheme/json.ts';
import type { AdmissionRequest } from './plugin.ts';

/** The 403 of a plugin: `configmaps "x" is forbidden: why`. An object whose name is not made yet is called Unknown. */
export function refused(request: AdmissionRequest, why: string): ApiError {
  const { definition } = request;
  const own = textAt(request.object, 'metadata', 'name');
  const name = request.name !== '' ? request.name : own !== '' ? own : 'Unknown';
  return forbidden({ group: definition.group, resource: definition.plural }, name, why);
}
