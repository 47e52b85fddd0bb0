import { ageOf } from '../printers/duration.ts';
import type { Column } from '../registry/definition.ts';
import { at, isArray, isObject, type Json, type KubeObject, textAt } from '../scheme/json.ts';

/** A column of text. */
export function column(
  name: string,
  description: string,
  of: (object: KubeObject, nowMs: number) => Json,
  options: { readonly type?: Column['type']; readonly format?: string; readonly priority?: number } = {},
): Column {
  return {
    name,
    type: options.type ?? 'string',
    ...(options.format ? { format: options.format } : {}),
    description,
    priority: options.priority ?? 0,
    of,
  };
}

export const nameColumn: Column = column(
  'Name',
  'Name of the object, unique in its namespace.',
  (object) => textAt(object, 'metadata', 'name'),
  { format: 'name' },
);

export const ageColumn: Column = column('Age', 'How long ago the object was made.', (object, nowMs) =>
  ageOf(at(object, 'metadata', 'creationTimestamp'), nowMs),
);

/** How many items or keys lie at a path. */
export function countAt(object: KubeObject, ...path: readonly string[]): number {
  const value = at(object, ...path);
  if (isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}
