import type { JsonObject, KubeObject } from '../../../apiserver/scheme/json.ts';

/** A CRD of widgets.acme.example as it lies in the store after its creation; `schema` is v1's, `spec` replaces parts. */
export function widgetCrd(
  schema: JsonObject = { type: 'object' },
  spec: JsonObject = {},
  version: JsonObject = {},
): KubeObject {
  return {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata: { name: 'widgets.acme.example', uid: 'u1' },
    spec: {
      group: 'acme.example',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
      conversion: { strategy: 'None' },
      ...spec,
    },
    status: { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
  };
}
