import { stringify } from 'yaml';
import type { CachedObject } from '../cache/types.ts';
import type { Json } from '../scheme/json.ts';
import type { ListMeta, ObjectForm } from './forms.ts';
import { HANDLER_LIMITS } from './limits.ts';
import type { OutputForm } from './negotiation.ts';
import { bytesReply, type Reply } from './reply.ts';

/** How the text is laid out. */
export interface Layout {
  readonly mediaType: OutputForm['mediaType'];
  readonly pretty: boolean;
}

const NEWLINE = Buffer.from('\n');

/** An answer of one JSON document that is at hand. */
export function documentReply(status: number, json: Buffer | string, layout: Layout): Reply {
  const body = typeof json === 'string' ? Buffer.from(json) : json;
  return bytesReply(status, layout.mediaType, lay(body, layout));
}

function lay(json: Buffer, { mediaType, pretty }: Layout): Buffer {
  const small = json.length <= HANDLER_LIMITS.maxPrettyBytes;
  // Every JSON text is a YAML text: what is too long to be laid out stays as it is.
  if (mediaType === 'application/yaml' && json.length <= HANDLER_LIMITS.maxYamlBytes)
    return Buffer.from(stringify(JSON.parse(json.toString('utf8')), { aliasDuplicateObjects: false }));
  if (pretty && small) return Buffer.from(`${JSON.stringify(JSON.parse(json.toString('utf8')) as Json, null, 2)}\n`);
  return json.at(-1) === 0x0a ? json : Buffer.concat([json, NEWLINE]);
}

/** A list: head, items with commas between, tail. Long ones are not put together but written in coalesced chunks. */
export function listReply(form: ObjectForm, meta: ListMeta, items: readonly CachedObject[], layout: Layout): Reply {
  const parts: Buffer[] = [Buffer.from(form.listHead(meta))];
  let sizeBytes = 0;
  for (const [index, object] of items.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(...form.item(object));
  }
  parts.push(Buffer.from(form.listTail));
  for (const part of parts) sizeBytes += part.length;
  const plain =
    layout.mediaType === 'application/json' && !(layout.pretty && sizeBytes <= HANDLER_LIMITS.maxPrettyBytes);
  if (!plain || sizeBytes <= HANDLER_LIMITS.chunkBytes)
    return documentReply(200, Buffer.concat(parts, sizeBytes), layout);
  const headers = { 'content-type': 'application/json' };
  return { type: 'chunks', status: 200, headers, chunks: coalesce(parts), sizeBytes };
}

const COMMA = Buffer.from(',');

/** Puts small pieces together until a chunk is full; large ones go as they are. */
export function* coalesce(parts: Iterable<Buffer>): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(HANDLER_LIMITS.chunkBytes);
  let used = 0;
  for (const part of parts) {
    if (used + part.length > chunk.length) {
      if (used > 0) yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafe(HANDLER_LIMITS.chunkBytes);
      used = 0;
    }
    if (part.length > chunk.length) yield part;
    else used += part.copy(chunk, used);
  }
  if (used > 0) yield chunk.subarray(0, used);
}
