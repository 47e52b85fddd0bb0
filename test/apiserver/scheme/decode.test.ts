import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../apiserver/errors.ts';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import {
  conform,
  decodeBody,
  fieldValidationOf,
  judgeFaults,
  type WantedKind,
} from '../../../apiserver/scheme/decode.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../apiserver/scheme/envelope.ts';
import type { Json, KubeObject } from '../../../apiserver/scheme/json.ts';
import { echoServices } from '../services.ts';

const builtIn = (kind: string, group = ''): WantedKind =>
  builtInResources(echoServices).find((one) => one.kind === kind && one.group === group) as WantedKind;
const configMap = builtIn('ConfigMap');
const crd = builtIn('CustomResourceDefinition', 'apiextensions.k8s.io');
const utf8 = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.code, 400);
    return error.message;
  }
  return 'taken';
}

test('a body without apiVersion and kind is what the URL says', () => {
  const { object } = decodeBody(utf8({ metadata: { name: 'a' } }), 'json', configMap);
  assert.deepEqual(object, { metadata: { name: 'a' }, apiVersion: 'v1', kind: 'ConfigMap' });
});

test('unknown and duplicate fields are dropped and told of', () => {
  const text =
    '{"data":{"a":"1","a":"2"},"spec":{"x":1},"metadata":{"name":"n","nmae":"m","ownerReferences":[{"uuid":"1"}]}}';
  const decoded = decodeBody(utf8(text), 'json', configMap);
  const faults = [
    'duplicate field "data.a"',
    'unknown field "spec"',
    'unknown field "metadata.nmae"',
    'unknown field "metadata.ownerReferences[0].uuid"',
  ];
  assert.deepEqual(decoded.faults, faults);
  assert.deepEqual(decoded.object['data'], { a: '2' });
  assert.equal(decoded.object['spec'], undefined);

  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
  };
  judgeFaults(decoded, 'Ignore', configMap, warn);
  assert.equal(warnings.length, 0);
  judgeFaults(decoded, 'Warn', configMap, warn);
  assert.deepEqual(warnings, faults);
  assert.equal(
    refusal(() => judgeFaults(decoded, 'Strict', configMap, () => undefined)),
    `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${faults.join(', ')}`,
  );
});

test('a value of another type is refused in the words of the real server', () => {
  const cannot = (text: string): string => `ConfigMap in version "v1" cannot be handled as a ConfigMap: ${text}`;
  const rows: readonly (readonly [body: Json, text: string])[] = [
    [{ data: { a: 1 } }, 'json: cannot unmarshal number into Go struct field ConfigMap.data.a of type string'],
    [{ data: 'x' }, 'json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string'],
    [{ metadata: [] }, 'json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta'],
    [
      { metadata: { labels: { a: true } } },
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels.a of type string',
    ],
    [
      { metadata: { generation: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64',
    ],
    [{ immutable: 'no' }, 'json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool'],
    [{ binaryData: { a: '!!' } }, 'illegal base64 data at input byte 0'],
  ];
  for (const [body, text] of rows)
    assert.equal(
      refusal(() => decodeBody(utf8(body), 'json', configMap)),
      cannot(text),
    );
});

test('another kind or version, and what is no object at all, is refused', () => {
  const rows: readonly (readonly [body: unknown, text: RegExp])[] = [
    [{ kind: 'Secret' }, /^Secret in version "v1" cannot be handled as a ConfigMap: /],
    [{ apiVersion: 'v2' }, /^the API version in the data \(v2\) does not match the expected API version \(v1\)$/],
    [{ kind: 5 }, /must be of type ConfigMap/],
    [[], /^the object provided is unrecognized \(must be of type ConfigMap\)/],
    ['{', /unexpected end of JSON input/],
    ['', /must be of type ConfigMap/],
  ];
  for (const [body, text] of rows)
    assert.match(
      refusal(() => decodeBody(utf8(body), 'json', configMap)),
      text,
    );
  for (const bytes of [utf8('{}'), new Uint8Array(0), utf8('k8s\0\xff\xff')]) {
    assert.notEqual(
      refusal(() => decodeBody(bytes, 'protobuf', configMap)),
      'taken',
    );
  }
});

test('null, zero and empty are what Kubernetes takes them for', () => {
  const rows: readonly (readonly [body: Json, object: Json])[] = [
    [{ data: null, metadata: { creationTimestamp: null, labels: {} } }, { metadata: {} }],
    [{ immutable: false, data: {} }, { immutable: false }],
    [{ metadata: { generateName: '', generation: 0, finalizers: [] } }, { metadata: {} }],
    [{ metadata: { labels: { a: null } } }, { metadata: { labels: { a: '' } } }],
    [
      { metadata: { creationTimestamp: '2020-01-01T01:00:00.5+01:00' } },
      { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } },
    ],
    [
      { metadata: { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '', controller: false }] } },
      { metadata: { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '', controller: false }] } },
    ],
  ];
  for (const [body, object] of rows) {
    const found = decodeBody(utf8(body), 'json', configMap).object;
    assert.deepEqual(found, { ...(object as KubeObject), apiVersion: 'v1', kind: 'ConfigMap' });
  }
  const lease = builtIn('Lease', 'coordination.k8s.io');
  const { object } = decodeBody(utf8({ spec: { renewTime: '2020-01-01T00:00:00.1234567Z' } }), 'json', lease);
  assert.deepEqual(object['spec'], { renewTime: '2020-01-01T00:00:00.123456Z' });
});

test('a custom resource is pruned by its schema, its metadata by that of all objects', () => {
  const widget: WantedKind = {
    group: 'acme.io',
    version: 'v1',
    kind: 'Widget',
    builtIn: false,
    schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } },
  };
  const body = { spec: { size: 1, sise: 2 }, other: {}, metadata: { name: 'w', bogus: 1 } };
  const { object, faults } = conform(structuredClone(body), widget);
  assert.deepEqual(object, { apiVersion: 'acme.io/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 1 } });
  assert.deepEqual(faults, ['unknown field "metadata.bogus"', 'unknown field "spec.sise"', 'unknown field "other"']);
});

test('a definition with every field goes through protobuf and back', () => {
  const props = {
    $schema: 'http://json-schema.org/draft-04/schema#',
    type: 'object',
    description: 'd',
    maximum: 1.5,
    minimum: -2,
    exclusiveMinimum: true,
    multipleOf: 0.25,
    maxLength: 9,
    pattern: '^a',
    enum: ['a', 1, null, { b: [] }],
    default: { a: 1 },
    example: [1],
    required: ['spec'],
    nullable: true,
    items: { type: 'string' },
    additionalProperties: false,
    additionalItems: { type: 'integer' },
    allOf: [{ minLength: 0 }],
    not: { oneOf: [{ type: 'string' }, { items: [{ type: 'integer' }, {}] }] },
    properties: {
      spec: { type: 'object', additionalProperties: { type: 'string' } },
      any: { additionalProperties: true },
    },
    dependencies: { a: ['b', 'c'], d: { type: 'object' } },
    'x-kubernetes-preserve-unknown-fields': true,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-validations': [{ rule: 'self.a > 1', message: 'm', optionalOldSelf: false }],
  };
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.acme.io' },
    spec: {
      group: 'acme.io',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['w'] },
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: props }, subresources: { status: {} } },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { caBundle: 'YWI=' }, conversionReviewVersions: ['v1'] },
      },
    },
  };
  const { object: decoded, faults } = conform(structuredClone(object) as unknown as Json, crd);
  assert.deepEqual(faults, []);
  assert.deepEqual(decoded, object);
  const bytes = encodeEnvelope(decoded, crd.schema);
  assert.deepEqual(decodeBody(bytes, 'protobuf', crd).object, object);
  for (let i = 0; i < bytes.length; i++) {
    const broken = Uint8Array.from(bytes);
    broken[i] = (broken[i] as number) ^ 0xff;
    for (const one of [broken, bytes.subarray(0, i)]) refusal(() => decodeBody(one, 'protobuf', crd));
  }
});

test('protobuf that nests without end is refused', () => {
  let props: Json = {};
  for (let i = 0; i < 400; i++) props = { not: props };
  const versions: Json = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: props } }];
  const bytes = encodeEnvelope(
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions } },
    crd.schema,
  );
  assert.match(
    refusal(() => decodeBody(bytes, 'protobuf', crd)),
    /recursion depth/,
  );
  assert.throws(() => decodeEnvelope(bytes, () => crd.schema));
});

test('fieldValidation is one of three', () => {
  assert.equal(fieldValidationOf(null), 'Warn');
  assert.equal(fieldValidationOf('Strict'), 'Strict');
  assert.throws(() => fieldValidationOf('strict'), { code: 422 });
});
