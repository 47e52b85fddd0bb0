import type { ResourceDefinition, Subresource } from '../registry/definition.ts';
import { deleteOptions, status } from '../scheme/meta-v1.ts';
import type { Schema } from '../scheme/schema.ts';
import { publishedKinds } from './kinds.ts';
import { PARAMETERS, type QueryParameter } from './parameters.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';
export type Action = 'list' | 'get' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection';

/** One operation, before it is written down in either version of OpenAPI. */
export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly action: Action;
  readonly id: string;
  readonly description: string;
  readonly tag: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly QueryParameter[];
  readonly body?: { readonly schema: Schema; readonly required: boolean };
  /** Media types of a patch body. */
  readonly patchTypes?: readonly string[];
  readonly answer: Schema;
  readonly codes: readonly (200 | 201 | 202)[];
  readonly stream: boolean;
  readonly builtIn: boolean;
}

/** The operations of a resource and its subresources. Source: apiserver endpoints/installer.go for names and actions. */
export function operationsOf(definition: ResourceDefinition): readonly Operation[] {
  const prefix = prefixOf(definition);
  const namespaced = definition.scope === 'Namespaced';
  const collection = `${prefix}${namespaced ? '/namespaces/{namespace}' : ''}/${definition.plural}`;
  const site: Site = { definition, scope: namespaced ? 'Namespaced' : '', gv: goGroupVersion(definition) };
  const operations = [...collectionOperations(site, collection), ...itemOperations(site, `${collection}/{name}`)];
  if (namespaced && definition.verbs.includes('list')) {
    const everywhere = { ...site, scope: '' };
    operations.push({
      ...listOperation(everywhere, `${prefix}/${definition.plural}`),
      id: `list${site.gv}${definition.kind}ForAllNamespaces`,
    });
  }
  for (const subresource of definition.subresources) {
    operations.push(...subresourceOperations(site, `${collection}/{name}/${subresource.name}`, subresource));
  }
  return operations;
}

interface Site {
  readonly definition: ResourceDefinition;
  readonly scope: string;
  readonly gv: string;
}

export const prefixOf = ({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const words = (group: string): readonly string[] =>
  group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split(/[.-]/);

/** `CoreV1`, `RbacAuthorizationV1`, `StableExampleComV1`. */
export const goGroupVersion = ({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string =>
  [...words(group), version].map(capital).join('');

/** `core_v1`, `rbacAuthorization_v1`. */
export const tagOf = ({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string =>
  `${words(group)
    .map((word, i) => (i === 0 ? word : capital(word)))
    .join('')}_${version}`;

function base(
  site: Site,
  path: string,
): Omit<Operation, 'method' | 'action' | 'id' | 'description' | 'parameters' | 'answer' | 'codes'> {
  const { group, version, kind, builtIn } = site.definition;
  return { path, tag: tagOf(site.definition), kind: { group, version, kind }, stream: false, builtIn };
}

function listOperation(site: Site, path: string): Operation {
  const { definition, scope, gv } = site;
  return {
    ...base(site, path),
    method: 'get',
    action: 'list',
    id: `list${gv}${scope}${definition.kind}`,
    description: `list or watch objects of kind ${definition.kind}`,
    parameters: PARAMETERS.list,
    answer: publishedKinds(definition).list,
    codes: [200],
    stream: definition.verbs.includes('watch'),
  };
}

function collectionOperations(site: Site, path: string): Operation[] {
  const { definition, scope, gv } = site;
  const { verbs, kind } = definition;
  const operations: Operation[] = [];
  if (verbs.includes('list')) operations.push(listOperation(site, path));
  if (verbs.includes('create')) operations.push(createOperation(site, path, kind));
  if (verbs.includes('deletecollection')) {
    operations.push({
      ...base(site, path),
      method: 'delete',
      action: 'deletecollection',
      id: `delete${gv}Collection${scope}${kind}`,
      description: `delete collection of ${kind}`,
      parameters: PARAMETERS.deletecollection,
      body: { schema: deleteOptions, required: false },
      answer: status,
      codes: [200],
    });
  }
  return operations;
}

function createOperation(site: Site, path: string, kind: string): Operation {
  const schema = publishedKinds(site.definition).kind;
  return {
    ...base(site, path),
    method: 'post',
    action: 'post',
    id: `create${site.gv}${site.scope}${kind}`,
    description: `create ${article(kind)} ${kind}`,
    parameters: PARAMETERS.write,
    body: { schema, required: true },
    answer: schema,
    codes: [200, 201, 202],
  };
}

const article = (kind: string): string => (/^[AEIOU]/.test(kind) ? 'an' : 'a');

function itemOperations(site: Site, path: string): Operation[] {
  const { definition } = site;
  const operations: Operation[] = [];
  const common = { schema: publishedKinds(definition).kind, suffix: '', what: `the specified ${definition.kind}` };
  if (definition.verbs.includes('get')) operations.push(getOperation(site, path, common));
  if (definition.verbs.includes('update')) operations.push(putOperation(site, path, common));
  if (definition.verbs.includes('delete')) {
    operations.push({
      ...base(site, path),
      method: 'delete',
      action: 'delete',
      id: `delete${site.gv}${site.scope}${definition.kind}`,
      description: `delete ${article(definition.kind)} ${definition.kind}`,
      parameters: PARAMETERS.delete,
      body: { schema: deleteOptions, required: false },
      answer: status,
      codes: [200, 202],
    });
  }
  if (definition.verbs.includes('patch')) operations.push(patchOperation(site, path, common));
  return operations;
}

interface Subject {
  readonly schema: Schema;
  readonly suffix: string;
  readonly what: string;
}

const idOf = (verb: string, site: Site, { suffix }: Subject): string =>
  `${verb}${site.gv}${site.scope}${site.definition.kind}${suffix}`;

const getOperation = (site: Site, path: string, subject: Subject): Operation => ({
  ...base(site, path),
  method: 'get',
  action: 'get',
  id: idOf('read', site, subject),
  description: `read ${subject.what}`,
  parameters: PARAMETERS.get,
  answer: subject.schema,
  codes: [200],
});

const putOperation = (site: Site, path: string, subject: Subject): Operation => ({
  ...base(site, path),
  method: 'put',
  action: 'put',
  id: idOf('replace', site, subject),
  description: `replace ${subject.what}`,
  parameters: PARAMETERS.write,
  body: { schema: subject.schema, required: true },
  answer: subject.schema,
  codes: [200, 201],
});

const patchOperation = (site: Site, path: string, subject: Subject): Operation => ({
  ...base(site, path),
  method: 'patch',
  action: 'patch',
  id: idOf('patch', site, subject),
  description: `partially update ${subject.what}`,
  parameters: PARAMETERS.patch,
  body: { schema: PATCH, required: true },
  patchTypes: [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(site.definition.strategicMerge ? ['application/strategic-merge-patch+json'] : []),
  ],
  answer: subject.schema,
  codes: [200, 201],
});

const PATCH: Schema = {
  name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch',
  description: 'A patch, in the form that Content-Type names.',
  type: 'object',
};

function subresourceOperations(site: Site, path: string, subresource: Subresource): readonly Operation[] {
  const { definition } = site;
  const subject: Subject = {
    schema: subresource.kind?.schema ?? publishedKinds(definition).kind,
    suffix: capital(subresource.name),
    what: `${subresource.name} of the specified ${definition.kind}`,
  };
  const { group, version, kind } = subresource.kind ?? definition;
  return subresource.verbs.map((verb) => ({
    ...subresourceOperation(site, path, subject, verb),
    kind: { group, version, kind },
  }));
}

function subresourceOperation(
  site: Site,
  path: string,
  subject: Subject,
  verb: Subresource['verbs'][number],
): Operation {
  switch (verb) {
    case 'get':
      return getOperation(site, path, subject);
    case 'update':
      return putOperation(site, path, subject);
    case 'patch':
      return patchOperation(site, path, subject);
    case 'create':
      return {
        ...base(site, path),
        method: 'post',
        action: 'post',
        id: idOf('create', site, subject),
        description: `create ${subject.what}`,
        parameters: PARAMETERS.write,
        body: { schema: subject.schema, required: true },
        answer: subject.schema,
        codes: [200, 201, 202],
      };
  }
}
