import type { Column } from '../registry/definition.ts';
import { at, isArray, isObject, type Json, type JsonObject, textAt } from '../scheme/json.ts';
import { type JsonPath, JsonPathError, parseJsonPath } from './json-path.ts';

/** The columns of a version's additionalPrinterColumns; undefined when it has none (then the age is shown). */
export function columnsOf(version: Json): readonly Column[] | undefined {
  const columns = at(version, 'additionalPrinterColumns');
  if (!isArray(columns) || columns.length === 0) return undefined;
  return columns.filter(isObject).map(columnOf);
}

function columnOf(column: JsonObject): Column {
  const type = textAt(column, 'type') as Column['type'];
  const format = textAt(column, 'format');
  const priority = column['priority'];
  const description = textAt(column, 'description');
  const path = pathOf(textAt(column, 'jsonPath'));
  return {
    name: textAt(column, 'name'),
    type,
    ...(format === '' ? {} : { format }),
    description:
      description === ''
        ? `Custom resource definition column (in JSONPath format): ${textAt(column, 'jsonPath')}`
        : description,
    priority: typeof priority === 'number' ? priority : 0,
    of: (object) => cell(path?.find(object)[0], type),
  };
}

function pathOf(text: string): JsonPath | undefined {
  try {
    return parseJsonPath(text);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined; // stored before it was checked: an empty cell
    throw error;
  }
}

/** A value as a cell of its column's type; null when it does not fit. Source: apiextensions tableconvertor. */
function cell(value: Json | undefined, type: Column['type']): Json {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'integer': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : null;
    }
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : null;
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? value : '<invalid>';
  }
}
