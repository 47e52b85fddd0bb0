import { badRequest } from '../errors.ts';

/** Query parameters as meta/v1 reads them. Source: apimachinery pkg/conversion/queryparams, pkg/runtime/conversion.go. */

/** Present and neither `false` nor `0` is true; undefined when absent. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text.toLowerCase() !== 'false' && text !== '0';
}

/** Undefined when absent or empty. Errors: ApiError 400. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d{1,19}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

export const text = (query: URLSearchParams, name: string): string => query.get(name) ?? '';

/** A resourceVersion as a number; undefined for ''. Errors: ApiError 400. */
export function revision(version: string): number | undefined {
  if (version === '') return undefined;
  if (!/^\d{1,20}$/.test(version)) {
    throw badRequest(`invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
  const number = Number(version);
  if (!Number.isSafeInteger(number)) throw badRequest(`invalid resource version: ${version} is out of range`);
  return number;
}
