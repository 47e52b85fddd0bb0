import type { Json } from '../scheme/json.ts';
import { sameJson } from './json-patch.ts';

/**
 * Orders a merged list by `$setElementOrder`: elements named in `wanted` come in that order; those that only the server has keep their
 * order and their place relative to the named ones. `identity` is an element's merge key (or itself).
 * Source: strategicpatch normalizeElementOrder and mergeSortedSlice.
 */
export function orderElements(
  merged: readonly Json[],
  identity: (item: Json) => Json,
  wanted: readonly Json[],
  serverOrder: readonly Json[],
): Json[] {
  const placeIn = (order: readonly Json[], item: Json): number => order.findIndex((id) => sameJson(id, identity(item)));
  const named = merged.filter((item) => placeIn(wanted, item) >= 0);
  const serverOnly = merged.filter((item) => placeIn(wanted, item) < 0);
  named.sort((a, b) => placeIn(wanted, a) - placeIn(wanted, b));
  serverOnly.sort((a, b) => placeIn(serverOrder, a) - placeIn(serverOrder, b));
  const result: Json[] = [];
  let i = 0;
  for (const item of named) {
    const place = placeIn(serverOrder, item);
    while (i < serverOnly.length && place >= 0) {
      const left = placeIn(serverOrder, serverOnly[i] as Json);
      if (left < 0 || left >= place) break;
      result.push(serverOnly[i++] as Json);
    }
    result.push(item);
  }
  return [...result, ...serverOnly.slice(i)];
}
