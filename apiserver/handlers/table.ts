import { badRequest } from '../errors.ts';
import { ageOf } from '../printers/duration.ts';
import type { Column, ResourceDefinition } from '../registry/definition.ts';
import type { Json, JsonObject, KubeObject } from '../scheme/json.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';
export type MetaVersion = 'v1' | 'v1beta1';

export interface RowOptions {
  readonly includeObject: IncludeObject;
  readonly metaVersion: MetaVersion;
  readonly nowMs: number;
}

/** The query parameter of table answers. Errors: ApiError 400. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
}

/** The columnDefinitions of a Table. Source: Kubernetes meta/v1 TableColumnDefinition. */
export function tableHead(definition: ResourceDefinition): readonly JsonObject[] {
  return definition.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: format ?? '',
    description,
    priority,
  }));
}

/** One row of a Table. */
export function tableRow(definition: ResourceDefinition, object: KubeObject, options: RowOptions): JsonObject {
  const cells = definition.columns.map((column) => cellOf(column, object, options.nowMs));
  if (options.includeObject === 'None') return { cells };
  if (options.includeObject === 'Object') return { cells, object };
  const apiVersion = `meta.k8s.io/${options.metaVersion}`;
  return { cells, object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata ?? {} } };
}

/** Dates are shown as ages. */
function cellOf(column: Column, object: KubeObject, nowMs: number): Json {
  const value = column.of(object, nowMs);
  return column.type === 'date' && typeof value === 'string' ? ageOf(value, nowMs) : value;
}
