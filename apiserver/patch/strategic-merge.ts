import { type ApiError, badRequest, patchDoesNotFit } from '../errors.ts';
import { isArray, isObject, type Json, type JsonObject } from '../scheme/json.ts';
import { type Schema, shapeOf } from '../scheme/schema.ts';
import { orderElements } from './element-order.ts';
import { sameJson } from './json-patch.ts';
import { PATCH_LIMITS } from './limits.ts';
import { ownOf, setOwn } from './merge-patch.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Applies a strategic merge patch: objects merge, lists merge by the schema's merge keys or are replaced, directives steer.
 * Neither argument is changed. Errors: ApiError 400 for a malformed directive, 422 for elements without their merge key.
 * Source: apimachinery pkg/util/strategicpatch/patch.go.
 */
export function applyStrategicMerge(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  return mergeObjects(original, patch, schema, 0);
}

function mergeObjects(original: JsonObject, patch: JsonObject, schema: Schema | undefined, depth: number): JsonObject {
  if (depth > PATCH_LIMITS.maxDepth) throw badRequest('the patch is nested too deeply');
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return withoutDirectives(omit(patch, DIRECTIVE)) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badDirective(directive);
  const result = retained(original, patch);
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || name === DIRECTIVE || name === RETAIN_KEYS) continue;
    if (name.startsWith(DELETE_FROM_LIST)) deleteFromList(result, name.slice(DELETE_FROM_LIST.length), value);
    else if (!name.startsWith(ELEMENT_ORDER)) mergeProperty(result, name, value, propertyOf(schema, name), depth);
  }
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(ELEMENT_ORDER)) continue;
    const field = name.slice(ELEMENT_ORDER.length);
    if (!isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
    orderProperty(result, field, order, {
      before: original[field],
      patch: patch[field],
      schema: propertyOf(schema, field),
    });
  }
  return result;
}

function mergeProperty(result: JsonObject, name: string, value: Json, schema: Schema | undefined, depth: number): void {
  const current = ownOf(result, name);
  if (value === null) {
    delete result[name];
    return;
  }
  const strategy = schema?.patchStrategy ?? '';
  if (isObject(value) && !strategy.includes('replace')) {
    // Not there yet: merging into nothing drops the directives and nulls of the patch.
    setOwn(result, name, mergeObjects(isObject(current) ? current : {}, value, schema, depth + 1));
    if (value[DIRECTIVE] === 'delete' && !isObject(current)) delete result[name];
    return;
  }
  if (isArray(value) && strategy.includes('merge')) {
    setOwn(result, name, mergeLists(isArray(current) ? current : [], value, schema as Schema, depth + 1));
    return;
  }
  setOwn(result, name, withoutDirectives(value));
}

/** What `$retainKeys` leaves of the original, as a private copy. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...original };
  if (!isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const name of Object.keys(patch)) {
    const plain = !name.startsWith('$') && patch[name] !== null;
    if (plain && !keys.includes(name)) {
      throw badRequest(`retainKeys doesn't contain a key ${name} that is set in the patch`);
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => keys.includes(name)));
}

function deleteFromList(result: JsonObject, field: string, values: Json): void {
  if (!isArray(values)) throw badRequest('invalid patch format of primitive list');
  const current = ownOf(result, field);
  if (isArray(current)) result[field] = current.filter((item) => !values.some((value) => sameJson(value, item)));
}

function mergeLists(original: readonly Json[], patch: readonly Json[], schema: Schema, depth: number): Json[] {
  const sample = patch[0] ?? original[0];
  if (sample === undefined) return [];
  if (!isObject(sample)) return mergeScalars(original, patch);
  const key = schema.patchMergeKey;
  if (key === undefined) throw patchDoesNotFit('expected a merge key for a list of objects');
  const items = resolve(schema.items);
  const plain: JsonObject[] = [];
  let result = original.filter(isObject);
  let replaced = false;
  for (const element of patch) {
    if (!isObject(element)) throw patchDoesNotFit('expected a list of objects');
    const directive = element[DIRECTIVE];
    if (directive === undefined) plain.push(element);
    else if (directive === 'replace') replaced = true;
    else if (directive === 'delete') {
      const wanted = keyOf(element, key);
      result = result.filter((item) => !sameJson(item[key], wanted));
    } else if (directive !== 'merge') throw badDirective(directive);
    else plain.push(omit(element, DIRECTIVE));
  }
  if (replaced) return plain.map(withoutDirectives);
  for (const element of plain) {
    const wanted = keyOf(element, key);
    const at = result.findIndex((item) => sameJson(item[key], wanted));
    if (at < 0) result.push(mergeObjects({}, element, items, depth + 1));
    else result[at] = mergeObjects(result[at] as JsonObject, element, items, depth + 1);
  }
  return result;
}

function mergeScalars(original: readonly Json[], patch: readonly Json[]): Json[] {
  return [...new Set([...original, ...patch])];
}

const keyOf = (element: JsonObject, key: string): Json => {
  const value = element[key];
  if (value === undefined) {
    throw patchDoesNotFit(`map: ${JSON.stringify(element)} does not contain declared merge key: ${key}`);
  }
  return value;
};

interface OrderFacts {
  readonly before: Json | undefined;
  readonly patch: Json | undefined;
  readonly schema: Schema | undefined;
}

function orderProperty(result: JsonObject, field: string, order: readonly Json[], facts: OrderFacts): void {
  const merged = ownOf(result, field);
  if (!isArray(merged)) return;
  const key = isObject(merged[0] ?? order[0]) ? facts.schema?.patchMergeKey : undefined;
  const identity = (item: Json): Json => (key !== undefined && isObject(item) ? (item[key] ?? null) : item);
  const wanted = order.map(identity);
  const patched = isArray(facts.patch) ? facts.patch.filter((item) => !(isObject(item) && DIRECTIVE in item)) : [];
  checkOrder(patched.map(identity), wanted);
  const before = isArray(facts.before) ? facts.before.map(identity) : [];
  result[field] = orderElements(merged, identity, wanted, before);
}

/** The patch's own elements must appear in `$setElementOrder`, in the same order. */
function checkOrder(patched: readonly Json[], wanted: readonly Json[]): void {
  let next = 0;
  for (const item of patched) {
    while (next < wanted.length && !sameJson(wanted[next], item)) next++;
    if (next++ >= wanted.length) {
      throw badRequest(
        `The order in patch list:\n${JSON.stringify(patched)}\n doesn't match $setElementOrder list:\n${JSON.stringify(wanted)}\n`,
      );
    }
  }
}

/** A value of the patch that stands alone: its directives and nulls go. */
function withoutDirectives(value: Json): Json {
  if (isArray(value)) {
    return value
      .filter((item) => !(isObject(item) && (item[DIRECTIVE] === 'delete' || item[DIRECTIVE] === 'replace')))
      .map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  const plain: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    const directive =
      name === DIRECTIVE || name === RETAIN_KEYS || name.startsWith(DELETE_FROM_LIST) || name.startsWith(ELEMENT_ORDER);
    if (!directive && child !== undefined && child !== null) setOwn(plain, name, withoutDirectives(child));
  }
  return plain;
}

function omit(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = object;
  return rest;
}

/** The shape behind a lazy schema, with the facts of the place (merge key, strategy). */
function resolve(schema: Schema | undefined): Schema | undefined {
  if (schema?.lazy === undefined) return schema;
  const { lazy: _, ...place } = schema;
  return { ...shapeOf(schema), ...place };
}

function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  const whole = resolve(schema);
  const property =
    whole?.properties !== undefined && Object.hasOwn(whole.properties, name) ? whole.properties[name] : undefined;
  if (property !== undefined) return resolve(property);
  return typeof whole?.additionalProperties === 'object' ? resolve(whole.additionalProperties) : undefined;
}

const badDirective = (directive: Json): ApiError =>
  badRequest(`unknown patch type found in patch map: ${JSON.stringify(directive)}`);
