import { Writer } from '../../proto/wire.ts';
import { type JsonEntry, type JsonNode, parseJson, positionOf, textOf } from './json-tree.ts';
import { type Field, type Shape, shapeOf } from './shapes.ts';
import { base64Of, enumOf, integerOf } from './values.ts';

/** JSON that is no message of the wanted type. The message is that of Go's protojson, which etcd's gateway gives to clients. */
export class JsonValueError extends Error {
  override readonly name = 'JsonValueError';
}

const INITIAL_BYTES = 256;
const LENGTH_DELIMITED = 2;

/**
 * The encoded message that JSON stands for: fields by either of their names, 64 bits as text or number, bytes as base64,
 * enums by name or number, null as absent, unknown fields and enum names left out. `source` is a byte string that
 * JsonScanner has let pass. Errors: JsonValueError. Source: protobuf's JSON mapping as protobuf-go reads it.
 */
export function messageFromJson(message: string, source: string): Uint8Array {
  const writer = new Writer(INITIAL_BYTES + source.length);
  new Translation(source, writer).message(shapeOf(message), parseJson(source));
  return writer.take();
}

class Translation {
  readonly #source: string;
  readonly #writer: Writer;

  constructor(source: string, writer: Writer) {
    this.#source = source;
    this.#writer = writer;
  }

  message(shape: Shape, node: JsonNode): void {
    if (node.kind !== 'object') throw this.#unexpected(node);
    const seen = new Set<number>();
    const oneofs = new Set<string>();
    for (const entry of node.entries) {
      const field = shape.byName.get(this.#text(entry));
      if (field === undefined) continue;
      if (seen.has(field.number)) throw this.#at(entry.at, `duplicate field ${utf8(entry.raw)}`);
      seen.add(field.number);
      if (entry.value.kind === 'null') continue;
      this.#checkOneof(field, entry, oneofs);
      this.#field(field, entry.value);
    }
  }

  #checkOneof({ oneof }: Field, entry: JsonEntry, seen: Set<string>): void {
    if (oneof === undefined) return;
    if (seen.has(oneof)) {
      throw this.#at(entry.at, `error parsing ${utf8(entry.raw)}, oneof ${oneof} is already set`);
    }
    seen.add(oneof);
  }

  #field(field: Field, node: JsonNode): void {
    if (!field.repeated) {
      this.#value(field, node);
      return;
    }
    if (node.kind !== 'array') throw this.#unexpected(node);
    for (const item of node.items) this.#value(field, item);
  }

  #value(field: Field, node: JsonNode): void {
    const writer = this.#writer;
    const varint = field.number * 8;
    const delimited = varint + LENGTH_DELIMITED;
    switch (field.type) {
      case 'message': {
        const start = writer.open(delimited);
        this.message(shapeOf(field.of ?? ''), node);
        writer.close(start);
        return;
      }
      case 'bool':
        if (node.kind !== 'bool') throw this.#invalid(field, node);
        writer.bool(varint, node.raw === 'true');
        return;
      case 'string':
        writer.text(delimited, node.kind === 'string' ? this.#text(node) : this.#refuse(field, node));
        return;
      case 'bytes':
        writer.bytes(delimited, base64Of(this.#stringOf(field, node)) ?? this.#refuse(field, node));
        return;
      case 'enum': {
        const number = enumOf(field, node.kind, node.kind === 'string' ? this.#text(node) : rawOf(node));
        if (number === 'unknown name') return;
        writer.int32(varint, number ?? this.#refuse(field, node));
        return;
      }
      case 'int32':
      case 'uint32':
      case 'int64':
      case 'uint64': {
        const text = node.kind === 'string' ? this.#text(node) : node.kind === 'number' ? node.raw : '';
        writer.bigint(varint, integerOf(field.type, text) ?? this.#refuse(field, node));
      }
    }
  }

  #stringOf(field: Field, node: JsonNode): string {
    return node.kind === 'string' ? this.#text(node) : this.#refuse(field, node);
  }

  #text(node: { readonly at: number; readonly raw: string }): string {
    const text = textOf(node.raw);
    if (text === undefined) throw this.#syntax(node.at, 'invalid UTF-8 in string');
    return text;
  }

  #refuse(field: Field, node: JsonNode): never {
    throw this.#invalid(field, node);
  }

  #invalid(field: Field, node: JsonNode): JsonValueError {
    return this.#at(node.at, `invalid value for ${field.type} field ${field.jsonName}: ${rawOf(node)}`);
  }

  #unexpected(node: JsonNode): JsonValueError {
    return this.#syntax(node.at, `unexpected token ${rawOf(node)}`);
  }

  #at(at: number, text: string): JsonValueError {
    return new JsonValueError(`proto: (line ${positionOf(this.#source, at)}): ${text}`);
  }

  #syntax(at: number, text: string): JsonValueError {
    return new JsonValueError(`proto: syntax error (line ${positionOf(this.#source, at)}): ${text}`);
  }
}

function rawOf(node: JsonNode): string {
  if (node.kind === 'object') return '{';
  return node.kind === 'array' ? '[' : utf8(node.raw);
}

function utf8(byteString: string): string {
  return Buffer.from(byteString, 'latin1').toString('utf8');
}
