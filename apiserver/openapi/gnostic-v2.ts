import { isObject, type Json, type JsonObject } from '../scheme/json.ts';
import {
  any,
  anys,
  type Contents,
  double,
  either,
  type FieldWriter,
  fields,
  flag,
  integer,
  message,
  messages,
  named,
  text,
  texts,
  toBytes,
  wrapped,
} from './gnostic-writer.ts';

/** An OpenAPI v2 document as gnostic's openapi.v2.Document. Source: google/gnostic-models OpenAPIv2.proto. */
export const encodeV2 = (document: JsonObject): Buffer => toBytes(document, documentContents);

/** Schemas are recursive: looked up when they are written. */
const schema: FieldWriter = (number, json, writer) => message(schemaContents)(number, json, writer);
const isBoolean = (json: Json): boolean => typeof json === 'boolean';

const schemaContents: Contents = fields(
  {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, integer],
    minLength: [12, integer],
    pattern: [13, text],
    maxItems: [14, integer],
    minItems: [15, integer],
    uniqueItems: [16, flag],
    maxProperties: [17, integer],
    minProperties: [18, integer],
    required: [19, texts],
    enum: [20, anys],
    additionalProperties: [21, either(isBoolean, wrapped(2, flag), wrapped(1, schema))],
    type: [22, wrapped(1, texts)],
    items: [23, wrapped(1, schema)],
    allOf: [24, (number, json, writer) => messages(schemaContents)(number, json, writer)],
    properties: [25, wrapped(1, named(schema))],
  },
  31,
);

const info = fields({ title: [1, text], version: [2, text], description: [3, text] }, 7);

const bodyParameter = fields(
  { description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] },
  6,
);
const queryParameter = fields(
  {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    format: [7, text],
    uniqueItems: [20, flag],
  },
  23,
);
const pathParameter = fields(
  {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    format: [6, text],
    uniqueItems: [19, flag],
  },
  22,
);

/** ParametersItem {parameter = 1 {body = 1 | non-body = 2 {header, form, query = 3, path = 4}}}. */
const parameter: FieldWriter = wrapped(1, (number, json, writer) => {
  const place = isObject(json) ? json['in'] : '';
  const form =
    place === 'body'
      ? wrapped(1, message(bodyParameter))
      : wrapped(2, place === 'path' ? wrapped(4, message(pathParameter)) : wrapped(3, message(queryParameter)));
  form(number, json, writer);
});
const parameters: FieldWriter = (number, json, writer) => {
  for (const one of Array.isArray(json) ? json : []) parameter(number, one, writer);
};

const response = fields({ description: [1, text], schema: [2, wrapped(1, schema)] }, 5);
const operation = fields(
  {
    tags: [1, texts],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, parameters],
    responses: [9, wrapped(1, named(wrapped(1, message(response))))],
    schemes: [10, texts],
    deprecated: [11, flag],
  },
  13,
);
const pathItem = fields(
  {
    get: [2, message(operation)],
    put: [3, message(operation)],
    post: [4, message(operation)],
    delete: [5, message(operation)],
    options: [6, message(operation)],
    head: [7, message(operation)],
    patch: [8, message(operation)],
    parameters: [9, parameters],
  },
  10,
);
const apiKey = fields({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] }, 5);

const documentContents = fields(
  {
    swagger: [1, text],
    info: [2, message(info)],
    paths: [8, wrapped(2, named(message(pathItem)))],
    definitions: [9, wrapped(1, named(schema))],
    security: [12, messages((json, writer) => named(wrapped(1, texts))(1, json, writer))],
    securityDefinitions: [13, wrapped(1, named(wrapped(2, message(apiKey))))],
  },
  16,
);
