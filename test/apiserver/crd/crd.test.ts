import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTrue, setCondition } from '../../../apiserver/crd/conditions.ts';
import { definitionsOf } from '../../../apiserver/crd/definitions-of.ts';
import { JsonPathError, parseJsonPath } from '../../../apiserver/crd/json-path.ts';
import { acceptedNames, settleNames } from '../../../apiserver/crd/names.ts';
import { crdStrategy } from '../../../apiserver/crd/strategy.ts';
import { validateCrd, validateCrdUpdate } from '../../../apiserver/crd/validation.ts';
import { applyDefaults } from '../../../apiserver/scheme/defaults.ts';
import { at, type JsonObject, type KubeObject } from '../../../apiserver/scheme/json.ts';
import { prune } from '../../../apiserver/scheme/prune.ts';
import { validateSchema } from '../../../apiserver/scheme/validate.ts';
import { widgetCrd } from './crds.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const spec = (schema: JsonObject): JsonObject => object({ spec: schema });
const told = (crd: KubeObject): readonly string[] =>
  validateCrd(crd).map(({ field, message }) => `${field}: ${message}`);
const P = 'spec.validation.openAPIV3Schema';

describe('a schema is refused', () => {
  const rows: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['no type at the root', { properties: {} }, [`${P}.type: Required value: must not be empty at the root`]],
    [
      'no type of a field',
      spec({}),
      [`${P}.properties[spec].type: Required value: must not be empty for specified object fields`],
    ],
    [
      'no type of an item',
      spec({ type: 'array', items: {} }),
      [`${P}.properties[spec].items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'an array without items',
      spec({ type: 'array' }),
      [`${P}.properties[spec].items: Required value: must be specified`],
    ],
    [
      'a root that is no object',
      { type: 'string' },
      [`${P}.type: Invalid value: "string": must be object at the root`],
    ],
    [
      'a type nobody knows',
      spec({ type: 'strin' }),
      [
        `${P}.properties[spec].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'unique items',
      spec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        `${P}.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'additional properties at the root',
      { type: 'object', additionalProperties: { type: 'string' } },
      [`${P}.additionalProperties: Forbidden: must not be used at the root`],
    ],
    [
      'properties and additional ones',
      spec({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }),
      [
        `${P}.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    ],
    [
      'a type in anyOf',
      spec({ type: 'string', anyOf: [{ type: 'string' }] }),
      [`${P}.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'a description in not',
      spec({ type: 'string', not: { description: 'x' } }),
      [`${P}.properties[spec].not.description: Forbidden: must be empty to be structural`],
    ],
    [
      'a default in allOf',
      spec(object({ a: { type: 'string' } }, { allOf: [{ properties: { a: { default: 'x' } } }] })),
      [`${P}.properties[spec].allOf[0].properties[a].default: Forbidden: must be undefined to be structural`],
    ],
    ['a $ref', spec({ type: 'object', $ref: '#/x' }), [`${P}.properties[spec].$ref: Forbidden: $ref is not supported`]],
    [
      'CEL',
      spec({ type: 'object', 'x-kubernetes-validations': [{ rule: 'true' }] }),
      [
        `${P}.properties[spec].x-kubernetes-validations: Forbidden: CEL validation rules are not supported by this server`,
      ],
    ],
    [
      'rules about metadata',
      object({ metadata: object({ labels: { type: 'object' } }) }),
      [
        `${P}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    ],
    [
      'a kind that is no text',
      object({ kind: { type: 'integer' } }),
      [`${P}.properties[kind].type: Invalid value: "integer": must be string`],
    ],
    [
      'a pattern that is none',
      spec({ type: 'string', pattern: '(' }),
      [`${P}.properties[spec].pattern: Invalid value: "(": must be a valid regular expression, but isn't`],
    ],
    [
      'a list map without keys',
      spec({ type: 'array', items: object({}), 'x-kubernetes-list-type': 'map' }),
      [
        `${P}.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    ],
    [
      'a key that is not required',
      spec({
        type: 'array',
        items: object({ a: { type: 'string' } }),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
      }),
      [
        `${P}.properties[spec].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'preserve false',
      spec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      [`${P}.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'a default of another type',
      spec({ type: 'string', default: 1 }),
      [`${P}.properties[spec].default: Invalid value: `],
    ],
    [
      'a default with unknown fields',
      spec({ type: 'object', default: { a: 1 } }),
      [`${P}.properties[spec].default: Invalid value: {"a":1}: must not have unknown fields`],
    ],
  ];
  for (const [name, schema, expected] of rows) {
    it(name, () => {
      const found = told(widgetCrd(schema));
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [i, text] of expected.entries()) assert.ok(found[i]?.startsWith(text), `${found[i]}\n${text}`);
    });
  }
  it('int-or-string in its old form is not', () => {
    assert.deepEqual(
      told(widgetCrd(spec({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }))),
      [],
    );
  });
  it('with its version when versions differ', () => {
    const versions = [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: {} } },
    ];
    assert.deepEqual(told(widgetCrd({}, { versions })), [
      'spec.versions[1].schema.openAPIV3Schema.type: Required value: must not be empty at the root',
    ]);
  });
  it('nested without end', () => {
    let deep: JsonObject = { type: 'object' };
    for (let i = 0; i < 500; i++) deep = object({ a: deep });
    assert.match(told(widgetCrd(deep)).join(), /must not be nested more than/);
  });
});

describe('a CRD is refused', () => {
  const v = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object' } },
  });
  const rows: readonly (readonly [string, JsonObject, RegExp])[] = [
    [
      'a name that is not plural.group',
      { names: { plural: 'gadgets', singular: 'g', kind: 'G', listKind: 'GList' } },
      /^metadata.name: Invalid value: "widgets.acme.example": must be spec.names.plural\+"."\+spec.group$/m,
    ],
    ['no group', { group: '' }, /^spec.group: Required value$/m],
    [
      'a group without a dot',
      { group: 'acme' },
      /^spec.group: Invalid value: "acme": should be a domain with at least one dot$/m,
    ],
    [
      'a scope nobody knows',
      { scope: 'Global' },
      /^spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"$/m,
    ],
    ['no storage version', { versions: [v('v1', false)] }, /must have exactly one version marked as storage version/],
    [
      'two storage versions',
      { versions: [v('v1', true), v('v2', true)] },
      /must have exactly one version marked as storage version/,
    ],
    ['one version twice', { versions: [v('v1', true), v('v1', false)] }, /must contain unique version names/],
    [
      'a version that is no label',
      { versions: [v('V1', true)] },
      /^spec.versions\[0\].name: Invalid value: "V1": a DNS-1035 label/m,
    ],
    [
      'a kind like its list',
      { names: { plural: 'widgets', singular: 'w', kind: 'W', listKind: 'W' } },
      /^spec.names.listKind: Invalid value: "W": kind and listKind may not be the same$/m,
    ],
    [
      'a short name in capitals',
      { names: { plural: 'widgets', singular: 'w', kind: 'W', listKind: 'WList', shortNames: ['WD'] } },
      /^spec.names.shortNames\[0\]: Invalid value: "WD": a DNS-1035 label/m,
    ],
    [
      'a conversion webhook',
      { conversion: { strategy: 'Webhook' } },
      /^spec.conversion.strategy: Forbidden: conversion webhooks are not supported by this server/m,
    ],
    [
      'unknown fields kept by the old flag',
      { preserveUnknownFields: true },
      /^spec.preserveUnknownFields: Invalid value: true/m,
    ],
  ];
  for (const [name, change, text] of rows)
    it(name, () => assert.match(told(widgetCrd(undefined, change)).join('\n'), text));

  const versions: readonly (readonly [string, JsonObject, RegExp])[] = [
    ['no schema', { schema: {} }, /openAPIV3Schema: Required value: schemas are required/],
    [
      'a column without type',
      { additionalPrinterColumns: [{ name: 'a', jsonPath: '.a' }] },
      /^spec.additionalPrinterColumns\[0\].type: Required value: must be one of boolean,date,integer,number,string$/m,
    ],
    [
      'a column whose path is none',
      { additionalPrinterColumns: [{ name: 'a', type: 'string', jsonPath: 'a' }] },
      /^spec.additionalPrinterColumns\[0\].JSONPath: Invalid value: "a": must be a simple json path starting with \.$/m,
    ],
    [
      'a selectable field that is no field',
      { selectableFields: [{ jsonPath: '.spec.x' }] },
      /^spec.selectableFields\[0\].jsonPath: Invalid value: ".spec.x": must point to a field of type string, boolean or integer/m,
    ],
    [
      'a selectable field of the metadata',
      { selectableFields: [{ jsonPath: '.metadata.name' }] },
      /must not point to fields in metadata/,
    ],
    [
      'scale without paths',
      { subresources: { scale: {} } },
      /^spec.subresources.scale.specReplicasPath: Required value$/m,
    ],
    ['a warning of what is not deprecated', { deprecationWarning: 'x' }, /can only be set for deprecated versions/],
  ];
  for (const [name, change, text] of versions)
    it(name, () => assert.match(told(widgetCrd(undefined, {}, change)).join('\n'), text));

  it('an unapproved protected group', () => {
    const names = { group: 'x.k8s.io' };
    assert.match(
      told(widgetCrd(undefined, names)).join('\n'),
      /^metadata.annotations\[api-approved.kubernetes.io\]: Required value: protected groups must have approval/m,
    );
  });

  it('a change of what may not change', () => {
    const old = widgetCrd();
    settleNames(old, [], 'now');
    const next = widgetCrd(undefined, { scope: 'Cluster' });
    next['status'] = { storedVersions: ['v0', 'v1'] };
    assert.deepEqual(
      validateCrdUpdate(next, old).map(({ field, message }) => `${field}: ${message.slice(0, 60)}`),
      [
        'spec.scope: Invalid value: "Cluster": field is immutable',
        'status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; v0 was prev',
      ],
    );
  });
});

describe('names', () => {
  const named = (name: string, names: JsonObject): KubeObject => ({
    ...widgetCrd(undefined, { names }),
    metadata: { name, uid: name },
  });
  it('are accepted when they are free', () => {
    const crd = widgetCrd();
    assert.equal(settleNames(crd, [], 't1'), true);
    assert.equal(isTrue(crd, 'Established') && isTrue(crd, 'NamesAccepted'), true);
    assert.equal(settleNames(crd, [], 't2'), false);
    assert.equal(acceptedNames(crd).listKind, 'WidgetList');
  });
  const first = named('a', { plural: 'as', singular: 'a', kind: 'A', listKind: 'AList', shortNames: ['x'] });
  settleNames(first, [], 't');
  const rows: readonly (readonly [string, JsonObject, string, string])[] = [
    ['kind', { plural: 'bs', singular: 'b', kind: 'A', listKind: 'BList' }, 'KindConflict', '"A" is already in use'],
    [
      'list kind',
      { plural: 'bs', singular: 'b', kind: 'B', listKind: 'AList' },
      'ListKindConflict',
      '"AList" is already in use',
    ],
    ['plural', { plural: 'x', singular: 'b', kind: 'B', listKind: 'BList' }, 'PluralConflict', '"x" is already in use'],
    [
      'short name',
      { plural: 'bs', singular: 'b', kind: 'B', listKind: 'BList', shortNames: ['as', 'y'] },
      'ShortNamesConflict',
      '"as" is already in use',
    ],
  ];
  for (const [what, names, reason, message] of rows) {
    it(`are not when the ${what} is taken, until it is free`, () => {
      const crd = named('b', names);
      settleNames(crd, [first], 't');
      const condition = (at(crd, 'status', 'conditions') as JsonObject[]).find(
        (each) => each['type'] === 'NamesAccepted',
      );
      assert.deepEqual(
        [condition?.['status'], condition?.['reason'], condition?.['message']],
        ['False', reason, message],
      );
      assert.equal(isTrue(crd, 'Established'), false);
      assert.deepEqual(definitionsOf(crd), []);
      settleNames(crd, [], 't');
      assert.equal(isTrue(crd, 'Established'), true);
    });
  }
});

describe('what a CRD serves', () => {
  const crd = widgetCrd(
    object({
      spec: object(
        { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'blue' } },
        { required: ['size'] },
      ),
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    }),
    {},
    {
      subresources: { status: {} },
      deprecated: true,
      selectableFields: [{ jsonPath: '.spec.color' }],
      additionalPrinterColumns: [
        { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
        { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1 },
      ],
    },
  );
  settleNames(crd, [], 'now');
  const [definition] = definitionsOf(crd);
  assert.ok(definition);
  const widget = (): KubeObject => ({
    apiVersion: 'acme.example/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { size: 3, extra: 1 },
    status: {
      conditions: [
        { type: 'X', status: 'no' },
        { type: 'Ready', status: 'True' },
      ],
    },
  });

  it('names, verbs and columns', () => {
    assert.deepEqual(
      [definition.kind, definition.listKind, definition.singular, definition.storagePath, definition.builtIn],
      ['Widget', 'WidgetList', 'widget', 'acme.example/widgets', false],
    );
    assert.equal(definition.deprecationWarning, 'acme.example/v1 Widget is deprecated');
    assert.deepEqual(
      definition.columns.map(({ name, priority }) => [name, priority]),
      [
        ['Name', 0],
        ['Size', 0],
        ['Ready', 1],
      ],
    );
    assert.deepEqual(
      definition.columns.map((column) => column.of(widget(), 0)),
      ['w', 3, 'True'],
    );
    assert.equal(definition.fieldSelectors['spec.color']?.({ spec: { color: 'red' } }), 'red');
    assert.deepEqual(
      definition.subresources.map(({ name }) => name),
      ['status'],
    );
  });
  it('prunes, defaults and validates', () => {
    const object_ = widget();
    assert.deepEqual(prune(object_, definition.schema), ['spec.extra']);
    applyDefaults(object_, definition.schema);
    assert.equal(at(object_, 'spec', 'color'), 'blue');
    assert.deepEqual(validateSchema(object_, definition.schema), []);
    assert.match(validateSchema({ ...object_, spec: {} }, definition.schema)[0]?.field ?? '', /spec.size/);
  });
  it('keeps status and spec apart', () => {
    const old = widget();
    const next: KubeObject = { ...widget(), spec: { size: 9 }, status: { ok: true } };
    definition.strategy.prepareForUpdate?.(next, old);
    assert.deepEqual(next['status'], old['status']);
    const status: KubeObject = {
      ...widget(),
      metadata: { name: 'w', labels: { a: 'b' } },
      spec: { size: 9 },
      status: { ok: true },
    };
    definition.subresources[0]?.prepareForUpdate?.(status, old);
    assert.deepEqual([status['status'], status['spec'], status.metadata], [{ ok: true }, old['spec'], { name: 'w' }]);
    const fresh = widget();
    definition.strategy.prepareForCreate?.(fresh);
    assert.equal(fresh['status'], undefined);
  });
  it('counts changes of anything but metadata and status', () => {
    const of = (change: KubeObject) => JSON.stringify(definition.strategy.generationOf?.({ ...widget(), ...change }));
    assert.equal(of({ status: { a: 1 } }), of({ metadata: { name: 'other' } }));
    assert.notEqual(of({}), of({ spec: { size: 4 } }));
  });
  it('takes nothing new on its way out', () => {
    const leaving = structuralClone(crd);
    assert.equal(crdStrategy.beginDeletion?.(leaving), true);
    assert.deepEqual(leaving.metadata?.['finalizers'], ['customresourcecleanup.apiextensions.k8s.io']);
    assert.deepEqual(definitionsOf(leaving)[0]?.verbs, ['delete', 'deletecollection', 'get', 'list', 'watch']);
    leaving.metadata = { ...leaving.metadata, deletionTimestamp: 'now' };
    assert.equal(crdStrategy.beginDeletion?.(leaving), false);
  });
});

const structuralClone = (value: KubeObject): KubeObject => structuredClone(value);

it('stored versions grow and conditions keep their time', () => {
  const old = widgetCrd();
  const next = widgetCrd(undefined, {
    versions: [
      { name: 'v2', storage: true, served: true },
      { name: 'v1', storage: false, served: true },
    ],
  });
  crdStrategy.prepareForUpdate?.(next, old);
  assert.deepEqual(at(next, 'status', 'storedVersions'), ['v1', 'v2']);
  const condition = { type: 'Terminating', status: 'True', reason: 'A', message: '' } as const;
  assert.equal(setCondition(next, condition, 't1'), true);
  assert.equal(setCondition(next, { ...condition, reason: 'B' }, 't2'), true);
  assert.deepEqual((at(next, 'status', 'conditions') as JsonObject[])[0]?.['lastTransitionTime'], 't1');
});

it('a scale subresource is warned of', () => {
  const crd = widgetCrd(
    undefined,
    {},
    { subresources: { scale: { specReplicasPath: '.spec.r', statusReplicasPath: '.status.r' } } },
  );
  assert.match(crdStrategy.warnings?.(crd, undefined)[0] ?? '', /scale subresource of custom resources is not served/);
});

describe('JSONPath', () => {
  const value = { a: { b: [1, { c: 'x', n: 2 }, { c: 'y', n: 3 }], 'd.e': true }, 'k/v': 1 };
  const rows: readonly (readonly [string, readonly unknown[]])[] = [
    ['.a.b[0]', [1]],
    ['.a.b[-1].c', ['y']],
    ['.a.b[*].c', ['x', 'y']],
    ['.a.b[?(@.n>2)].c', ['y']],
    ["['a'].b[?(@.c=='x')].n", [2]],
    ['.a.b[?(@.c)].n', [2, 3]],
    ['.a.d\\.e', [true]],
    ['.nope.x', []],
  ];
  for (const [path, expected] of rows) it(path, () => assert.deepEqual(parseJsonPath(path).find(value), expected));
  for (const path of ['a', '..a', '.a[', '.a b', '.a[?(@.x==)]', ''])
    it(`refuses ${JSON.stringify(path)}`, () => assert.throws(() => parseJsonPath(path), JsonPathError));
});
