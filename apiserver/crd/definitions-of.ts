import { defineResource, type ResourceDefinition, type Strategy, type Subresource } from '../registry/definition.ts';
import { ageColumn, nameColumn } from '../resources/columns.ts';
import { at, isArray, isObject, type Json, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { columnsOf } from './columns.ts';
import { isTrue } from './conditions.ts';
import { JsonPathError, parseJsonPath } from './json-path.ts';
import { acceptedNames } from './names.ts';
import { rootSchemaOf } from './schema-of.ts';

/** The versions of a CRD that are served now: none before it is established. A CRD on its way out takes no new objects. */
export function definitionsOf(crd: KubeObject): readonly ResourceDefinition[] {
  if (!isTrue(crd, 'Established')) return [];
  const versions = at(crd, 'spec', 'versions');
  return (isArray(versions) ? versions : [])
    .filter((version) => at(version, 'served') === true)
    .map((version) => definitionOf(crd, version));
}

/** The storage version, served or not: by it the objects of a CRD are found when the CRD goes. */
export function storageDefinitionOf(crd: KubeObject): ResourceDefinition | undefined {
  const versions = at(crd, 'spec', 'versions');
  const storage = (isArray(versions) ? versions : []).find((version) => at(version, 'storage') === true);
  return storage === undefined ? undefined : definitionOf(crd, storage);
}

function definitionOf(crd: KubeObject, version: Json): ResourceDefinition {
  const group = textAt(crd, 'spec', 'group');
  const names = acceptedNames(crd);
  const plural = textAt(crd, 'spec', 'names', 'plural');
  const singular = names.singular === '' ? names.kind.toLowerCase() : names.singular;
  const hasStatus = isObject(at(version, 'subresources', 'status'));
  const name = textAt(version, 'name');
  const warning = deprecation(version, `${group}/${name}`, names.kind);
  return defineResource({
    group,
    version: name,
    kind: names.kind,
    listKind: names.listKind,
    plural,
    singular,
    shortNames: names.shortNames,
    categories: names.categories,
    scope: textAt(crd, 'spec', 'scope') === 'Namespaced' ? 'Namespaced' : 'Cluster',
    verbs: isTrue(crd, 'Terminating')
      ? ['delete', 'deletecollection', 'get', 'list', 'watch']
      : ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    schema: {
      name: `${group.split('.').reverse().join('.')}.${name}.${names.kind}`,
      ...rootSchemaOf(at(version, 'schema', 'openAPIV3Schema')),
      groupVersionKinds: [{ group, version: name, kind: names.kind }],
    },
    storageVersion: storageVersionOf(crd),
    convert: (object, toVersion) => {
      object.apiVersion = `${group}/${toVersion}`;
      return object;
    },
    storagePath: `${group}/${plural}`,
    subresources: hasStatus ? [STATUS] : [],
    columns: [nameColumn, ...(columnsOf(version) ?? [ageColumn])],
    fieldSelectors: selectableFields(version),
    strategy: strategyOf(hasStatus),
    builtIn: false,
    strategicMerge: false,
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
  });
}

function storageVersionOf(crd: KubeObject): string {
  const versions = at(crd, 'spec', 'versions');
  return textAt(
    (isArray(versions) ? versions : []).find((version) => at(version, 'storage') === true),
    'name',
  );
}

function deprecation(version: Json, apiVersion: string, kind: string): string | undefined {
  if (at(version, 'deprecated') !== true) return undefined;
  const own = textAt(version, 'deprecationWarning');
  return own === '' ? `${apiVersion} ${kind} is deprecated` : own;
}

/** Everything but metadata counts as desired state, except the status where it is a subresource. */
function strategyOf(hasStatus: boolean): Strategy {
  return {
    allowUnconditionalUpdate: false,
    generationOf: (object) => {
      const { metadata: _m, apiVersion: _v, kind: _k, ...content } = object;
      if (hasStatus) delete content['status'];
      return content;
    },
    ...(hasStatus
      ? {
          prepareForCreate: (object: KubeObject) => {
            delete object['status'];
          },
          prepareForUpdate: (object: KubeObject, old: KubeObject) => {
            if (old['status'] === undefined) delete object['status'];
            else object['status'] = old['status'];
          },
        }
      : {}),
  };
}

/** PUT and PATCH of /status: everything is the old object's but status and managedFields. */
const STATUS: Subresource = {
  name: 'status',
  verbs: ['get', 'patch', 'update'],
  prepareForUpdate: (next, old) => {
    const status = next['status'];
    const managedFields = next.metadata?.['managedFields'];
    for (const name of Object.keys(next)) delete next[name];
    Object.assign(next, old);
    const metadata: JsonObject = { ...old.metadata };
    if (managedFields === undefined) delete metadata['managedFields'];
    else metadata['managedFields'] = managedFields;
    next.metadata = metadata;
    if (status === undefined) delete next['status'];
    else next['status'] = status;
  },
};

function selectableFields(version: Json): Record<string, (object: KubeObject) => string> {
  const fields: Record<string, (object: KubeObject) => string> = {};
  const declared = at(version, 'selectableFields');
  for (const field of isArray(declared) ? declared : []) {
    const text = textAt(field, 'jsonPath');
    try {
      const path = parseJsonPath(text);
      fields[text.replace(/^\./, '')] = (object) => {
        const value = path.find(object)[0];
        return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
      };
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
    }
  }
  return fields;
}
