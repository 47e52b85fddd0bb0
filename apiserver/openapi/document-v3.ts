import type { ResourceDefinition } from '../registry/definition.ts';
import type { JsonObject } from '../scheme/json.ts';
import type { Schema } from '../scheme/schema.ts';
import { DefinitionSet } from './definition-set.ts';
import { apiResourceListShape } from './discovery-shapes.ts';
import { goGroupVersion, type Operation, operationsOf, prefixOf, tagOf } from './operations.ts';
import { PRETTY, type QueryParameter } from './parameters.ts';

export interface DocumentInfo {
  readonly title: string;
  readonly version: string;
}

const CODES: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** The OpenAPI v3 document of one group version. */
export function documentV3(definitions: readonly ResourceDefinition[], info: DocumentInfo): JsonObject {
  const schemas = new DefinitionSet('v3');
  const paths: JsonObject = {};
  const first = definitions[0];
  if (first !== undefined) paths[`${prefixOf(first)}/`] = { get: resourcesOperation(first, schemas) };
  for (const definition of definitions) {
    for (const operation of operationsOf(definition)) {
      const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path) }) as JsonObject;
      item[operation.method] = operationV3(operation, schemas);
    }
  }
  return wholeDocument(info, paths, schemas);
}

/** A document of a single GET that answers a named shape: `/api/`, `/apis/`, `/apis/<group>/`. */
export function getterV3(
  path: string,
  what: { readonly id: string; readonly tag: string; readonly description: string; readonly answer: Schema },
  info: DocumentInfo,
): JsonObject {
  const schemas = new DefinitionSet('v3');
  const { id, tag, description, answer } = what;
  const get = {
    tags: [tag],
    description,
    operationId: id,
    responses: responses([200], contents(answer, mediaTypes(true, false), schemas)),
  };
  return wholeDocument(info, { [path]: { get } }, schemas);
}

function wholeDocument(info: DocumentInfo, paths: JsonObject, schemas: DefinitionSet): JsonObject {
  const securitySchemes = {
    BearerToken: { type: 'apiKey', description: 'Bearer token', name: 'authorization', in: 'header' },
  };
  const components: JsonObject = { schemas: schemas.json(), securitySchemes };
  return { openapi: '3.0.0', info: { ...info }, paths, components };
}

function resourcesOperation(first: ResourceDefinition, schemas: DefinitionSet): JsonObject {
  return {
    tags: [tagOf(first)],
    description: 'get available resources',
    operationId: `get${goGroupVersion(first)}APIResources`,
    responses: responses([200], contents(apiResourceListShape, mediaTypes(true, false), schemas)),
  };
}

function pathParameters(path: string): JsonObject[] {
  const named = [
    ['{name}', 'name', 'Name of the object.'],
    ['{namespace}', 'namespace', 'Namespace of the object.'],
  ] as const;
  const parameters: JsonObject[] = named
    .filter(([placeholder]) => path.includes(placeholder))
    .map(([, name, description]) => ({
      name,
      in: 'path',
      description,
      required: true,
      schema: { type: 'string', uniqueItems: true },
    }));
  return [...parameters, queryParameter(PRETTY)];
}

const queryParameter = ({ name, type, description }: QueryParameter): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});

function operationV3(operation: Operation, schemas: DefinitionSet): JsonObject {
  const { body, patchTypes } = operation;
  const json: JsonObject = { tags: [operation.tag], description: operation.description, operationId: operation.id };
  if (operation.parameters.length > 0) json['parameters'] = operation.parameters.map(queryParameter);
  if (body !== undefined) {
    json['requestBody'] = {
      content: contents(body.schema, patchTypes ?? ['*/*'], schemas),
      ...(body.required ? { required: true } : {}),
    };
  }
  json['responses'] = responses(
    operation.codes,
    contents(operation.answer, mediaTypes(operation.builtIn, operation.stream), schemas),
  );
  json['x-kubernetes-action'] = operation.action;
  json['x-kubernetes-group-version-kind'] = { ...operation.kind };
  return json;
}

function responses(codes: readonly number[], content: JsonObject): JsonObject {
  const json: JsonObject = {};
  for (const code of codes) json[String(code)] = { description: CODES[code] ?? '', content };
  json['401'] = { description: 'Unauthorized' };
  return json;
}

function mediaTypes(builtIn: boolean, stream: boolean): readonly string[] {
  const plain = ['application/json', 'application/yaml', ...(builtIn ? ['application/vnd.kubernetes.protobuf'] : [])];
  return stream ? [...plain, 'application/json;stream=watch'] : plain;
}

function contents(schema: Schema, types: readonly string[], schemas: DefinitionSet): JsonObject {
  const json: JsonObject = {};
  for (const type of types) json[type] = { schema: schemas.refer(schema) };
  return json;
}
