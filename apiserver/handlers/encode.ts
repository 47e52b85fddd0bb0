import type { CachedObject } from '../cache/types.ts';
import type { Json } from '../scheme/json.ts';
import { yaml } from '../scheme/yaml-library.ts';
import type { Item, ListMeta, ObjectForm } from './forms.ts';
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
    return Buffer.from(yaml().stringify(JSON.parse(json.toString('utf8')), { aliasDuplicateObjects: false }));
  if (pretty && small) return Buffer.from(`${JSON.stringify(JSON.parse(json.toString('utf8')) as Json, null, 2)}\n`);
  return json.at(-1) === 0x0a ? json : Buffer.concat([json, NEWLINE]);
}

/** A list: head, items with commas between, tail. Long ones are not put together: their parts are written as they are taken. */
export function listReply(form: ObjectForm, meta: ListMeta, objects: readonly CachedObject[], layout: Layout): Reply {
  const head = Buffer.from(form.listHead(meta));
  const tail = Buffer.from(form.listTail);
  // What is made of the objects is kept from the count to the writing.
  const made = form.makesItems ? objects.map((object) => form.item(object)) : undefined;
  const itemAt = (index: number): Item => made?.[index] ?? form.item(objects[index] as CachedObject);
  let sizeBytes = head.length + tail.length + Math.max(0, objects.length - 1);
  for (let index = 0; index < objects.length; index++) sizeBytes += sizeOf(itemAt(index));
  const list = { head, tail, count: objects.length, itemAt };
  const plain =
    layout.mediaType === 'application/json' && !(layout.pretty && sizeBytes <= HANDLER_LIMITS.maxPrettyBytes);
  if (!plain || sizeBytes <= HANDLER_LIMITS.chunkBytes)
    return documentReply(200, Buffer.concat([...listChunks(list)].flat(), sizeBytes), layout);
  const headers = { 'content-type': 'application/json' };
  return { type: 'chunks', status: 200, headers, chunks: listChunks(list), sizeBytes };
}

interface List {
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly count: number;
  readonly itemAt: (index: number) => Item;
}

const sizeOf = ({ before, start, end, after }: Item): number => before.length + end - start + after.length;
const COMMA = Buffer.from(',');

/** The bytes of a list, in pieces of some size: views of the objects, which nobody copies before they are framed. */
function* listChunks({ head, tail, count, itemAt }: List): Generator<readonly Buffer[]> {
  let parts: Buffer[] = [head];
  let sizeBytes = head.length;
  for (let index = 0; index < count; index++) {
    const { before, bytes, start, end, after } = itemAt(index);
    if (index > 0) parts.push(COMMA);
    if (before.length > 0) parts.push(before);
    parts.push(bytes.subarray(start, end));
    if (after.length > 0) parts.push(after);
    sizeBytes += end - start;
    if (sizeBytes < HANDLER_LIMITS.chunkBytes) continue;
    yield parts;
    parts = [];
    sizeBytes = 0;
  }
  parts.push(tail);
  yield parts;
}

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
