import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceDefinition } from '../../../apiserver/registry/definition.ts';
import { builtInResources } from '../../../apiserver/resources/built-ins.ts';
import { applySchemaDefaults, conform } from '../../../apiserver/scheme/decode.ts';
import type { Json, KubeObject } from '../../../apiserver/scheme/json.ts';
import { echoServices } from '../services.ts';

const resources = builtInResources(echoServices);
const named = (plural: string, group = ''): ResourceDefinition =>
  resources.find((one) => one.plural === plural && one.group === group) as ResourceDefinition;
const RBAC = 'rbac.authorization.k8s.io';

/** As a request's object comes to validation. */
function asked(definition: ResourceDefinition, body: Json): KubeObject {
  const { object } = conform(structuredClone(body), definition);
  applySchemaDefaults(object, definition);
  definition.strategy.defaults?.(object);
  return object;
}

function errorsOf(definition: ResourceDefinition, body: Json): readonly string[] {
  return (definition.strategy.validate?.(asked(definition, body)) ?? []).map(
    (error) => `${error.field}: ${error.message}`,
  );
}

function updateErrors(definition: ResourceDefinition, old: Json, next: Json): readonly string[] {
  const errors = definition.strategy.validateUpdate?.(asked(definition, next), asked(definition, old)) ?? [];
  return errors.map((error) => `${error.field}: ${error.message}`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('config maps', () => {
  const maps = named('configmaps');
  assert.deepEqual(errorsOf(maps, { data: { 'a.b-c_D': 'x' }, binaryData: { b: 'YQ==' } }), []);
  assert.match(
    errorsOf(maps, { data: { 'a b': 'x' } })[0] ?? '',
    /^data\[a b\]: Invalid value: "a b": a valid config key/,
  );
  assert.deepEqual(errorsOf(maps, { data: { a: 'x' }, binaryData: { a: 'YQ==' } }), [
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ]);
  assert.deepEqual(errorsOf(maps, { data: { a: 'é'.repeat(512 * 1024 + 1) } }), [
    ': Too long: may not be more than 1048576 bytes',
  ]);
  const frozen = 'Forbidden: field is immutable when `immutable` is set';
  const old = { data: { a: '1' }, immutable: true };
  assert.deepEqual(updateErrors(maps, old, old), []);
  assert.deepEqual(updateErrors(maps, old, { data: { a: '2' } }), [`immutable: ${frozen}`, `data: ${frozen}`]);
});

test('secrets', () => {
  const secrets = named('secrets');
  assert.deepEqual(asked(secrets, { stringData: { a: 'x' }, data: { b: 'YQ==' } }), {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    data: { a: base64('x'), b: 'YQ==' },
  });
  const rows: readonly (readonly [body: Json, errors: readonly string[]])[] = [
    [{ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
    [{ type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }, []],
    [
      { type: 'kubernetes.io/service-account-token' },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    [{ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{"auths":{}}') } }, []],
    [{ type: 'kubernetes.io/dockerconfigjson' }, ['data[.dockerconfigjson]: Required value']],
    [
      { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('[1]') } },
      [
        'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal into Go value of type map[string]interface {}',
      ],
    ],
    [{ type: 'kubernetes.io/basic-auth', data: { password: '' } }, []],
    [
      { type: 'kubernetes.io/basic-auth' },
      ['data[%s][username]: Required value', 'data[%s][password]: Required value'],
    ],
    [{ type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } }, ['data[%s][ssh-privatekey]: Required value']],
    [{ type: 'acme.io/anything' }, []],
  ];
  for (const [body, errors] of rows) assert.deepEqual(errorsOf(secrets, body), errors);
  assert.deepEqual(updateErrors(secrets, { type: 'a' }, { type: 'b' }), [
    'type: Invalid value: "b": field is immutable',
  ]);
  assert.deepEqual(updateErrors(secrets, { immutable: true, data: { a: 'YQ==' } }, { immutable: true }), [
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

test('namespaces', () => {
  const namespaces = named('namespaces');
  const object = asked(namespaces, { metadata: { name: 'a', labels: { x: 'y' } } });
  namespaces.strategy.prepareForCreate?.(object);
  assert.deepEqual(object, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'a', labels: { x: 'y', 'kubernetes.io/metadata.name': 'a' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  assert.deepEqual(namespaces.strategy.validateName?.('a.b', false), ['must not contain dots']);
  assert.deepEqual(errorsOf(namespaces, { spec: { finalizers: ['kubernetes', 'acme.io/x', 'own'] } }), [
    'spec.finalizers[2]: Invalid value: "own": name is neither a standard finalizer name nor is it fully qualified',
  ]);

  const next = asked(namespaces, {
    metadata: { name: 'a' },
    spec: { finalizers: [] },
    status: { phase: 'Terminating' },
  });
  namespaces.strategy.prepareForUpdate?.(next, object);
  assert.deepEqual(
    [next['spec'], next['status']],
    [object['spec'], object['status']],
    'spec and status have doors of their own',
  );

  assert.equal(namespaces.strategy.beginDeletion?.(object), true);
  assert.deepEqual(object['status'], { phase: 'Terminating' });
  Object.assign(object.metadata ?? {}, { deletionTimestamp: '2020-01-01T00:00:00Z' });
  assert.equal(namespaces.strategy.isFinalized?.(object), false);
  const finalized = { ...object, spec: {} };
  const finalize = namespaces.subresources.find(({ name }) => name === 'finalize');
  finalize?.prepareForUpdate?.(finalized, object);
  assert.equal(namespaces.strategy.isFinalized?.(finalized), true);

  const status = namespaces.subresources.find(({ name }) => name === 'status');
  assert.equal(status?.validateUpdate?.(object, object).length, 0);
  assert.equal(status?.validateUpdate?.({ ...object, status: { phase: 'Active' } }, object).length, 1);
});

test('roles', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  const rows: readonly (readonly [rules: Json, role: readonly string[], clusterRole: readonly string[]])[] = [
    [[rule], [], []],
    [
      [{ ...rule, verbs: [] }],
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
    [
      [rule, { verbs: ['get'], nonResourceURLs: ['/x'] }],
      ['rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
      [],
    ],
    [
      [{ verbs: ['get'] }],
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
      ],
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
      ],
    ],
  ];
  for (const [rules, role, clusterRole] of rows) {
    assert.deepEqual(errorsOf(named('roles', RBAC), { rules }), role);
    assert.deepEqual(errorsOf(named('clusterroles', RBAC), { rules }), clusterRole);
  }
});

test('bindings', () => {
  const bindings = named('rolebindings', RBAC);
  const roleRef = { kind: 'Role', name: 'r' };
  const subjects = [
    { kind: 'User', name: 'u' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ];
  const object = asked(bindings, { roleRef, subjects });
  assert.deepEqual(object['roleRef'], { ...roleRef, apiGroup: RBAC });
  assert.deepEqual(object['subjects'], [{ ...subjects[0], apiGroup: RBAC }, subjects[1]]);
  const rows: readonly (readonly [body: Json, errors: readonly string[]])[] = [
    [{ roleRef, subjects }, []],
    [
      { roleRef: { ...roleRef, kind: 'X' } },
      ['roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole"'],
    ],
    [{ roleRef: { kind: 'Role', name: '' } }, ['roleRef.name: Required value']],
    [{ roleRef: { kind: 'Role', name: 'a/b' } }, ['roleRef.name: Invalid value: "a/b": may not contain \'/\'']],
    [
      { roleRef, subjects: [{ kind: 'Robot', name: 'x' }] },
      ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
    ],
    [
      { roleRef, subjects: [{ kind: 'User', name: '' }] },
      ['subjects[0].name: Required value', 'subjects[0].name: Invalid value: "": user name cannot be empty'],
    ],
  ];
  for (const [body, errors] of rows) assert.deepEqual(errorsOf(bindings, body), errors);
  assert.deepEqual(
    errorsOf(named('clusterrolebindings', RBAC), { roleRef, subjects: [{ kind: 'ServiceAccount', name: 's' }] }),
    [
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      'subjects[0].namespace: Required value',
    ],
  );
  assert.deepEqual(updateErrors(bindings, { roleRef }, { roleRef: { ...roleRef, name: 'q' } }), [
    'roleRef: Invalid value: {"kind":"Role","name":"q","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
  ]);
});

test('leases', () => {
  const leases = named('leases', 'coordination.k8s.io');
  assert.deepEqual(errorsOf(leases, { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }), [
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ]);
  assert.equal(leases.strategy.allowCreateOnUpdate, true);
  assert.equal(leases.strategy.allowUnconditionalUpdate, false);
});

test('events are one thing in two groups', () => {
  const core = named('events');
  const modern = named('events', 'events.k8s.io');
  const stored: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Started',
    message: ' it runs \n',
    source: { component: 'kubelet', host: 'n1' },
    type: 'Normal',
    firstTimestamp: '2020-01-01T00:00:00Z',
    lastTimestamp: '2020-01-01T00:09:00Z',
    count: 3,
    reportingComponent: '',
    reportingInstance: '',
  };
  const shown = modern.convert?.(structuredClone(stored), 'v1') as KubeObject;
  assert.deepEqual(shown, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Started',
    note: ' it runs \n',
    deprecatedSource: { component: 'kubelet', host: 'n1' },
    type: 'Normal',
    deprecatedFirstTimestamp: '2020-01-01T00:00:00Z',
    deprecatedLastTimestamp: '2020-01-01T00:09:00Z',
    deprecatedCount: 3,
    reportingController: '',
    reportingInstance: '',
  });
  assert.deepEqual(modern.convert?.(structuredClone(shown), 'v1'), stored);

  const now = Date.parse('2020-01-01T00:10:00Z');
  const cells = ['60s', 'Normal', 'Started', 'pod/p', '', 'kubelet, n1', 'it runs', '10m', '3', 'e'];
  assert.deepEqual(
    core.columns.map((column) => column.of(stored, now)),
    cells,
  );
  assert.deepEqual(
    modern.columns.map((column) => column.of(shown, now)),
    cells,
  );
  assert.equal(core.fieldSelectors['involvedObject.kind']?.(stored), 'Pod');
  assert.equal(modern.fieldSelectors['regarding.kind']?.(shown), 'Pod');
  assert.equal(core.fieldSelectors['source']?.(stored), 'kubelet');
  assert.equal(core.strategy.ttlSeconds?.(stored), 3600);
  assert.equal(modern.storagePath, core.storagePath);
});

test('the newer events must say who reports, and only their series changes', () => {
  const core = named('events');
  const modern = named('events', 'events.k8s.io');
  const good = {
    metadata: { name: 'e', namespace: 'default' },
    eventTime: '2020-01-01T00:00:00.000000Z',
    reportingController: 'acme.io/c',
    reportingInstance: 'c-0',
    action: 'Run',
    reason: 'Ran',
    type: 'Normal',
    regarding: { kind: 'Pod', namespace: 'default' },
  };
  const create = (body: Json): void => modern.strategy.prepareForCreate?.(asked(modern, body));
  assert.doesNotThrow(() => create(good));
  for (const wrong of [
    { eventTime: null },
    { type: 'Odd' },
    { deprecatedCount: 1 },
    { reportingController: '' },
    { action: 'x'.repeat(129) },
    { series: { count: 1, lastObservedTime: good.eventTime } },
  ]) {
    assert.throws(() => create({ ...good, ...wrong }), { code: 422 }, JSON.stringify(wrong));
  }
  const series = { count: 2, lastObservedTime: good.eventTime };
  assert.deepEqual(updateErrors(modern, good, { ...good, series }), []);
  assert.deepEqual(updateErrors(modern, good, { ...good, note: 'other' }), [
    'message: Invalid value: "other": field is immutable',
  ]);
  assert.deepEqual(errorsOf(core, { metadata: { namespace: 'a' }, involvedObject: { namespace: 'b' } }), [
    'involvedObject.namespace: Invalid value: "b": does not match event.namespace',
  ]);
  assert.deepEqual(errorsOf(core, { metadata: { namespace: 'a' }, involvedObject: { namespace: 'a' } }), []);
});

test('custom resource definitions get their names and conversion', () => {
  const crds = named('customresourcedefinitions', 'apiextensions.k8s.io');
  const { spec } = asked(crds, {
    spec: { group: 'a.io', scope: 'Cluster', names: { plural: 'widgets', kind: 'Widget' }, versions: [] },
  }) as {
    spec: Json;
  };
  assert.deepEqual(spec, {
    group: 'a.io',
    scope: 'Cluster',
    versions: [],
    conversion: { strategy: 'None' },
    names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' },
  });
});

test('questions are answered, not stored', async () => {
  const questions = resources.filter((one) => !one.stored);
  assert.equal(questions.length, 6);
  for (const question of questions) {
    assert.deepEqual(question.verbs, ['create']);
    const review = { kind: question.kind };
    assert.equal(await question.strategy.virtualCreate?.(review, {} as never), review);
  }
});

test('columns of kubectl get', () => {
  const now = Date.parse('2020-01-01T01:00:00Z');
  const metadata = { name: 'x', creationTimestamp: '2020-01-01T00:00:00Z' };
  const subjects = [
    { kind: 'User', name: 'u' },
    { kind: 'Group', name: 'g' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ];
  const rows: readonly (readonly [
    definition: ResourceDefinition,
    object: KubeObject,
    cells: Readonly<Record<string, Json>>,
  ])[] = [
    [named('configmaps'), { metadata, data: { a: '1' }, binaryData: { b: '' } }, { Name: 'x', Data: 2, Age: '60m' }],
    [
      named('secrets'),
      { metadata, type: 'Opaque', data: { a: '' } },
      { Name: 'x', Type: 'Opaque', Data: 1, Age: '60m' },
    ],
    [named('namespaces'), { metadata, status: { phase: 'Active' } }, { Name: 'x', Status: 'Active', Age: '60m' }],
    [named('serviceaccounts'), { metadata }, { Name: 'x', Secrets: 0, Age: '60m' }],
    [
      named('leases', 'coordination.k8s.io'),
      { metadata, spec: { holderIdentity: 'me' } },
      { Name: 'x', Holder: 'me', Age: '60m' },
    ],
    [named('roles', RBAC), { metadata }, { Name: 'x', 'Created At': '2020-01-01T00:00:00Z' }],
    [
      named('rolebindings', RBAC),
      { metadata, roleRef: { kind: 'Role', name: 'r' }, subjects },
      { Name: 'x', Role: 'Role/r', Age: '60m', Users: 'u', Groups: 'g', ServiceAccounts: 'n/s' },
    ],
  ];
  for (const [definition, object, cells] of rows) {
    assert.deepEqual(Object.fromEntries(definition.columns.map((one) => [one.name, one.of(object, now)])), cells);
  }
});
