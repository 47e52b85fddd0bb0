import { type FieldError, fieldForbidden, fieldInvalid, fieldTooLong } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { isObject, type KubeObject } from '../scheme/json.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { configMapKey } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, kind, map, message } from '../scheme/shapes.ts';
import { ageColumn, column, countAt, nameColumn } from './columns.ts';
import { base64Bytes, MAX_DATA_BYTES, textBytes } from './data-size.ts';

export const configMap: Schema = kind(
  'io.k8s.api.core.v1.ConfigMap',
  { group: '', version: 'v1', kind: 'ConfigMap' },
  'Configuration data for others to read.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    immutable: bool(4, 'When true, nothing but metadata can be changed any more.', { optional: true }),
    data: map(2, 'string', 'Texts by key. Keys are alphanumeric with - _ and .; none may be in binaryData too.'),
    binaryData: map(3, 'bytes', 'Bytes by key, for what is not UTF-8.'),
  },
);

/** ConfigMap: configuration data. Source: Kubernetes core/v1. */
export const configMaps: ResourceDefinition = defineResource({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  scope: 'Namespaced',
  schema: configMap,
  strategy: { validate, validateUpdate },
  columns: [
    nameColumn,
    column('Data', 'How many keys there are.', (map) => countAt(map, 'data') + countAt(map, 'binaryData'), {
      type: 'string',
    }),
    ageColumn,
  ],
});

function validate(map: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { data, binaryData } = map;
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(isObject(data) ? data : {})) {
    for (const text of configMapKey(key)) errors.push(fieldInvalid(`data[${key}]`, key, text));
    if (isObject(binaryData) && Object.hasOwn(binaryData, key)) {
      errors.push(fieldInvalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    sizeBytes += textBytes(value);
  }
  for (const [key, value] of Object.entries(isObject(binaryData) ? binaryData : {})) {
    for (const text of configMapKey(key)) errors.push(fieldInvalid(`binaryData[${key}]`, key, text));
    sizeBytes += base64Bytes(value);
  }
  if (sizeBytes > MAX_DATA_BYTES) errors.push(fieldTooLong('', MAX_DATA_BYTES));
  return errors;
}

function validateUpdate(next: KubeObject, old: KubeObject): readonly FieldError[] {
  if (old['immutable'] !== true) return [];
  const errors: FieldError[] = [];
  const frozen = 'field is immutable when `immutable` is set';
  if (next['immutable'] !== true) errors.push(fieldForbidden('immutable', frozen));
  for (const field of ['data', 'binaryData']) {
    if (!sameJson(next[field] ?? {}, old[field] ?? {})) errors.push(fieldForbidden(field, frozen));
  }
  return errors;
}
