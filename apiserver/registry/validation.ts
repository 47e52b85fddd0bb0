import { type FieldError, invalid } from '../errors.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../scheme/metadata.ts';
import { validateSchema } from '../scheme/validate.ts';
import type { ResourceDefinition, Subresource } from './definition.ts';
import { metaOf } from './object-meta.ts';

/** Errors: ApiError 422 with a cause per fault. */
export function validateNew(definition: ResourceDefinition, object: KubeObject): void {
  const rules = {
    namespaced: definition.scope === 'Namespaced',
    ...(definition.strategy.validateName ? { validateName: definition.strategy.validateName } : {}),
  };
  refuse(definition, object, [
    ...validateObjectMeta(metaOf(object), rules),
    ...validateSchema(object, definition.schema),
    ...(definition.strategy.validate?.(object) ?? []),
  ]);
}

/** Errors: ApiError 422 with a cause per fault. */
export function validateChanged(
  definition: ResourceDefinition,
  next: KubeObject,
  old: KubeObject,
  subresource: Subresource | undefined,
): void {
  const { strategy } = definition;
  const own =
    subresource === undefined
      ? [...(strategy.validate?.(next) ?? []), ...(strategy.validateUpdate?.(next, old) ?? [])]
      : (subresource.validateUpdate?.(next, old) ?? []);
  refuse(definition, next, [
    ...validateObjectMetaUpdate(metaOf(next), metaOf(old)),
    ...validateSchema(next, definition.schema),
    ...own,
  ]);
}

function refuse(definition: ResourceDefinition, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(definition, textAt(object, 'metadata', 'name'), errors);
}
