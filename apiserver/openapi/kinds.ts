import type { ResourceDefinition } from '../registry/definition.ts';
import { listMeta, objectMeta } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { list, listKind, message } from '../scheme/shapes.ts';

const kinds = new WeakMap<ResourceDefinition, { readonly kind: Schema; readonly list: Schema }>();

/** The shapes of a resource's kind and of its list as they are published; the same records every time. */
export function publishedKinds(definition: ResourceDefinition): { readonly kind: Schema; readonly list: Schema } {
  const known = kinds.get(definition);
  if (known !== undefined) return known;
  const kind = definition.builtIn ? definition.schema : customKind(definition);
  const published = { kind, list: publishedList(definition, kind) };
  kinds.set(definition, published);
  return published;
}

const placeOf = (field: { readonly schema: Schema }): Schema => field.schema;

/** The name a custom kind is published under: `io.acme.v1.Widget` for widgets.acme.io. */
export const customName = ({ group, version, kind }: ResourceDefinition): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

/** A custom kind always has what every object has, whatever its schema says. */
function customKind(definition: ResourceDefinition): Schema {
  const { schema, group, version, kind } = definition;
  const rest = { ...schema.properties };
  for (const field of ['apiVersion', 'kind', 'metadata']) delete rest[field];
  return {
    ...schema,
    name: schema.name ?? customName(definition),
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: 'Versioned schema of this object.' },
      kind: { type: 'string', description: 'What this object is, in CamelCase.' },
      metadata: placeOf(
        message(1, objectMeta, 'Name, labels and the rest of what every object has.', { optional: true }),
      ),
      ...rest,
    },
    groupVersionKinds: [{ group, version, kind }],
  };
}

function publishedList(definition: ResourceDefinition, kind: Schema): Schema {
  const generic = listKind(kind, listMeta);
  const { group, version, listKind: name } = definition;
  return {
    ...generic,
    name: `${(kind.name ?? '').slice(0, -definition.kind.length)}${name}`,
    groupVersionKinds: [{ group, version, kind: name }],
    properties: {
      ...generic.properties,
      items: placeOf(list(2, kind, 'The objects.', { required: true })),
    },
  };
}
