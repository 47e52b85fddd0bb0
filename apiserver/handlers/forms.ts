import type { CachedObject } from '../cache/types.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { bytesInVersion, objectInVersion } from '../registry/stored-form.ts';
import { apiVersionOf } from '../scheme/decode.ts';
import type { Json, JsonObject } from '../scheme/json.ts';
import { bodyStart, metadataSpan } from '../store/served-bytes.ts';
import type { OutputForm } from './negotiation.ts';
import { type IncludeObject, type MetaVersion, tableHead, tableRow } from './table.ts';

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** One item of a list: `before`, then bytes[start, end), then `after`. */
export interface Item {
  readonly before: Buffer;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly after: Buffer;
}

/** How objects of a resource look in answers: as they are, as metadata only, or as rows of a table. All from encoded bytes where that is possible. */
export interface ObjectForm {
  /** Equal for forms whose bytes are equal: events are encoded once for each. */
  readonly key: string;
  /** One object standing alone. */
  object(object: CachedObject): Buffer;
  /** What comes before, between and after the items of a list. */
  listHead(meta: ListMeta): string;
  item(object: CachedObject): Item;
  /** Items are made when asked for, at some cost; else they lie in the objects. */
  readonly makesItems: boolean;
  readonly listTail: string;
  /** The object of a BOOKMARK. */
  bookmark(resourceVersion: number, annotations: JsonObject | undefined): Buffer;
}

export function formFor(
  definition: ResourceDefinition,
  output: OutputForm,
  includeObject: IncludeObject,
  now: () => number,
): ObjectForm {
  switch (output.as) {
    case undefined:
      return plainForm(definition);
    case 'Table':
      return tableForm(definition, output.metaVersion, includeObject, now);
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return partialForm(output.metaVersion);
  }
}

const OPEN = Buffer.from('{');
const NOTHING = Buffer.alloc(0);
const whole = (bytes: Buffer): Item => ({ before: NOTHING, bytes, start: 0, end: bytes.length, after: NOTHING });

function plainForm(definition: ResourceDefinition): ObjectForm {
  const apiVersion = apiVersionOf(definition);
  return {
    key: `plain ${definition.kind}.${apiVersion}`,
    object: (object) => bytesInVersion(definition, object),
    listHead: (meta) => `${head(definition.listKind, apiVersion)}"metadata":${JSON.stringify(meta)},"items":[`,
    // Items of built-in lists are typed by the list; custom ones say what they are.
    item: (object) => {
      const bytes = bytesInVersion(definition, object);
      if (!definition.builtIn) return whole(bytes);
      return {
        before: OPEN,
        bytes,
        start: bytes === object.bytes ? object.bodyStart : bodyStart(bytes),
        end: bytes.length,
        after: NOTHING,
      };
    },
    makesItems: false,
    listTail: ']}\n',
    bookmark: (resourceVersion, annotations) => bookmarkOf(definition.kind, apiVersion, resourceVersion, annotations),
  };
}

function partialForm(metaVersion: string): ObjectForm {
  const apiVersion = `meta.k8s.io/${metaVersion}`;
  const opening = Buffer.from(`${head('PartialObjectMetadata', apiVersion)}"metadata":`);
  const closing = Buffer.from('}');
  const item = ({ bytes }: CachedObject): Item => ({ before: opening, bytes, ...metadataSpan(bytes), after: closing });
  return {
    key: `partial ${metaVersion}`,
    object: (object) => {
      const { before, bytes, start, end, after } = item(object);
      return Buffer.concat([before, bytes.subarray(start, end), after]);
    },
    listHead: (meta) => `${head('PartialObjectMetadataList', apiVersion)}"metadata":${JSON.stringify(meta)},"items":[`,
    item,
    makesItems: false,
    listTail: ']}\n',
    bookmark: (resourceVersion, annotations) =>
      bookmarkOf('PartialObjectMetadata', apiVersion, resourceVersion, annotations),
  };
}

function tableForm(
  definition: ResourceDefinition,
  metaVersion: MetaVersion,
  includeObject: IncludeObject,
  now: () => number,
): ObjectForm {
  const apiVersion = `meta.k8s.io/${metaVersion}`;
  const columns = JSON.stringify(tableHead(definition));
  const listHead = (meta: ListMeta): string =>
    `${head('Table', apiVersion)}"metadata":${JSON.stringify(meta)},"columnDefinitions":${columns},"rows":[`;
  const row = (object: CachedObject): Buffer => {
    const decoded = objectInVersion(definition, object);
    return Buffer.from(JSON.stringify(tableRow(definition, decoded, { includeObject, metaVersion, nowMs: now() })));
  };
  return {
    // Ages move on: rows are only shared within one event.
    key: `table ${definition.kind}.${apiVersionOf(definition)} ${metaVersion} ${includeObject}`,
    object: (object) =>
      Buffer.concat([
        Buffer.from(listHead({ resourceVersion: String(object.resourceVersion) })),
        row(object),
        Buffer.from(']}'),
      ]),
    listHead,
    item: (object) => whole(row(object)),
    makesItems: true,
    listTail: ']}\n',
    bookmark: (resourceVersion, annotations) => {
      const metadata: JsonObject = {
        resourceVersion: String(resourceVersion),
        ...(annotations ? { annotations } : {}),
      };
      const object: Json = { kind: 'PartialObjectMetadata', apiVersion, metadata };
      const rows = [{ cells: tableHead(definition).map(() => ''), object }];
      return Buffer.from(`${listHead({ resourceVersion: String(resourceVersion) })}${JSON.stringify(rows).slice(1)}}`);
    },
  };
}

const head = (kind: string, apiVersion: string): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;

function bookmarkOf(
  kind: string,
  apiVersion: string,
  resourceVersion: number,
  annotations: JsonObject | undefined,
): Buffer {
  const metadata = { resourceVersion: String(resourceVersion), ...(annotations ? { annotations } : {}) };
  return Buffer.from(`${head(kind, apiVersion)}"metadata":${JSON.stringify(metadata)}}`);
}
