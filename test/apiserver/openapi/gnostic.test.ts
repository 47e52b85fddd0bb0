import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { encodeV2 } from '../../../apiserver/openapi/gnostic-v2.ts';
import { encodeV3 } from '../../../apiserver/openapi/gnostic-v3.ts';
import type { JsonObject } from '../../../apiserver/scheme/json.ts';

/** The parts of gnostic's messages that clients of Kubernetes read, by their published numbers. */
const COMMON = `
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }`;
const V2 = `syntax = "proto3"; ${COMMON}
  message Document { string swagger = 1; Paths paths = 8; Definitions definitions = 9; }
  message Paths { repeated NamedPathItem path = 2; }
  message NamedPathItem { string name = 1; PathItem value = 2; }
  message PathItem { Operation patch = 8; }
  message Operation { string operation_id = 5; repeated ParametersItem parameters = 8; repeated NamedAny vendor_extension = 13; }
  message ParametersItem { Parameter parameter = 1; }
  message Parameter { BodyParameter body_parameter = 1; NonBodyParameter non_body_parameter = 2; }
  message BodyParameter { string name = 2; string in = 3; Schema schema = 5; }
  message NonBodyParameter { Query query_parameter_sub_schema = 3; Path path_parameter_sub_schema = 4; }
  message Query { string in = 2; string name = 4; string type = 6; }
  message Path { bool required = 1; string in = 2; string name = 4; }
  message Definitions { repeated NamedSchema additional_properties = 1; }
  message NamedSchema { string name = 1; Schema value = 2; }
  message Schema { string ref = 1; string description = 4; double maximum = 7; repeated string required = 19; repeated Any enum = 20;
    Additional additional_properties = 21; TypeItem type = 22; ItemsItem items = 23; Properties properties = 25; repeated NamedAny vendor_extension = 31; }
  message Additional { Schema schema = 1; bool boolean = 2; }
  message TypeItem { repeated string value = 1; }
  message ItemsItem { repeated Schema schema = 1; }
  message Properties { repeated NamedSchema additional_properties = 1; }`;
const V3 = `syntax = "proto3"; ${COMMON}
  message Document { string openapi = 1; Components components = 5; }
  message Components { Schemas schemas = 1; }
  message Schemas { repeated Named additional_properties = 1; }
  message Named { string name = 1; SchemaOrReference value = 2; }
  message SchemaOrReference { Schema schema = 1; Reference reference = 2; }
  message Reference { string ref = 1; }
  message Schema { bool nullable = 1; string type = 25; repeated SchemaOrReference all_of = 26; ItemsItem items = 30; Schemas properties = 31;
    DefaultType default = 33; string description = 34; repeated NamedAny specification_extension = 36; }
  message ItemsItem { repeated SchemaOrReference schema_or_reference = 1; }
  message DefaultType { double number = 1; bool boolean = 2; string string = 3; }`;

function read(proto: string, bytes: Uint8Array): unknown {
  const type = protobuf.parse(proto).root.lookupType('Document');
  return JSON.parse(JSON.stringify(type.toObject(type.decode(bytes), {})));
}

test('a v2 document as protobuf', () => {
  const document: JsonObject = {
    swagger: '2.0',
    paths: {
      '/a/{name}': {
        patch: {
          operationId: 'patchA',
          parameters: [
            { name: 'body', in: 'body', schema: { $ref: '#/definitions/A' } },
            { name: 'dryRun', in: 'query', type: 'string' },
            { name: 'name', in: 'path', required: true, type: 'string' },
          ],
          'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'A' },
        },
      },
    },
    definitions: {
      A: {
        description: 'd',
        type: 'object',
        required: ['l'],
        maximum: 1.5,
        enum: ['x', 1],
        additionalProperties: { type: 'string' },
        properties: { l: { type: 'array', items: { $ref: '#/definitions/B' }, 'x-kubernetes-list-map-keys': ['k'] } },
      },
    },
  };
  assert.deepEqual(read(V2, encodeV2(document)), {
    swagger: '2.0',
    paths: {
      path: [
        {
          name: '/a/{name}',
          value: {
            patch: {
              operationId: 'patchA',
              parameters: [
                { parameter: { bodyParameter: { name: 'body', in: 'body', schema: { ref: '#/definitions/A' } } } },
                {
                  parameter: {
                    nonBodyParameter: { queryParameterSubSchema: { name: 'dryRun', in: 'query', type: 'string' } },
                  },
                },
                {
                  parameter: {
                    nonBodyParameter: { pathParameterSubSchema: { name: 'name', in: 'path', required: true } },
                  },
                },
              ],
              vendorExtension: [
                {
                  name: 'x-kubernetes-group-version-kind',
                  value: { yaml: '{"group":"","version":"v1","kind":"A"}\n' },
                },
              ],
            },
          },
        },
      ],
    },
    definitions: {
      additionalProperties: [
        {
          name: 'A',
          value: {
            description: 'd',
            type: { value: ['object'] },
            required: ['l'],
            maximum: 1.5,
            enum: [{ yaml: '"x"\n' }, { yaml: '1\n' }],
            additionalProperties: { schema: { type: { value: ['string'] } } },
            properties: {
              additionalProperties: [
                {
                  name: 'l',
                  value: {
                    type: { value: ['array'] },
                    items: { schema: [{ ref: '#/definitions/B' }] },
                    vendorExtension: [{ name: 'x-kubernetes-list-map-keys', value: { yaml: '["k"]\n' } }],
                  },
                },
              ],
            },
          },
        },
      ],
    },
  });
});

test('a v3 document as protobuf', () => {
  const ref = { $ref: '#/components/schemas/B' };
  const A = {
    description: 'd',
    type: 'object',
    properties: {
      b: { default: {}, allOf: [ref] },
      n: { type: 'string', default: 'x', nullable: true },
      l: { type: 'array', items: ref, 'x-kubernetes-list-type': 'set' },
    },
  };
  const reference = { reference: { ref: '#/components/schemas/B' } };
  assert.deepEqual(read(V3, encodeV3({ openapi: '3.0.0', components: { schemas: { A } } })), {
    openapi: '3.0.0',
    components: {
      schemas: {
        additionalProperties: [
          {
            name: 'A',
            value: {
              schema: {
                description: 'd',
                type: 'object',
                properties: {
                  additionalProperties: [
                    { name: 'b', value: { schema: { allOf: [reference] } } },
                    { name: 'n', value: { schema: { type: 'string', default: { string: 'x' }, nullable: true } } },
                    {
                      name: 'l',
                      value: {
                        schema: {
                          type: 'array',
                          items: { schemaOrReference: [reference] },
                          specificationExtension: [{ name: 'x-kubernetes-list-type', value: { yaml: '"set"\n' } }],
                        },
                      },
                    },
                  ],
                },
              },
            },
          },
        ],
      },
    },
  });
});
