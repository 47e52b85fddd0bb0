import type { ResourceDefinition } from '../registry/definition.ts';
import type { JsonObject } from '../scheme/json.ts';
import { DefinitionSet } from './definition-set.ts';
import type { DocumentInfo } from './document-v3.ts';
import { type Operation, operationsOf } from './operations.ts';
import { PRETTY, type QueryParameter } from './parameters.ts';

const CODES: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** The one OpenAPI v2 document of everything served. */
export function documentV2(definitions: readonly ResourceDefinition[], info: DocumentInfo): JsonObject {
  const schemas = new DefinitionSet('v2');
  const paths: JsonObject = {};
  for (const definition of definitions) {
    for (const operation of operationsOf(definition)) {
      const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path) }) as JsonObject;
      item[operation.method] = operationV2(operation, schemas);
    }
  }
  return {
    swagger: '2.0',
    info: { ...info },
    paths,
    definitions: schemas.json(),
    securityDefinitions: {
      BearerToken: { description: 'Bearer token', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
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
      uniqueItems: true,
      type: 'string',
      description,
      name,
      in: 'path',
      required: true,
    }));
  return [...parameters, queryParameter(PRETTY)];
}

const queryParameter = ({ name, type, description }: QueryParameter): JsonObject => ({
  uniqueItems: true,
  type,
  description,
  name,
  in: 'query',
});

function operationV2(operation: Operation, schemas: DefinitionSet): JsonObject {
  const { body, patchTypes, parameters } = operation;
  const produces = [
    'application/json',
    'application/yaml',
    ...(operation.builtIn ? ['application/vnd.kubernetes.protobuf'] : []),
  ];
  const bodyParameter: JsonObject[] =
    body === undefined
      ? []
      : [
          {
            name: 'body',
            in: 'body',
            ...(body.required ? { required: true } : {}),
            schema: schemas.refer(body.schema),
          },
        ];
  const responses: JsonObject = {};
  for (const code of operation.codes) {
    responses[String(code)] = { description: CODES[code] ?? '', schema: schemas.refer(operation.answer) };
  }
  responses['401'] = { description: 'Unauthorized' };
  return {
    description: operation.description,
    consumes: [...(patchTypes ?? ['*/*'])],
    produces: operation.stream ? [...produces, 'application/json;stream=watch'] : produces,
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    parameters: [...bodyParameter, ...parameters.map(queryParameter)],
    responses,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': { ...operation.kind },
  };
}
