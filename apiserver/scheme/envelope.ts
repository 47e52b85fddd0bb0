import { Reader, WireError, Writer } from '../../proto/wire.ts';
import type { KubeObject } from './json.ts';
import { decodeMessage } from './protobuf-decode.ts';
import { encodeMessage } from './protobuf-encode.ts';
import { ProtobufError } from './protobuf-error.ts';
import type { Schema } from './schema.ts';

/** What Kubernetes' protobuf bodies begin with: `k8s` and a zero byte. Then comes runtime.Unknown. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00] as const;

export interface Enveloped {
  readonly object: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
}

export const isEnvelope = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

const NONE: ReadonlySet<number> = new Set();
const field = (number: number): number => (number << 3) | 2;

/**
 * Opens the envelope and decodes what is in it by the shape that `schemaFor` names; apiVersion and kind are not put into the object.
 * Errors: ProtobufError.
 */
export function decodeEnvelope(bytes: Uint8Array, schemaFor: (apiVersion: string, kind: string) => Schema): Enveloped {
  if (!isEnvelope(bytes)) throw new ProtobufError('provided data does not appear to be a protobuf message');
  const { apiVersion, kind, raw, contentEncoding } = openUnknown(bytes.subarray(MAGIC.length));
  if (contentEncoding !== '') throw new ProtobufError(`content encoding ${contentEncoding} is not supported`);
  return { object: decodeMessage(raw, schemaFor(apiVersion, kind)), apiVersion, kind };
}

/** An object in Kubernetes' protobuf form, in its envelope. */
export function encodeEnvelope(object: KubeObject, schema: Schema): Uint8Array {
  const writer = new Writer(1024);
  const typeMeta = writer.open(field(1));
  writer.text(field(1), object.apiVersion ?? '');
  writer.text(field(2), object.kind ?? '');
  writer.close(typeMeta);
  const raw = writer.open(field(2));
  encodeMessage(object, schema, writer);
  writer.close(raw);
  writer.text(field(3), '');
  writer.text(field(4), '');
  const unknown = writer.take();
  const bytes = new Uint8Array(MAGIC.length + unknown.length);
  bytes.set(MAGIC);
  bytes.set(unknown, MAGIC.length);
  return bytes;
}

/** runtime.Unknown: typeMeta = 1 {apiVersion = 1, kind = 2}, raw = 2, contentEncoding = 3, contentType = 4. */
function openUnknown(bytes: Uint8Array): {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentEncoding: string;
} {
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array(0);
  let contentEncoding = '';
  try {
    const reader = new Reader(bytes);
    while (reader.more()) {
      const tag = reader.tag();
      if (tag === field(1)) {
        const outer = reader.enter();
        while (reader.more()) {
          const inner = reader.tag();
          if (inner === field(1)) apiVersion = reader.text();
          else if (inner === field(2)) kind = reader.text();
          else reader.skip(inner, 'TypeMeta', NONE);
        }
        reader.leave(outer);
      } else if (tag === field(2)) raw = reader.bytes();
      else if (tag === field(3)) contentEncoding = reader.text();
      else reader.skip(tag, 'Unknown', NONE);
    }
  } catch (error) {
    if (error instanceof WireError) throw new ProtobufError(error.message);
    throw error;
  }
  return { apiVersion, kind, raw, contentEncoding };
}
