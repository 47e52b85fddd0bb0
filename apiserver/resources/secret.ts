import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired, fieldTooLong } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import { at, isObject, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { parseJson, TextError } from '../scheme/json-text.ts';
import { objectMeta } from '../scheme/meta-v1.ts';
import { configMapKey } from '../scheme/names.ts';
import type { Schema } from '../scheme/schema.ts';
import { bool, kind, map, message, text } from '../scheme/shapes.ts';
import { ageColumn, column, countAt, nameColumn } from './columns.ts';
import { base64Bytes, MAX_DATA_BYTES } from './data-size.ts';

export const secret: Schema = kind(
  'io.k8s.api.core.v1.Secret',
  { group: '', version: 'v1', kind: 'Secret' },
  'Confidential data. All keys and values together are less than 1 MiB.',
  {
    metadata: message(1, objectMeta, 'Name, labels and the rest of what every object has.'),
    immutable: bool(5, 'When true, nothing but metadata can be changed any more.', { optional: true }),
    data: map(2, 'bytes', 'Bytes by key, in base64.'),
    stringData: map(4, 'string', 'Texts by key, merged into data on writes; never read.'),
    type: text(3, 'What the secret is for; decides which keys it must have.'),
  },
);

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** Secret: confidential data. Source: Kubernetes core/v1, apis/core/validation/secrets.go. */
export const secrets: ResourceDefinition = defineResource({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  schema: secret,
  fieldSelectors: { type: (object) => textAt(object, 'type') },
  strategy: {
    defaults: (object) => {
      mergeStringData(object);
      if (textAt(object, 'type') === '') object['type'] = 'Opaque';
    },
    validate,
    validateUpdate,
  },
  columns: [
    nameColumn,
    column('Type', 'What the secret is for.', (object) => textAt(object, 'type')),
    column('Data', 'How many keys there are.', (object) => countAt(object, 'data')),
    ageColumn,
  ],
});

/** stringData is for writing only: it goes into data. */
function mergeStringData(object: KubeObject): void {
  const texts = object['stringData'];
  if (!isObject(texts)) return;
  const data: JsonObject = { ...(object['data'] as JsonObject | undefined) };
  for (const [key, value] of Object.entries(texts)) data[key] = Buffer.from(String(value), 'utf8').toString('base64');
  object['data'] = data;
  delete object['stringData'];
}

function validate(object: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [key, value] of Object.entries(dataOf(object))) {
    for (const text of configMapKey(key)) errors.push(fieldInvalid(`data[${key}]`, key, text));
    sizeBytes += base64Bytes(value);
  }
  if (sizeBytes > MAX_DATA_BYTES) errors.push(fieldTooLong('data', MAX_DATA_BYTES));
  errors.push(...(RULES[textAt(object, 'type')]?.(object) ?? []));
  return errors;
}

function validateUpdate(next: KubeObject, old: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const type = next['type'] ?? '';
  if (type !== (old['type'] ?? '')) errors.push(fieldInvalid('type', type, 'field is immutable'));
  if (old['immutable'] !== true) return errors;
  const frozen = 'field is immutable when `immutable` is set';
  if (next['immutable'] !== true) errors.push(fieldForbidden('immutable', frozen));
  if (!sameJson(dataOf(next), dataOf(old))) errors.push(fieldForbidden('data', frozen));
  return errors;
}

/** What each type asks for. */
const RULES: Readonly<Record<string, (object: KubeObject) => readonly FieldError[]>> = {
  'kubernetes.io/service-account-token': (object) =>
    textAt(object, 'metadata', 'annotations', ACCOUNT_NAME) === ''
      ? [fieldRequired(`metadata.annotations[${ACCOUNT_NAME}]`, '')]
      : [],
  'kubernetes.io/dockercfg': (object) => jsonKey(object, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (object) => jsonKey(object, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (object) =>
    ['username', 'password'].some((key) => has(object, key))
      ? []
      : [fieldRequired('data[%s][username]', ''), fieldRequired('data[%s][password]', '')],
  'kubernetes.io/ssh-auth': (object) =>
    textAt(object, 'data', 'ssh-privatekey') === '' ? [fieldRequired('data[%s][ssh-privatekey]', '')] : [],
  'kubernetes.io/tls': (object) =>
    ['tls.crt', 'tls.key'].filter((key) => !has(object, key)).map((key) => fieldRequired(`data[${key}]`, '')),
};

function jsonKey(object: KubeObject, key: string): readonly FieldError[] {
  if (!has(object, key)) return [fieldRequired(`data[${key}]`, '')];
  const refuse = (why: string): readonly FieldError[] => [
    fieldInvalid(`data[${key}]`, '<secret contents redacted>', why),
  ];
  try {
    const { value } = parseJson(Buffer.from(textAt(object, 'data', key), 'base64').toString('utf8'));
    if (value === null || isObject(value)) return [];
    return refuse('json: cannot unmarshal into Go value of type map[string]interface {}');
  } catch (error) {
    if (error instanceof TextError) return refuse(error.message);
    throw error;
  }
}

const dataOf = (object: KubeObject): JsonObject => (isObject(object['data']) ? object['data'] : {});
const has = (object: KubeObject, key: string): boolean => at(object, 'data', key) !== undefined;
