import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '../errors.ts';
import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { dns1035Label, dns1123Subdomain } from '../scheme/names.ts';
import { isTrue } from './conditions.ts';
import { defaultErrors } from './default-values.ts';
import { JsonPathError, parseJsonPath } from './json-path.ts';
import { MAX_SELECTABLE_FIELDS, MAX_VERSIONS } from './limits.ts';
import { schemaErrors } from './structural.ts';

/** What is wrong with a CRD. Source: apiextensions apis/apiextensions/validation, 1.36; fields and texts as there. */
export function validateCrd(crd: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const spec = isObject(crd['spec']) ? crd['spec'] : {};
  const name = textAt(crd, 'metadata', 'name');
  if (name !== `${textAt(spec, 'names', 'plural')}.${textAt(spec, 'group')}`) {
    errors.push(fieldInvalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  checkGroupAndScope(spec, errors);
  checkVersions(spec, errors);
  checkNames(spec, errors);
  checkConversion(spec, errors);
  if (spec['preserveUnknownFields'] === true) {
    errors.push(
      fieldInvalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  checkProtectedGroup(crd, errors);
  return errors;
}

/** What may not change: group and plural never, scope and kind not once established. */
export function validateCrdUpdate(crd: KubeObject, old: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (...path: readonly string[]): void => {
    const value = at(crd, ...path);
    if (value !== at(old, ...path)) errors.push(fieldInvalid(path.join('.'), value ?? null, 'field is immutable'));
  };
  if (isTrue(old, 'Established')) {
    immutable('spec', 'scope');
    immutable('spec', 'names', 'kind');
  }
  immutable('spec', 'group');
  immutable('spec', 'names', 'plural');
  checkStoredVersions(crd, errors);
  return errors;
}

function checkStoredVersions(crd: KubeObject, errors: FieldError[]): void {
  const stored = at(crd, 'status', 'storedVersions');
  const names = versionsOf(at(crd, 'spec')).map((version) => textAt(version, 'name'));
  for (const [i, version] of (isArray(stored) ? stored : []).entries()) {
    if (typeof version === 'string' && !names.includes(version)) {
      errors.push(
        fieldInvalid(
          `status.storedVersions[${i}]`,
          version,
          `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`,
        ),
      );
    }
  }
}

export const versionsOf = (spec: Json | undefined): readonly JsonObject[] => {
  const versions = at(spec, 'versions');
  return isArray(versions) ? versions.filter(isObject) : [];
};

function checkGroupAndScope(spec: JsonObject, errors: FieldError[]): void {
  const group = textAt(spec, 'group');
  if (group === '') errors.push(fieldRequired('spec.group', ''));
  else {
    const wrong = dns1123Subdomain(group);
    if (wrong.length > 0) errors.push(fieldInvalid('spec.group', group, wrong.join(',')));
    else if (!group.includes('.'))
      errors.push(fieldInvalid('spec.group', group, 'should be a domain with at least one dot'));
  }
  const scope = textAt(spec, 'scope');
  if (scope === '') errors.push(fieldRequired('spec.scope', ''));
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.push(fieldNotSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
}

function checkVersions(spec: JsonObject, errors: FieldError[]): void {
  const versions = versionsOf(spec);
  for (const [i, version] of versions.entries()) checkVersion(version, `spec.versions[${i}]`, errors);
  checkParts(versions, errors);
  const names = versions.map((version) => textAt(version, 'name'));
  if (new Set(names).size < names.length)
    errors.push(fieldInvalid('spec.versions', names, 'must contain unique version names'));
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    errors.push(fieldInvalid('spec.versions', names, 'must have exactly one version marked as storage version'));
  }
  if (versions.length > MAX_VERSIONS)
    errors.push(fieldInvalid('spec.versions', versions.length, `must have at most ${MAX_VERSIONS} items`));
}

function checkVersion(version: JsonObject, path: string, errors: FieldError[]): void {
  const name = textAt(version, 'name');
  const wrong = dns1035Label(name);
  if (wrong.length > 0) errors.push(fieldInvalid(`${path}.name`, name, wrong.join(',')));
  const warning = version['deprecationWarning'];
  if (typeof warning !== 'string') return;
  const where = `${path}.deprecationWarning`;
  if (version['deprecated'] !== true)
    errors.push(fieldInvalid(where, warning, 'can only be set for deprecated versions'));
  else if (warning.length > 256) errors.push(fieldInvalid(where, warning, 'must be <= 256 characters long'));
  else if (warning === '') errors.push(fieldInvalid(where, warning, 'must not be an empty string'));
}

/**
 * Schema, subresources, columns and selectable fields. Where all versions have the same, the real server speaks of the one top-level field of
 * its internal form, and clients have learned these texts.
 */
function checkParts(versions: readonly JsonObject[], errors: FieldError[]): void {
  const parts = [
    { of: 'schema', top: 'spec.validation', check: checkSchemaPart },
    { of: 'subresources', top: 'spec.subresources', check: checkSubresources },
    { of: 'additionalPrinterColumns', top: 'spec.additionalPrinterColumns', check: checkColumns },
    { of: 'selectableFields', top: 'spec.selectableFields', check: checkSelectable },
  ] as const;
  for (const { of, top, check } of parts) {
    const first = versions[0]?.[of];
    const same =
      first !== undefined && versions.every((version) => JSON.stringify(version[of]) === JSON.stringify(first));
    if (same && versions[0] !== undefined) check(versions[0], top, errors);
    else for (const [i, version] of versions.entries()) check(version, `spec.versions[${i}].${of}`, errors);
  }
}

function checkSchemaPart(version: JsonObject, path: string, errors: FieldError[]): void {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (!isObject(schema)) {
    errors.push(fieldRequired(`${path}.openAPIV3Schema`, 'schemas are required'));
    return;
  }
  const found = schemaErrors(schema, `${path}.openAPIV3Schema`);
  errors.push(...found);
  if (found.length === 0) errors.push(...defaultErrors(schema, `${path}.openAPIV3Schema`));
  if (isObject(at(version, 'subresources', 'status'))) checkStatusRoot(schema, `${path}.openAPIV3Schema`, errors);
}

const ROOT_FIELDS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Enum',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];
const FORBIDDEN_AT_STATUS_ROOT = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'maxProperties',
  'minProperties',
  'default',
] as const;

function checkStatusRoot(schema: JsonObject, path: string, errors: FieldError[]): void {
  if (FORBIDDEN_AT_STATUS_ROOT.some((word) => schema[word] !== undefined)) {
    const why = `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
    errors.push(fieldInvalid(path, '<schema>', why));
  }
}

function checkSubresources(version: JsonObject, path: string, errors: FieldError[]): void {
  const scale = at(version, 'subresources', 'scale');
  if (!isObject(scale)) return;
  const required = [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ] as const;
  for (const [name, prefix] of required) {
    const value = textAt(scale, name);
    const where = `${path}.scale.${name}`;
    if (value === '') errors.push(fieldRequired(where, ''));
    else if (!isNames(value)) errors.push(fieldInvalid(where, value, 'must be a simple json path'));
    else if (!value.startsWith(prefix))
      errors.push(fieldInvalid(where, value, `should be a json path under ${prefix.slice(0, -1)}`));
  }
}

function isNames(path: string): boolean {
  try {
    return parseJsonPath(path).names !== undefined;
  } catch (error) {
    if (error instanceof JsonPathError) return false;
    throw error;
  }
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function checkColumns(version: JsonObject, path: string, errors: FieldError[]): void {
  const columns = version['additionalPrinterColumns'];
  for (const [i, column] of (isArray(columns) ? columns : []).entries()) {
    const where = `${path}[${i}]`;
    const type = textAt(column, 'type');
    const format = textAt(column, 'format');
    const path_ = textAt(column, 'jsonPath');
    if (textAt(column, 'name') === '') errors.push(fieldRequired(`${where}.name`, ''));
    if (type === '') errors.push(fieldRequired(`${where}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(type))
      errors.push(fieldInvalid(`${where}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      errors.push(fieldInvalid(`${where}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (path_ === '') errors.push(fieldRequired(`${where}.JSONPath`, ''));
    else checkJsonPath(path_, `${where}.JSONPath`, errors);
  }
}

function checkJsonPath(text: string, where: string, errors: FieldError[]): void {
  try {
    parseJsonPath(text);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    errors.push(fieldInvalid(where, text, error.message));
  }
}

function checkSelectable(version: JsonObject, path: string, errors: FieldError[]): void {
  const fields = version['selectableFields'];
  if (!isArray(fields)) return;
  const seen = new Set<string>();
  for (const [i, field] of fields.entries()) {
    const text = textAt(field, 'jsonPath');
    const where = `${path}[${i}].jsonPath`;
    if (text === '') {
      errors.push(fieldRequired(where, ''));
      continue;
    }
    const names = isNames(text) ? parseJsonPath(text).names : undefined;
    if (names === undefined)
      errors.push(fieldInvalid(where, text, 'is an invalid path: must be a simple path of field names'));
    else if (names[0] === 'metadata') errors.push(fieldInvalid(where, text, 'must not point to fields in metadata'));
    else if (!isSelectable(at(version, 'schema', 'openAPIV3Schema'), names)) {
      errors.push(
        fieldInvalid(
          where,
          text,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    }
    if (seen.has(text)) errors.push(fieldDuplicate(where, text));
    seen.add(text);
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) {
    errors.push({
      type: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${seen.size}: must have at most ${MAX_SELECTABLE_FIELDS} items`,
    });
  }
}

function isSelectable(schema: Json | undefined, names: readonly string[]): boolean {
  let current = schema;
  for (const name of names) current = at(current, 'properties', name);
  const type = textAt(current, 'type');
  return type === 'string' || type === 'boolean' || type === 'integer';
}

function checkNames(spec: JsonObject, errors: FieldError[]): void {
  const names = at(spec, 'names');
  for (const name of ['plural', 'singular', 'kind', 'listKind']) {
    if (textAt(names, name) === '') errors.push(fieldRequired(`spec.names.${name}`, ''));
  }
  const label = (field: string, value: string, before = ''): void => {
    const wrong = value === '' ? [] : dns1035Label(before === '' ? value : value.toLowerCase());
    if (wrong.length > 0) errors.push(fieldInvalid(`spec.names.${field}`, value, before + wrong.join(',')));
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  label('plural', textAt(names, 'plural'));
  label('singular', textAt(names, 'singular'));
  label('kind', textAt(names, 'kind'), mixed);
  label('listKind', textAt(names, 'listKind'), mixed);
  const kind = textAt(names, 'kind');
  if (kind !== '' && kind === textAt(names, 'listKind')) {
    errors.push(fieldInvalid('spec.names.listKind', kind, 'kind and listKind may not be the same'));
  }
  for (const list of ['shortNames', 'categories']) {
    const items = at(names, list);
    for (const [i, item] of (isArray(items) ? items : []).entries())
      if (typeof item === 'string') label(`${list}[${i}]`, item);
  }
}

function checkConversion(spec: JsonObject, errors: FieldError[]): void {
  const conversion = spec['conversion'];
  if (!isObject(conversion)) return;
  const strategy = textAt(conversion, 'strategy');
  if (strategy === '') errors.push(fieldRequired('spec.conversion.strategy', ''));
  else if (strategy === 'Webhook') {
    errors.push(
      fieldForbidden('spec.conversion.strategy', 'conversion webhooks are not supported by this server; use None'),
    );
  } else if (strategy !== 'None')
    errors.push(fieldNotSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']));
  else if (conversion['webhook'] !== undefined) {
    errors.push(
      fieldForbidden('spec.conversion.webhookClientConfig', 'should not be set when strategy is not set to Webhook'),
    );
  }
}

/** Groups of *.k8s.io and *.kubernetes.io need a link to their approval, or the word `unapproved`. Source: KEP-1111. */
function checkProtectedGroup(crd: KubeObject, errors: FieldError[]): void {
  const group = textAt(crd, 'spec', 'group');
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return;
  const approval = textAt(crd, 'metadata', 'annotations', 'api-approved.kubernetes.io');
  const path = 'metadata.annotations[api-approved.kubernetes.io]';
  if (approval === '') {
    errors.push(
      fieldRequired(
        path,
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
  } else if (!approval.startsWith('unapproved') && !/^https?:\/\/[^/]+/.test(approval)) {
    errors.push(
      fieldInvalid(
        path,
        approval,
        'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
  }
}
