import type { CachedObject } from '../cache/types.ts';
import { apiVersionOf, applySchemaDefaults, decodeBody } from '../scheme/decode.ts';
import { copyJson } from '../scheme/defaults.ts';
import type { KubeObject } from '../scheme/json.ts';
import { prune } from '../scheme/prune.ts';
import {
  encodeServed,
  encodeStored,
  isStoredForm,
  replaceApiVersion,
  spliceResourceVersion,
} from '../store/served-bytes.ts';
import type { ResourceDefinition } from './definition.ts';
import { metaOf } from './object-meta.ts';

/** Between what lies in the store and what a version of a resource shows. */

/** The apiVersion objects are stored under. */
export const storedApiVersion = (definition: ResourceDefinition): string =>
  apiVersionOf({ group: definition.storageGroup ?? definition.group, version: definition.storageVersion });

/** What kube-apiserver puts before values in protobuf. */
const PROTOBUF_MAGIC = Buffer.from('k8s\0');

/**
 * Stored bytes to served bytes in the storage version. Built-ins in our own form are only spliced; custom resources are pruned and defaulted
 * anew, because their schema may have changed since they were written. `storage` is the definition of the storage version.
 */
export function servedBytes(storage: ResourceDefinition, value: Buffer, revision: number): Buffer {
  if (storage.builtIn && isStoredForm(value)) return spliceResourceVersion(value, revision);
  return spliceResourceVersion(encodeStored(refresh(storage, parseStored(storage, value))), revision);
}

/** Errors: ApiError for what cannot be read. */
function parseStored(storage: ResourceDefinition, value: Buffer): KubeObject {
  const isProtobuf = value.subarray(0, PROTOBUF_MAGIC.length).equals(PROTOBUF_MAGIC);
  return isProtobuf
    ? decodeBody(value, 'protobuf', storage).object
    : (JSON.parse(value.toString('utf8')) as KubeObject);
}

/** Brings an object of `definition`'s version up to its present schema. Mutates and returns. */
function refresh(definition: ResourceDefinition, object: KubeObject): KubeObject {
  if (!definition.builtIn) prune(object, definition.schema);
  return applyAllDefaults(definition, object);
}

/** The schema's defaults, then the strategy's. Mutates and returns. */
export function applyAllDefaults(definition: ResourceDefinition, object: KubeObject): KubeObject {
  applySchemaDefaults(object, definition);
  definition.strategy.defaults?.(object);
  return object;
}

/**
 * A stored value as an object of `definition`'s version, with resourceVersion. The caller owns it. `storage`: the definition of the version it is
 * stored in.
 */
export function objectFromStore(
  definition: ResourceDefinition,
  storage: ResourceDefinition,
  value: Buffer,
  revision: number,
): KubeObject {
  const foreign = storedApiVersion(definition) !== apiVersionOf(definition);
  const stored = parseStored(storage, value);
  const object = refresh(definition, foreign ? toVersion(definition, stored, apiVersionOf(definition)) : stored);
  metaOf(object)['resourceVersion'] = String(revision);
  return object;
}

/** The bytes to store of an object in `definition`'s version, which is not changed. */
export function bytesForStore(definition: ResourceDefinition, object: KubeObject): Buffer {
  const stored = storedApiVersion(definition);
  return encodeStored(stored === apiVersionOf(definition) ? object : toVersion(definition, copyJson(object), stored));
}

const written = new WeakMap<KubeObject, Buffer>();

/** Tells the bytes that an object in `definition`'s version was stored as, so that its answer need not be encoded anew. */
export function rememberWritten(
  definition: ResourceDefinition,
  object: KubeObject,
  stored: Buffer,
  revision: number,
): void {
  if (storedApiVersion(definition) === apiVersionOf(definition))
    written.set(object, spliceResourceVersion(stored, revision));
}

/** The served form of an object of a request, which carries its resourceVersion. */
export const servedForm = (object: KubeObject): Buffer => written.get(object) ?? encodeServed(object);

/** Mutates and returns. */
function toVersion(definition: ResourceDefinition, object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const converted = definition.convert === undefined ? object : definition.convert(object, version);
  converted.apiVersion = apiVersion;
  return converted;
}

const converted = new WeakMap<CachedObject, Map<string, Buffer>>();

/** The bytes of a cached object in `definition`'s version; made once per object and version. */
export function bytesInVersion(definition: ResourceDefinition, cached: CachedObject): Buffer {
  const wanted = apiVersionOf(definition);
  if (storedApiVersion(definition) === wanted) return cached.bytes;
  let forms = converted.get(cached);
  if (forms === undefined) converted.set(cached, (forms = new Map()));
  let bytes = forms.get(wanted);
  if (bytes === undefined) forms.set(wanted, (bytes = convertBytes(definition, cached.bytes, wanted)));
  return bytes;
}

/** Served bytes of the storage version to served bytes of `definition`'s version. */
export function convertBytes(
  definition: ResourceDefinition,
  served: Buffer,
  wanted = apiVersionOf(definition),
): Buffer {
  if (storedApiVersion(definition) === wanted) return served;
  if (definition.builtIn && definition.convert === undefined) return replaceApiVersion(served, wanted);
  const object = JSON.parse(served.toString('utf8')) as KubeObject;
  return encodeServed(refresh(definition, toVersion(definition, object, wanted)));
}

/** The decoded form of a cached object in `definition`'s version. Frozen when the stored version is asked for. */
export function objectInVersion(definition: ResourceDefinition, cached: CachedObject): KubeObject {
  if (storedApiVersion(definition) === apiVersionOf(definition)) return cached.object();
  return JSON.parse(bytesInVersion(definition, cached).toString('utf8')) as KubeObject;
}
