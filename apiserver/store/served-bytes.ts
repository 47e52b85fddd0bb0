import type { JsonObject, KubeObject } from '../scheme/json.ts';
import { findProperty, type Span, skipValue } from './json-bytes.ts';

/**
 * The two forms of an object in bytes. *Stored*: `{"kind":…,"apiVersion":…,"metadata":{…},…}` without a resourceVersion. *Served*: the same with
 * `"resourceVersion":"N",` spliced in as the first field of metadata. Both have kind, apiVersion and metadata first, in this order.
 */

const METADATA = Buffer.from('"metadata":{');
const VERSION_FIELD = '"resourceVersion":"';

/** The stored form. The object's resourceVersion (and managedFields, which is not kept) is left out. */
export function encodeStored(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, managedFields: __, selfLink: ___, ...kept } = (metadata ?? {}) as JsonObject;
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: kept, ...rest }));
}

/** The served form of a decoded object, which carries its resourceVersion. */
export function encodeServed(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion, ...kept } = (metadata ?? {}) as JsonObject;
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: { ...version, ...kept }, ...rest }));
}

/** True for bytes in the stored form; what another server wrote may be laid out differently. */
export function isStoredForm(bytes: Buffer): boolean {
  return metadataStart(bytes) >= 0;
}

/** Stored bytes to served bytes. */
export function spliceResourceVersion(stored: Buffer, revision: number): Buffer {
  const at = metadataStart(stored) + METADATA.length;
  const empty = stored[at] === 0x7d;
  const field = `${VERSION_FIELD}${revision}"${empty ? '' : ','}`;
  const served = Buffer.allocUnsafe(stored.length + field.length);
  stored.copy(served, 0, 0, at);
  served.write(field, at, 'latin1');
  stored.copy(served, at + field.length, at);
  return served;
}

/** Served bytes with another resourceVersion (a DELETED event carries the deletion's). */
export function replaceResourceVersion(served: Buffer, revision: number): Buffer {
  const at = metadataStart(served) + METADATA.length + VERSION_FIELD.length;
  const end = served.indexOf(0x22, at);
  return Buffer.concat([served.subarray(0, at), Buffer.from(String(revision)), served.subarray(end)]);
}

/** Served bytes under another apiVersion, when the versions differ in nothing else. */
export function replaceApiVersion(served: Buffer, apiVersion: string): Buffer {
  const span = findProperty(served, 0, 'apiVersion');
  if (span === undefined) return served;
  return Buffer.concat([
    served.subarray(0, span.start),
    Buffer.from(JSON.stringify(apiVersion)),
    served.subarray(span.end),
  ]);
}

/** Where the object goes on after kind and apiVersion: items of a typed list are `{` and what starts here. */
export function bodyStart(served: Buffer): number {
  return metadataStart(served);
}

/** The whole metadata object. */
export function metadataSpan(served: Buffer): Span {
  const start = metadataStart(served) + METADATA.length - 1;
  return { start, end: skipValue(served, start) };
}

/** metadata.labels, decoded from the bytes alone. */
export function labelsIn(served: Buffer): Readonly<Record<string, string>> {
  const span = findProperty(served, metadataStart(served) + METADATA.length - 1, 'labels');
  if (span === undefined || served[span.start] !== 0x7b) return NO_LABELS;
  return Object.freeze(JSON.parse(served.toString('utf8', span.start, span.end)) as Record<string, string>);
}
const NO_LABELS = Object.freeze({});

const KIND = Buffer.from('{"kind":"');
const API_VERSION = Buffer.from('","apiVersion":"');

/** The offset of `"metadata":{` in bytes that start with kind and apiVersion; -1 when they are laid out otherwise. */
function metadataStart(bytes: Buffer): number {
  if (!liesAt(bytes, KIND, 0)) return -1;
  const kindEnd = bytes.indexOf(0x22, KIND.length);
  if (kindEnd < 0 || !liesAt(bytes, API_VERSION, kindEnd)) return -1;
  const versionEnd = bytes.indexOf(0x22, kindEnd + API_VERSION.length);
  return versionEnd >= 0 && liesAt(bytes, METADATA, versionEnd + 2) ? versionEnd + 2 : -1;
}

const liesAt = (bytes: Buffer, what: Buffer, at: number): boolean =>
  bytes.length >= at + what.length && bytes.compare(what, 0, what.length, at, at + what.length) === 0;
