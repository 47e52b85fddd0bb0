import { type FieldError, fieldForbidden, fieldInvalid, fieldNotSupported, fieldRequired } from '../errors.ts';
import { at, isArray, isObject, type Json, type JsonObject, textAt } from '../scheme/json.ts';
import { MAX_SCHEMA_DEPTH } from './limits.ts';

type Level = 'root' | 'item' | 'field';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  '$ref',
  'dependencies',
  '$schema',
] as const;

/**
 * What is wrong with an openAPIV3Schema, and what keeps it from being structural. Everything wrong is told at once, with kube-apiserver's texts.
 * Source: apiextensions schema/validation.go (structural) and apis/apiextensions/validation (OpenAPI).
 */
export function schemaErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (schema['nullable'] === true)
    errors.push(fieldForbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  checkSchema(schema, 'root', path, errors, 0);
  return errors;
}

function checkSchema(schema: JsonObject, level: Level, path: string, errors: FieldError[], depth: number): void {
  if (depth > MAX_SCHEMA_DEPTH) {
    errors.push(fieldForbidden(path, `must not be nested more than ${MAX_SCHEMA_DEPTH} levels deep`));
    return;
  }
  checkKeywords(schema, path, errors);
  checkType(schema, level, path, errors);
  checkLists(schema, path, errors);
  checkExtensions(schema, path, errors);
  checkResourceFields(schema, level, path, errors);
  checkValueValidation(schema, path, errors, depth);
  for (const [child, childPath, childLevel] of childrenOf(schema, path))
    checkSchema(child, childLevel, childPath, errors, depth + 1);
}

function* childrenOf(schema: JsonObject, path: string): Generator<readonly [JsonObject, string, Level]> {
  if (isObject(schema['items'])) yield [schema['items'], `${path}.items`, 'item'];
  const properties = schema['properties'];
  if (isObject(properties)) {
    for (const [name, child] of Object.entries(properties))
      if (isObject(child)) yield [child, `${path}.properties[${name}]`, 'field'];
  }
  if (isObject(schema['additionalProperties']))
    yield [schema['additionalProperties'], `${path}.additionalProperties`, 'field'];
}

function checkKeywords(schema: JsonObject, path: string, errors: FieldError[]): void {
  for (const word of UNSUPPORTED) {
    if (schema[word] !== undefined && schema[word] !== '')
      errors.push(fieldForbidden(`${path}.${word}`, `${word} is not supported`));
  }
  if (schema['uniqueItems'] === true) {
    errors.push(
      fieldForbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const properties = schema['properties'];
  const additional = schema['additionalProperties'];
  if (isObject(properties) && Object.keys(properties).length > 0 && additional !== undefined && additional !== true) {
    errors.push(
      fieldForbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  if (isArray(schema['x-kubernetes-validations']) && schema['x-kubernetes-validations'].length > 0) {
    errors.push(
      fieldForbidden(`${path}.x-kubernetes-validations`, 'CEL validation rules are not supported by this server'),
    );
  }
}

function checkType(schema: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const type = textAt(schema, 'type');
  if (type !== '' && !TYPES.includes(type)) errors.push(fieldNotSupported(`${path}.type`, type, TYPES));
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? fieldRequired(`${path}.type`, why) : fieldInvalid(`${path}.type`, type, why));
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    const where = { root: 'at the root', item: 'for specified array items', field: 'for specified object fields' }[
      level
    ];
    errors.push(fieldRequired(`${path}.type`, `must not be empty ${where}`));
  }
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(fieldInvalid(`${path}.type`, type, 'must be object at the root'));
  if (type === 'array' && schema['items'] === undefined)
    errors.push(fieldRequired(`${path}.items`, 'must be specified'));
  if (isArray(schema['items']))
    errors.push(fieldForbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (level === 'root' && schema['additionalProperties'] !== undefined) {
    errors.push(fieldForbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  if (embedded && schema['additionalProperties'] !== undefined) {
    errors.push(
      fieldForbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  }
}

function checkLists(schema: JsonObject, path: string, errors: FieldError[]): void {
  const type = textAt(schema, 'type');
  const keys = isArray(schema['x-kubernetes-list-map-keys']) ? schema['x-kubernetes-list-map-keys'] : [];
  const listType = schema['x-kubernetes-list-type'];
  const listPath = `${path}.x-kubernetes-list-type`;
  if (listType !== undefined) {
    if (type !== 'array') {
      const why = 'must be array if x-kubernetes-list-type is specified';
      errors.push(type === '' ? fieldRequired(`${path}.type`, why) : fieldInvalid(`${path}.type`, type, why));
    }
    if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') {
      errors.push(fieldNotSupported(listPath, listType, ['atomic', 'set', 'map']));
    }
  }
  if (keys.length > 0 && listType === undefined) {
    errors.push(fieldRequired(listPath, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  } else if (keys.length > 0 && listType !== 'map') {
    errors.push(fieldInvalid(listPath, listType, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  }
  if (listType === 'map') checkMapList(schema, keys, path, errors);
  if (listType === 'set') checkSet(schema, path, errors);
}

function checkSet(schema: JsonObject, path: string, errors: FieldError[]): void {
  const items = schema['items'];
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (textAt(items, 'type') === 'array') {
    const type = at(items, 'x-kubernetes-list-type');
    if (type !== undefined && type !== 'atomic')
      errors.push(fieldInvalid(`${path}.items.x-kubernetes-list-type`, type, why));
  }
  if (textAt(items, 'type') === 'object' && at(items, 'x-kubernetes-map-type') !== 'atomic') {
    errors.push(fieldInvalid(`${path}.items.x-kubernetes-map-type`, at(items, 'x-kubernetes-map-type') ?? null, why));
  }
  if (at(items, 'nullable') === true)
    errors.push(fieldForbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
}

function checkMapList(schema: JsonObject, keys: readonly Json[], path: string, errors: FieldError[]): void {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  const items = schema['items'];
  if (keys.length === 0) errors.push(fieldRequired(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  if (!isObject(items)) {
    errors.push(fieldRequired(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    return;
  }
  if (items['type'] !== 'object') {
    errors.push(
      fieldInvalid(
        `${path}.items.type`,
        textAt(items, 'type'),
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
    return;
  }
  if (items['nullable'] === true)
    errors.push(fieldForbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is map'));
  const required = isArray(items['required']) ? items['required'] : [];
  for (const key of new Set(keys)) checkMapKey(String(key), items, required, keys, path, errors);
  if (new Set(keys).size < keys.length)
    errors.push(fieldInvalid(keysPath, [...keys], 'must not contain duplicate entries'));
}

function checkMapKey(
  key: string,
  items: JsonObject,
  required: readonly Json[],
  keys: readonly Json[],
  path: string,
  errors: FieldError[],
): void {
  const property = at(items, 'properties', key);
  const where = `${path}.items.properties[${key}]`;
  if (!isObject(property)) {
    errors.push(
      fieldInvalid(`${path}.x-kubernetes-list-map-keys`, [...keys], 'entries must all be names of item properties'),
    );
    return;
  }
  if (property['type'] === 'array' || property['type'] === 'object') {
    errors.push(
      fieldInvalid(
        `${where}.type`,
        property['type'],
        "must be a scalar type if parent array's x-kubernetes-list-type is map",
      ),
    );
  }
  if (!required.includes(key) && property['default'] === undefined) {
    errors.push(
      fieldRequired(
        `${where}.default`,
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ),
    );
  }
  if (property['nullable'] === true) {
    errors.push(
      fieldForbidden(`${where}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'),
    );
  }
}

function checkExtensions(schema: JsonObject, path: string, errors: FieldError[]): void {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  const mapType = schema['x-kubernetes-map-type'];
  const type = textAt(schema, 'type');
  if (preserve === false) {
    errors.push(fieldInvalid(`${path}.x-kubernetes-preserve-unknown-fields`, preserve, 'must be true or undefined'));
  }
  if (mapType !== undefined && type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified';
    errors.push(type === '' ? fieldRequired(`${path}.type`, why) : fieldInvalid(`${path}.type`, type, why));
  }
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(fieldNotSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  const why = 'must be false if x-kubernetes-int-or-string is true';
  if (preserve === true) errors.push(fieldInvalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, why));
  if (schema['x-kubernetes-embedded-resource'] === true)
    errors.push(fieldInvalid(`${path}.x-kubernetes-embedded-resource`, true, why));
}

/** apiVersion, kind and metadata are the server's at the root and in embedded resources. */
function checkResourceFields(schema: JsonObject, level: Level, path: string, errors: FieldError[]): void {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (level !== 'root' && !embedded) return;
  for (const name of ['kind', 'apiVersion']) {
    const property = at(schema, 'properties', name);
    if (isObject(property) && property['type'] !== 'string') {
      errors.push(fieldInvalid(`${path}.properties[${name}].type`, textAt(property, 'type'), 'must be string'));
    }
  }
  const metadata = at(schema, 'properties', 'metadata');
  if (isObject(metadata)) {
    const where = `${path}.properties[metadata]`;
    if (metadata['type'] !== 'object')
      errors.push(fieldInvalid(`${where}.type`, textAt(metadata, 'type'), 'must be object'));
    if (level === 'root' && !onlyNames(metadata)) {
      errors.push(
        fieldForbidden(
          where,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      );
    }
  }
  if (embedded && schema['x-kubernetes-preserve-unknown-fields'] !== true && !hasProperties(schema)) {
    errors.push(
      fieldRequired(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
  }
}

const hasProperties = (schema: JsonObject): boolean =>
  isObject(schema['properties']) && Object.keys(schema['properties']).length > 0;

function onlyNames(metadata: JsonObject): boolean {
  const { type: _t, description: _d, properties, ...rest } = metadata;
  if (Object.keys(rest).length > 0) return false;
  return !isObject(properties) || Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
}

/** `anyOf` of integer and string is how int-or-string used to be written, and is let through. */
const isIntOrString = (list: Json | undefined): boolean =>
  isArray(list) && list.length === 2 && JSON.stringify(list) === '[{"type":"integer"},{"type":"string"}]';

function checkValueValidation(schema: JsonObject, path: string, errors: FieldError[], depth: number): void {
  checkPattern(schema, path, errors);
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  for (const word of ['anyOf', 'allOf', 'oneOf'] as const) {
    const list = schema[word];
    if (!isArray(list) || (intOrString && word === 'anyOf' && isIntOrString(list))) continue;
    for (const [i, nested] of list.entries()) {
      const skip = intOrString && word === 'allOf' && i === 0 && isIntOrString(at(nested, 'anyOf'));
      if (isObject(nested) && !skip) checkNested(nested, `${path}.${word}[${i}]`, errors, depth + 1);
    }
  }
  if (isObject(schema['not'])) checkNested(schema['not'], `${path}.not`, errors, depth + 1);
}

function checkPattern(schema: JsonObject, path: string, errors: FieldError[]): void {
  const pattern = textAt(schema, 'pattern');
  if (pattern === '') return;
  try {
    new RegExp(pattern.replace(/^\(\?[imsU]+\)/, ''));
  } catch (error) {
    errors.push(
      fieldInvalid(
        `${path}.pattern`,
        pattern,
        `must be a valid regular expression, but isn't: ${(error as Error).message}`,
      ),
    );
  }
}

const NESTED_EMPTY = ['type', 'title', 'description', 'x-kubernetes-list-map-keys'] as const;
const NESTED_UNDEFINED = [
  'default',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'additionalProperties',
] as const;
const NESTED_FALSE = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const;

/** Below allOf, anyOf, oneOf and not only values may be judged: no shape is described there. */
function checkNested(schema: JsonObject, path: string, errors: FieldError[], depth: number): void {
  if (depth > MAX_SCHEMA_DEPTH) return;
  const forbid = (word: string, be: string): void => {
    errors.push(fieldForbidden(`${path}.${word}`, `must be ${be} to be structural`));
  };
  for (const word of NESTED_EMPTY) if (schema[word] !== undefined && schema[word] !== '') forbid(word, 'empty');
  for (const word of NESTED_UNDEFINED) if (schema[word] !== undefined) forbid(word, 'undefined');
  for (const word of NESTED_FALSE) if (schema[word] === true) forbid(word, 'false');
  if (isArray(schema['x-kubernetes-validations'])) forbid('x-kubernetes-validations', 'empty');
  if (isObject(at(schema, 'properties', 'metadata'))) {
    errors.push(fieldForbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  checkValueValidation(schema, path, errors, depth);
  for (const [child, childPath] of childrenOf(schema, path)) checkNested(child, childPath, errors, depth + 1);
}
