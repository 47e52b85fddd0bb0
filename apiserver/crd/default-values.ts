import { type FieldError, fieldInvalid } from '../errors.ts';
import { copyJson } from '../scheme/defaults.ts';
import { isObject, type Json, type JsonObject } from '../scheme/json.ts';
import { prune } from '../scheme/prune.ts';
import { validateSchema } from '../scheme/validate.ts';
import { schemaOf } from './schema-of.ts';

/** Defaults must be what their own schema allows: known fields and valid values. Source: apiextensions schema/defaulting/validation.go. */
export function defaultErrors(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const value = schema['default'];
  if (value !== undefined) checkDefault(value, schema, `${path}.default`, errors);
  if (isObject(schema['items'])) errors.push(...defaultErrors(schema['items'], `${path}.items`));
  if (isObject(schema['additionalProperties']))
    errors.push(...defaultErrors(schema['additionalProperties'], `${path}.additionalProperties`));
  for (const [name, child] of Object.entries(isObject(schema['properties']) ? schema['properties'] : {})) {
    if (isObject(child)) errors.push(...defaultErrors(child, `${path}.properties[${name}]`));
  }
  return errors;
}

function checkDefault(value: Json, props: JsonObject, path: string, errors: FieldError[]): void {
  // A frame of one property, because the walkers start at objects.
  const frame = { default: copyJson(value) };
  const schema = { type: 'object', properties: { default: schemaOf(props) } } as const;
  if (prune(frame, schema).length > 0) {
    errors.push(fieldInvalid(path, value, 'must not have unknown fields'));
    return;
  }
  const parent = path.slice(0, -'default'.length);
  for (const error of validateSchema({ default: copyJson(value) }, schema))
    errors.push({ ...error, field: `${parent}${error.field}` });
}
