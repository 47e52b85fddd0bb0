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

/** An OpenAPI v3 document as gnostic's openapi.v3.Document. Source: google/gnostic-models OpenAPIv3.proto. */
export const encodeV3 = (document: JsonObject): Buffer => toBytes(document, documentContents);

const isBoolean = (json: Json): boolean => typeof json === 'boolean';
const isReference = (json: Json): boolean => isObject(json) && json['$ref'] !== undefined;

const reference = fields({ $ref: [1, text], summary: [2, text], description: [3, text] }, 0);
/** SchemaOrReference {schema = 1, reference = 2}; schemas are recursive: looked up when they are written. */
const schema: FieldWriter = either(
  isReference,
  wrapped(2, message(reference)),
  wrapped(1, (number, json, writer) => message(schemaContents)(number, json, writer)),
);
const schemas: FieldWriter = (number, json, writer) => {
  for (const one of Array.isArray(json) ? json : []) schema(number, one, writer);
};
/** DefaultType {number = 1, boolean = 2, string = 3}: objects and lists have no form there. */
const defaultType: FieldWriter = (number, json, writer) => {
  if (typeof json === 'number') wrapped(1, double)(number, json, writer);
  else if (typeof json === 'boolean') wrapped(2, flag)(number, json, writer);
  else if (typeof json === 'string') wrapped(3, text)(number, json, writer);
};

const schemaContents: Contents = fields(
  {
    nullable: [1, flag],
    readOnly: [3, flag],
    example: [7, any],
    deprecated: [8, flag],
    title: [9, text],
    multipleOf: [10, double],
    maximum: [11, double],
    exclusiveMaximum: [12, flag],
    minimum: [13, double],
    exclusiveMinimum: [14, flag],
    maxLength: [15, integer],
    minLength: [16, integer],
    pattern: [17, text],
    maxItems: [18, integer],
    minItems: [19, integer],
    uniqueItems: [20, flag],
    maxProperties: [21, integer],
    minProperties: [22, integer],
    required: [23, texts],
    enum: [24, anys],
    type: [25, text],
    allOf: [26, schemas],
    oneOf: [27, schemas],
    anyOf: [28, schemas],
    not: [29, (number, json, writer) => message(schemaContents)(number, json, writer)],
    items: [30, wrapped(1, schema)],
    properties: [31, wrapped(1, named(schema))],
    additionalProperties: [32, either(isBoolean, wrapped(2, flag), wrapped(1, schema))],
    default: [33, defaultType],
    description: [34, text],
    format: [35, text],
  },
  36,
);

const info = fields({ title: [1, text], description: [2, text], version: [6, text] }, 7);
const mediaType = fields({ schema: [1, schema] }, 5);
const content: FieldWriter = wrapped(1, named(message(mediaType)));
const parameter = fields(
  { name: [1, text], in: [2, text], description: [3, text], required: [4, flag], schema: [10, schema] },
  14,
);
const parameters: FieldWriter = (number, json, writer) => {
  for (const one of Array.isArray(json) ? json : []) wrapped(1, message(parameter))(number, one, writer);
};
const requestBody = fields({ description: [1, text], content: [2, content], required: [3, flag] }, 4);
const response = fields({ description: [1, text], content: [3, content] }, 5);
const operation = fields(
  {
    tags: [1, texts],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    parameters: [6, parameters],
    requestBody: [7, wrapped(1, message(requestBody))],
    responses: [8, wrapped(2, named(wrapped(1, message(response))))],
    deprecated: [10, flag],
  },
  13,
);
const pathItem = fields(
  {
    get: [4, message(operation)],
    put: [5, message(operation)],
    post: [6, message(operation)],
    delete: [7, message(operation)],
    options: [8, message(operation)],
    head: [9, message(operation)],
    patch: [10, message(operation)],
    parameters: [13, parameters],
  },
  14,
);
const securityScheme = fields({ type: [1, text], description: [2, text], name: [3, text], in: [4, text] }, 9);
const components = fields(
  {
    schemas: [1, wrapped(1, named(schema))],
    securitySchemes: [7, wrapped(1, named(wrapped(1, message(securityScheme))))],
  },
  10,
);

const documentContents = fields(
  {
    openapi: [1, text],
    info: [2, message(info)],
    paths: [4, wrapped(1, named(message(pathItem)))],
    components: [5, message(components)],
    security: [6, messages((json, writer) => named(wrapped(1, texts))(1, json, writer))],
  },
  9,
);
