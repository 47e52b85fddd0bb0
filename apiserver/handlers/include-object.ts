import { badRequest } from '../errors.ts';
import { type IncludeObject, includeObjectOf as parse } from '../printers/table.ts';

/** The query parameter of table answers. Errors: ApiError 400. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject');
  const include = parse(text);
  if (include === undefined) throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
  return include;
}
