import { badRequest } from '../errors.ts';
import { ageOf } from '../printers/duration.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { isString, type Json, type JsonObject, type KubeObject } from '../scheme/json.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The query parameter of table answers. Errors: ApiError 400. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
}

/** columnDefinitions. */
export function tableHead(definition: ResourceDefinition): readonly JsonObject[] {
  return definition.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type: type === 'date' ? 'string' : type,
    format: format ?? '',
    description,
    priority,
  }));
}

export function tableRow(
  definition: ResourceDefinition,
  object: KubeObject,
  options: { readonly includeObject: IncludeObject; readonly metaVersion: string; readonly nowMs: number },
): JsonObject {
  const cells = definition.columns.map((column): Json => {
    const cell = column.of(object, options.nowMs);
    return column.type === 'date' && isString(cell) ? ageOf(cell, options.nowMs) : cell;
  });
  switch (options.includeObject) {
    case 'None':
      return { cells };
    case 'Object':
      return { cells, object };
    case 'Metadata': {
      const apiVersion = `meta.k8s.io/${options.metaVersion}`;
      return { cells, object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata ?? {} } };
    }
  }
}
