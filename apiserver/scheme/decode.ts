import { utf8Text } from '../../base/bytes.ts';
import { ApiError, badRequest } from '../errors.ts';
import { decodeTyped, TypeMismatch } from './decode-typed.ts';
import { applyDefaults, dropNullsWithDefaults } from './defaults.ts';
import { decodeEnvelope, isEnvelope } from './envelope.ts';
import { isObject, type Json, type JsonObject, type KubeObject } from './json.ts';
import { type ParsedText, parseJson, TextError } from './json-text.ts';
import { objectMeta } from './meta-v1.ts';
import { ProtobufError } from './protobuf-error.ts';
import { prune } from './prune.ts';
import type { Schema } from './schema.ts';
import { parseYaml } from './yaml-text.ts';

export type MediaType = 'json' | 'yaml' | 'protobuf';
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What a body must be; a ResourceDefinition is one. */
export interface WantedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Schema;
  readonly builtIn: boolean;
}

/** A body as an object of the wanted kind. `faults`: `unknown field "spec.x"`, `duplicate field "a.b"`. */
export interface Decoded {
  readonly object: KubeObject;
  readonly faults: readonly string[];
}

/**
 * Reads a body: parses, checks apiVersion and kind (absent: those wanted), drops unknown fields, normalises nulls. Defaults are not yet applied.
 * Errors: ApiError 400 with kube-apiserver's texts.
 */
export function decodeBody(bytes: Uint8Array, mediaType: MediaType, wanted: WantedKind): Decoded {
  if (mediaType === 'protobuf') return { object: decodeProtobufBody(bytes, wanted), faults: [] };
  const parsed = parseBody(bytes, mediaType, wanted.kind);
  return conform(parsed.value, wanted, parsed.faults);
}

/** JSON or YAML text as a value, with the names that came twice. Errors: ApiError 400. */
export function parseBody(bytes: Uint8Array, mediaType: 'json' | 'yaml', kind: string): ParsedText {
  const text = utf8Text(bytes);
  try {
    return mediaType === 'json' ? parseJson(text) : parseYaml(text);
  } catch (error) {
    if (error instanceof TextError) {
      throw badRequest(
        `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error.message}`,
      );
    }
    throw error;
  }
}

/** The same for a value that is parsed already (the outcome of a patch); takes it over and changes it. `faults`: those known before. */
export function conform(value: Json, wanted: WantedKind, faults: readonly string[] = []): Decoded {
  const object = withKind(value, wanted);
  const found = [...faults];
  try {
    if (wanted.builtIn) decodeTyped(object, wanted.schema, found);
    else conformCustom(object, wanted.schema, found);
  } catch (error) {
    if (error instanceof TypeMismatch) throw cannotBeHandled(wanted, error.message);
    throw error;
  }
  return { object, faults: found };
}

/**
 * Applies a request's fieldValidation to what was found wrong. Errors: ApiError 400 `strict decoding error: …` with Strict.
 */
export function judgeFaults(
  decoded: Decoded,
  fieldValidation: FieldValidation,
  wanted: WantedKind,
  warn: (text: string) => void,
): KubeObject {
  if (decoded.faults.length > 0 && fieldValidation === 'Strict') {
    throw cannotBeHandled(wanted, `strict decoding error: ${decoded.faults.join(', ')}`);
  }
  if (fieldValidation === 'Warn') for (const fault of decoded.faults) warn(fault);
  return decoded.object;
}

/** The query parameter as a value. Errors: 422 as kube-apiserver for any other. */
export function fieldValidationOf(parameter: string | null): FieldValidation {
  if (parameter === null || parameter === '') return 'Warn';
  if (parameter === 'Ignore' || parameter === 'Warn' || parameter === 'Strict') return parameter;
  const message = `Unsupported value: "${parameter}": supported values: "Ignore", "Strict", "Warn"`;
  throw new ApiError(422, 'Invalid', `CreateOptions.meta.k8s.io "" is invalid: fieldValidation: ${message}`, {
    group: 'meta.k8s.io',
    kind: 'CreateOptions',
    causes: [{ reason: 'FieldValueNotSupported', message, field: 'fieldValidation' }],
  });
}

/** The schema's defaults, for an object of a request or of the store. Mutates. `strategy.defaults` comes after it. */
export function applySchemaDefaults(object: KubeObject, wanted: Pick<WantedKind, 'schema' | 'builtIn'>): void {
  if (!wanted.builtIn) dropNullsWithDefaults(object, wanted.schema);
  applyDefaults(object, wanted.schema);
}

/** `<Kind> in version "v1" cannot be handled as a <Kind>: …` */
export function cannotBeHandled(wanted: WantedKind, why: string, found: string = wanted.kind): ApiError {
  return badRequest(`${found} in version "${wanted.version}" cannot be handled as a ${wanted.kind}: ${why}`);
}

export const apiVersionOf = (kind: Pick<WantedKind, 'group' | 'version'>): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

function withKind(value: Json, wanted: WantedKind): KubeObject {
  if (!isObject(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${wanted.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${
        Array.isArray(value) ? 'array' : typeof value
      } into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  const apiVersion = apiVersionOf(wanted);
  const object = value as KubeObject;
  for (const field of ['apiVersion', 'kind'] as const) {
    const found: Json | undefined = object[field];
    if (found === undefined || found === null || found === '')
      object[field] = field === 'kind' ? wanted.kind : apiVersion;
    else if (typeof found !== 'string') {
      throw badRequest(
        `the object provided is unrecognized (must be of type ${wanted.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${typeof found} into Go struct field .${field} of type string`,
      );
    }
  }
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (object.kind !== wanted.kind) {
    const converting = `converting (${wanted.version}.${object.kind}) to (${wanted.group || 'core'}.${wanted.kind}): unknown conversion`;
    throw cannotBeHandled(wanted, converting, object.kind);
  }
  return object;
}

/** Custom resources: metadata as every object has it, the rest by the CRD's schema. */
function conformCustom(object: JsonObject, schema: Schema, faults: string[]): void {
  const metadata = object['metadata'];
  if (metadata === null) delete object['metadata'];
  else if (metadata !== undefined) decodeMetadata(metadata, faults);
  for (const path of prune(object, schema)) faults.push(`unknown field "${path}"`);
}

function decodeMetadata(metadata: Json, faults: string[]): void {
  const found: string[] = [];
  decodeTyped(metadata, objectMeta, found);
  for (const fault of found) faults.push(fault.replace('unknown field "', 'unknown field "metadata.'));
}

function decodeProtobufBody(bytes: Uint8Array, wanted: WantedKind): KubeObject {
  if (!isEnvelope(bytes)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${wanted.kind}): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]`,
    );
  }
  try {
    const { object, apiVersion, kind } = decodeEnvelope(bytes, () => wanted.schema);
    object.apiVersion = apiVersion;
    object.kind = kind;
    return withKind(object, wanted);
  } catch (error) {
    if (error instanceof ProtobufError) throw cannotBeHandled(wanted, error.message);
    throw error;
  }
}
