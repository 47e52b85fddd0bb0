import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
} from '../errors.ts';
import { formatAccepts } from './formats.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { SCHEME_LIMITS } from './limits.ts';
import { regexOf } from './patterns.ts';
import { type Schema, shapeOf } from './schema.ts';

/**
 * What a structural schema has against a value, with kube-apiserver's words. At most SCHEME_LIMITS.maxReportedFaults.
 * Source: kube-openapi pkg/validation, apiextensions apiserver/validation and apiserver/schema/listtype.
 */
export function validateSchema(value: Json, schema: Schema, path = ''): readonly FieldError[] {
  const errors = check(value, schema, path);
  if (errors.length === 0) checkLists(value, schema, path, errors);
  return errors.slice(0, SCHEME_LIMITS.maxReportedFaults);
}

/** How composed schemas report: they belong to no field. */
const NO_FIELD = '<nil>';
const inBody = (path: string, text: string): string => `${path} in body ${text}`;

function check(value: Json, lazy: Schema, path: string): FieldError[] {
  const schema = shapeOf(lazy);
  if (value === null && schema.nullable === true) return [];
  const mistyped = checkType(value, schema, path);
  if (mistyped !== undefined) return [mistyped];
  const errors: FieldError[] = [];
  if (schema.enum !== undefined && !schema.enum.some((allowed) => equal(allowed, value))) {
    errors.push(
      fieldNotSupported(
        path,
        value,
        schema.enum.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))),
      ),
    );
  }
  if (typeof value === 'string') checkText(value, schema, path, errors);
  else if (typeof value === 'number') checkNumber(value, schema, path, errors);
  else if (isArray(value)) checkItems(value, schema, path, errors);
  else if (isObject(value)) checkProperties(value, schema, path, errors);
  checkComposed(value, schema, path, errors);
  return errors;
}

function checkType(value: Json, schema: Schema, path: string): FieldError | undefined {
  const found = typeOf(value);
  if (schema.intOrString) {
    return found === 'integer' || found === 'string' ? undefined : typeInvalid(path, 'integer,string', found);
  }
  if (schema.type === undefined) return undefined;
  if (found === schema.type || (found === 'integer' && schema.type === 'number')) return undefined;
  return typeInvalid(path, schema.type, found);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const typeInvalid = (path: string, wanted: string, found: string): FieldError => ({
  type: 'FieldValueTypeInvalid',
  field: path === '' ? NO_FIELD : path,
  message: `Invalid value: ${JSON.stringify(found)}: ${inBody(path, `must be of type ${wanted}: ${JSON.stringify(found)}`)}`,
});

function checkText(value: string, schema: Schema, path: string, errors: FieldError[]): void {
  const { minLength, maxLength, pattern, format } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : runes(value);
  if (maxLength !== undefined && length > maxLength) errors.push(fieldTooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    errors.push(fieldInvalid(path, value, inBody(path, `should be at least ${minLength} chars long`)));
  }
  if (pattern !== undefined && regexOf(pattern)?.test(value) === false) {
    errors.push(fieldInvalid(path, value, inBody(path, `should match '${pattern}'`)));
  }
  if (format !== undefined && !formatAccepts(format, value)) {
    errors.push(typeInvalid(path, format, value));
  }
}

/** Characters, as Go counts them. */
function runes(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}

function checkNumber(value: number, schema: Schema, path: string, errors: FieldError[]): void {
  const refuse = (text: string): void => {
    errors.push(fieldInvalid(path, value, inBody(path, text)));
  };
  const { minimum, maximum, multipleOf } = schema;
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum ? value >= maximum : value > maximum) {
      refuse(`should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
    }
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum ? value <= minimum : value < minimum) {
      refuse(`should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
    }
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    refuse(`should be a multiple of ${multipleOf}`);
  if (schema.format === 'int32' && (value > 2147483647 || value < -2147483648)) {
    errors.push(typeInvalid(path, 'int32', String(value)));
  }
}

function checkItems(value: readonly Json[], schema: Schema, path: string, errors: FieldError[]): void {
  const { items, minItems, maxItems } = schema;
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (minItems !== undefined && value.length < minItems) {
    errors.push(fieldInvalid(path, value.length, inBody(path, `should have at least ${minItems} items`)));
  }
  if (schema.uniqueItems && value.some((item, i) => value.slice(0, i).some((other) => equal(item, other)))) {
    errors.push(fieldInvalid(path, '', inBody(path, "shouldn't contain duplicates")));
  }
  if (items === undefined) return;
  for (const [i, item] of value.entries()) {
    if (errors.length >= SCHEME_LIMITS.maxReportedFaults) return;
    errors.push(...check(item, items, `${path}[${i}]`));
  }
}

const tooMany = (path: string, found: number, most: number): FieldError => ({
  type: 'FieldValueTooMany',
  field: path,
  message: `Too many: ${found}: must have at most ${most} item${most === 1 ? '' : 's'}`,
});

function checkProperties(value: JsonObject, schema: Schema, path: string, errors: FieldError[]): void {
  const names = Object.keys(value);
  const { properties, additionalProperties, minProperties, maxProperties } = schema;
  if (maxProperties !== undefined && names.length > maxProperties)
    errors.push(tooMany(path, names.length, maxProperties));
  if (minProperties !== undefined && names.length < minProperties) {
    errors.push(fieldInvalid(path, names.length, inBody(path, `should have at least ${minProperties} properties`)));
  }
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) errors.push(fieldRequired(join(path, name), ''));
  }
  if (schema.embeddedResource) checkEmbedded(value, path, errors);
  for (const name of names) {
    if (errors.length >= SCHEME_LIMITS.maxReportedFaults) return;
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    const property = known ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (property !== undefined) errors.push(...check(value[name] ?? null, property, join(path, name)));
  }
}

/** An object inside of an object says what it is. */
function checkEmbedded(value: JsonObject, path: string, errors: FieldError[]): void {
  for (const field of ['apiVersion', 'kind']) {
    if (typeof value[field] !== 'string' || value[field] === '') {
      errors.push(fieldRequired(join(path, field), 'must not be empty'));
    }
  }
}

function checkComposed(value: Json, schema: Schema, path: string, errors: FieldError[]): void {
  const say = (text: string): void => {
    errors.push(fieldInvalid(NO_FIELD, '', `${JSON.stringify(path)} ${text}`));
  };
  const { allOf, anyOf, oneOf, not } = schema;
  if (anyOf !== undefined) {
    const results = anyOf.map((one) => check(value, one, path));
    if (!results.some((found) => found.length === 0)) {
      say('must validate at least one schema (anyOf)');
      errors.push(...fewest(results));
    }
  }
  if (oneOf !== undefined) {
    const results = oneOf.map((one) => check(value, one, path));
    const valid = results.filter((found) => found.length === 0).length;
    if (valid === 0) {
      say('must validate one and only one schema (oneOf). Found none valid');
      errors.push(...fewest(results));
    } else if (valid > 1) say(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
  }
  if (allOf !== undefined) {
    const results = allOf.map((one) => check(value, one, path));
    const valid = results.filter((found) => found.length === 0).length;
    if (valid < allOf.length) {
      errors.push(...results.flat());
      say(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
    }
  }
  if (not !== undefined && check(value, not, path).length === 0) say('must not validate the schema (not)');
}

/** The alternative that came nearest. */
function fewest(results: readonly FieldError[][]): readonly FieldError[] {
  return results.reduce<readonly FieldError[]>(
    (best, one) => (best.length === 0 || one.length < best.length ? one : best),
    [],
  );
}

/** Lists that are sets or maps hold nothing twice. */
function checkLists(value: Json, lazy: Schema, path: string, errors: FieldError[]): void {
  const schema = shapeOf(lazy);
  if (isArray(value)) {
    if (schema.listType === 'set') checkUnique(value, (item) => item, path, errors);
    if (schema.listType === 'map') checkUnique(value, (item) => keysOf(item, schema), path, errors);
    if (schema.items !== undefined)
      for (const [i, item] of value.entries()) checkLists(item, schema.items, `${path}[${i}]`, errors);
  } else if (isObject(value)) {
    const additional = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    for (const [name, inner] of Object.entries(value)) {
      const known = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
      const property = known ? schema.properties?.[name] : additional;
      if (property !== undefined && typeof inner === 'object') checkLists(inner, property, join(path, name), errors);
    }
  }
}

function checkUnique(list: readonly Json[], keyOf: (item: Json) => Json, path: string, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    const key = keyOf(item);
    const text = canonical(key);
    if (seen.has(text) && errors.length < SCHEME_LIMITS.maxReportedFaults)
      errors.push(fieldDuplicate(`${path}[${i}]`, key));
    seen.add(text);
  }
}

/** The keys of a map list's item; an absent key counts with its default. */
function keysOf(item: Json, schema: Schema): JsonObject {
  const keys: JsonObject = {};
  if (!isObject(item)) return keys;
  const properties = schema.items === undefined ? undefined : shapeOf(schema.items).properties;
  for (const name of schema.listMapKeys ?? []) {
    const value = item[name] ?? properties?.[name]?.default;
    if (value !== undefined) keys[name] = value;
  }
  return keys;
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
const equal = (a: Json, b: Json): boolean => a === b || (typeof a === 'object' && canonical(a) === canonical(b));

/** JSON with names in order: equal values are equal texts. */
function canonical(value: Json): string {
  if (isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}
