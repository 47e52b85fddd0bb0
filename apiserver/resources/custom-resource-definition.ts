import { defineResource, type ResourceDefinition, type Subresource } from '../registry/definition.ts';
import { at, isObject, type KubeObject, textAt } from '../scheme/json.ts';
import { column, nameColumn } from './columns.ts';
import { customResourceDefinition } from './crd-schema.ts';
import type { BuiltInServices } from './services.ts';

/** CustomResourceDefinition: how the API grows. What it brings about is not told here. Source: Kubernetes apiextensions.k8s.io/v1. */
export function customResourceDefinitions(services: BuiltInServices): ResourceDefinition {
  const rules = services.customResourceDefinitions ?? {};
  return defineResource({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    scope: 'Cluster',
    schema: customResourceDefinition,
    subresources: [status],
    strategy: {
      ...rules,
      allowUnconditionalUpdate: false,
      generationOf: (object) => object['spec'],
      defaults,
      prepareForCreate: (object) => {
        delete object['status'];
        rules.prepareForCreate?.(object);
      },
      prepareForUpdate: (object, old) => {
        keep('status', object, old);
        rules.prepareForUpdate?.(object, old);
      },
    },
    columns: [
      nameColumn,
      column('Created At', 'When the object was made.', (object) => textAt(object, 'metadata', 'creationTimestamp')),
    ],
  });
}

const status: Subresource = {
  name: 'status',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate: (next, old) => keep('spec', next, old),
};

/** Source: apiextensions v1 defaults.go. */
function defaults(object: KubeObject): void {
  const spec = object['spec'];
  if (!isObject(spec)) return;
  if (!isObject(spec['conversion'])) spec['conversion'] = { strategy: 'None' };
  const service = at(spec, 'conversion', 'webhook', 'clientConfig', 'service');
  if (isObject(service)) service['port'] ??= 443;
  const names = spec['names'];
  if (!isObject(names)) return;
  const kind = textAt(names, 'kind');
  if (kind === '') return;
  if (textAt(names, 'singular') === '') names['singular'] = kind.toLowerCase();
  if (textAt(names, 'listKind') === '') names['listKind'] = `${kind}List`;
}

function keep(field: string, next: KubeObject, old: KubeObject): void {
  if (old[field] === undefined) delete next[field];
  else next[field] = old[field];
}
