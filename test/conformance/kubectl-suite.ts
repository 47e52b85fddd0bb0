import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubectl } from '../kit/cluster.ts';

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels: {app: demo}
data:
  colour: red
  size: "3"
`;

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.acme.example
spec:
  group: acme.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1beta1
    served: true
    storage: false
    schema: &schema
      openAPIV3Schema:
        type: object
        description: A widget that turns.
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, maximum: 10, description: How large it is.}
              colour: {type: string, default: blue, enum: [blue, red, green]}
              tags: {type: array, items: {type: string}}
          status:
            type: object
            properties:
              phase: {type: string}
    subresources: {status: {}}
  - name: v1
    served: true
    storage: true
    schema: *schema
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Colour, type: string, jsonPath: .spec.colour}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
`;

const widget = (name: string, spec: string): string =>
  `apiVersion: acme.example/v1\nkind: Widget\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

/**
 * What a person types first, on any API server: registered against Keelson's own store and against a real etcd, with each kubectl.
 * `label` keeps the namespaces of two runs on one server apart.
 */
export function kubectlSuite(label: string, kubectl: () => Kubectl): void {
  const ns = `suite-${label}`;
  const k = (...args: string[]): Promise<string> => kubectl().ok(['-n', ns, ...args]);
  const apply = (text: string): Promise<string> => kubectl().ok(['-n', ns, 'apply', '-f', '-'], text);
  const refused = async (args: readonly string[], pattern: RegExp, input?: string): Promise<void> => {
    const result = await kubectl().try(['-n', ns, ...args], input);
    assert.notEqual(result.code, 0, `kubectl ${args.join(' ')} must be refused\n${result.stdout}`);
    assert.match(result.stderr, pattern);
  };

  test(`${label}: version, namespaces and discovery`, async () => {
    assert.match(await kubectl().ok(['version']), /Server Version: v1\.\d+\./);
    assert.equal(await kubectl().ok(['create', 'namespace', ns]), `namespace/${ns} created\n`);
    assert.match(await kubectl().ok(['get', 'namespaces']), /^NAME +STATUS +AGE\ndefault +Active +\d+/);
    const resources = await kubectl().ok(['api-resources']);
    for (const line of [
      /^configmaps +cm +v1 +true +ConfigMap$/m,
      /^namespaces +ns +v1 +false +Namespace$/m,
      /^secrets +v1 +true +Secret$/m,
      /^serviceaccounts +sa +v1 +true +ServiceAccount$/m,
      /^events +ev +events\.k8s\.io\/v1 +true +Event$/m,
      /^leases +coordination\.k8s\.io\/v1 +true +Lease$/m,
      /^clusterroles +rbac\.authorization\.k8s\.io\/v1 +false +ClusterRole$/m,
      /^customresourcedefinitions +crd,crds +apiextensions\.k8s\.io\/v1 +false +CustomResourceDefinition$/m,
    ])
      assert.match(resources, line);
    assert.match(await kubectl().ok(['api-versions']), /^rbac\.authorization\.k8s\.io\/v1$/m);
    assert.match(await kubectl().ok(['get', '--raw', '/readyz']), /^ok$/);
  });

  test(`${label}: create sends protobuf, get prints tables`, async () => {
    assert.equal(
      await k('create', 'configmap', 'plain', '--from-literal=a=b', '--from-literal=c=d'),
      'configmap/plain created\n',
    );
    assert.equal(
      await k('create', 'secret', 'generic', 'hidden', '--from-literal=password=x'),
      'secret/hidden created\n',
    );
    assert.equal(await k('create', 'serviceaccount', 'robot'), 'serviceaccount/robot created\n');
    assert.match(await k('get', 'cm', 'plain'), /^NAME +DATA +AGE\nplain +2 +\d+s\n$/);
    assert.match(await k('get', 'secrets'), /^NAME +TYPE +DATA +AGE\nhidden +Opaque +1 +\d+s\n$/);
    assert.equal(await k('get', 'cm', 'plain', '-o', 'jsonpath={.data.c}'), 'd');
    assert.equal(await k('get', 'secret', 'hidden', '-o', 'jsonpath={.data.password}'), 'eA==');
    assert.match(
      await k('get', 'cm', 'plain', '-o', 'yaml'),
      /^apiVersion: v1\ndata:\n {2}a: b\n {2}c: d\nkind: ConfigMap\n/,
    );
    await refused(
      ['create', 'configmap', 'plain'],
      /^error: failed to create configmap: configmaps "plain" already exists\n$/,
    );
    await refused(['get', 'cm', 'absent'], /^Error from server \(NotFound\): configmaps "absent" not found\n$/);
    await refused(
      ['create', 'configmap', 'Bad_Name'],
      /is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
    );
    assert.equal(await k('create', 'configmap', 'dry', '--dry-run=server'), 'configmap/dry created (server dry run)\n');
    await refused(['get', 'cm', 'dry'], /NotFound/);
  });

  test(`${label}: apply, diff, label, annotate, patch, edit by replace`, async () => {
    assert.equal(await apply(CONFIG_MAP), 'configmap/settings created\n');
    assert.equal(await apply(CONFIG_MAP), 'configmap/settings unchanged\n');
    assert.equal(
      await apply(CONFIG_MAP.replace('red', 'green').replace('  size: "3"\n', '')),
      'configmap/settings configured\n',
    );
    assert.equal(await k('get', 'cm', 'settings', '-o', 'jsonpath={.data}'), '{"colour":"green"}');
    assert.equal(await k('label', 'cm', 'settings', 'tier=front'), 'configmap/settings labeled\n');
    assert.equal(await k('annotate', 'cm', 'settings', 'note=hello'), 'configmap/settings annotated\n');
    assert.equal(await k('get', 'cm', '-l', 'tier in (front),app!=x', '-o', 'name'), 'configmap/settings\n');
    assert.equal(await k('get', 'cm', '--field-selector=metadata.name=plain', '-o', 'name'), 'configmap/plain\n');
    assert.equal(
      await k('patch', 'cm', 'settings', '--type=merge', '-p', '{"data":{"colour":null,"m":"1"}}'),
      'configmap/settings patched\n',
    );
    assert.equal(
      await k('patch', 'cm', 'settings', '--type=json', '-p', '[{"op":"add","path":"/data/j","value":"2"}]'),
      'configmap/settings patched\n',
    );
    assert.equal(await k('patch', 'cm', 'settings', '-p', '{"data":{"s":"3"}}'), 'configmap/settings patched\n');
    assert.equal(await k('get', 'cm', 'settings', '-o', 'jsonpath={.data}'), '{"j":"2","m":"1","s":"3"}');
    await refused(
      ['patch', 'cm', 'settings', '--type=json', '-p', '[{"op":"test","path":"/data/j","value":"9"}]'],
      /the server rejected our request|Invalid/,
    );
    await refused(
      ['apply', '-f', '-'],
      /strict decoding error: unknown field "dada"/,
      CONFIG_MAP.replace('\ndata:', '\ndada:'),
    );
    const stale = (await k('get', 'cm', 'settings', '-o', 'yaml')).replace(
      /resourceVersion: "\d+"/,
      'resourceVersion: "1"',
    );
    await refused(
      ['replace', '-f', '-'],
      /the object has been modified; please apply your changes to the latest version and try again/,
      stale,
    );
  });

  test(`${label}: describe shows the object and its events`, async () => {
    await kubectl().ok(
      ['-n', ns, 'create', '-f', '-'],
      `apiVersion: v1
kind: Event
metadata: {name: settings.1}
involvedObject: {apiVersion: v1, kind: ConfigMap, name: settings, namespace: ${ns}}
reason: Turned
message: It turned twice.
type: Normal
count: 2
source: {component: suite}
`,
    );
    assert.match(await k('describe', 'configmap', 'settings'), /Name: +settings\n[\s\S]*Labels: +app=demo\n/);
    assert.match(
      await k('get', 'events'),
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Normal +Turned +configmap\/settings +It turned twice\.\n$/,
    );
    assert.match(
      await k('get', 'events.v1.events.k8s.io', 'settings.1', '-o', 'jsonpath={.note}'),
      /^It turned twice\.$/,
    );
    assert.match(await kubectl().ok(['describe', 'namespace', ns]), /Status: +Active/);
  });

  test(`${label}: get -w sees every change in order`, async () => {
    const watch = kubectl().watch([
      '-n',
      ns,
      'get',
      'cm',
      '-l',
      'watched=yes',
      '-w',
      '--output-watch-events',
      '-o',
      'jsonpath={.type}:{.object.data.n}{"\\n"}',
    ]);
    try {
      // get -w prints nothing on an empty list: the first object tells when it listens.
      await k('create', 'configmap', 'seen', '--from-literal=n=0');
      await k('label', 'cm', 'seen', 'watched=yes');
      await watch.waitFor(/ADDED:0\n/, 10_000);
      for (let n = 1; n <= 3; n++) await k('patch', 'cm', 'seen', '-p', `{"data":{"n":"${n}"}}`);
      await k('label', 'cm', 'seen', 'watched-');
      await watch.waitFor(/ADDED:0\nMODIFIED:1\nMODIFIED:2\nMODIFIED:3\nDELETED:\d\n/, 10_000);
    } finally {
      await watch.stop('SIGKILL');
    }
  });

  test(`${label}: a CRD is served, validated, defaulted, printed, explained`, async () => {
    const text = CRD.replaceAll('acme.example', `${label}.acme.example`);
    const make = (name: string, spec: string): string =>
      widget(name, spec).replace('acme.example', `${label}.acme.example`);
    assert.equal(
      await apply(text),
      `customresourcedefinition.apiextensions.k8s.io/widgets.${label}.acme.example created\n`,
    );
    assert.match(
      await kubectl().ok(['wait', '--for=condition=Established', `crd/widgets.${label}.acme.example`, '--timeout=20s']),
      /condition met/,
    );
    assert.match(await apply(make('one', '{size: 3}')), /^widget\.\S+\/one created\n$/);
    assert.match(await apply(make('one', '{size: 4, tags: [a]}')), /configured\n$/);
    assert.match(await apply(make('one', '{size: 4, tags: [a]}')), /unchanged\n$/);
    const resource = `widgets.${label}.acme.example`;
    assert.match(await k('get', resource), /^NAME +SIZE +COLOUR +AGE\none +4 +blue +\d+s\n$/);
    assert.equal(
      await k('get', `widgets.v1beta1.${label}.acme.example`, 'one', '-o', 'jsonpath={.apiVersion} {.spec.colour}'),
      `${label}.acme.example/v1beta1 blue`,
    );
    await refused(
      ['apply', '-f', '-'],
      /spec\.size: Invalid value: 11: spec\.size in body should be less than or equal to 10/,
      make('two', '{size: 11}'),
    );
    await refused(['apply', '-f', '-'], /spec\.size: Required value/, make('two', '{colour: red}'));
    await refused(
      ['apply', '-f', '-'],
      /spec\.colour: Unsupported value: "pink": supported values: "blue", "red", "green"/,
      make('two', '{size: 1, colour: pink}'),
    );
    await refused(['apply', '-f', '-'], /unknown field "spec\.weight"/, make('two', '{size: 1, weight: 2}'));
    assert.match(
      await k(
        'patch',
        resource,
        'one',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"spec":{"size":9},"status":{"phase":"Turning"}}',
      ),
      /patched/,
    );
    assert.equal(
      await k('get', resource, 'one', '-o', 'jsonpath={.spec.size} {.status.phase} {.metadata.generation}'),
      '4 Turning 2',
    );
    assert.match(
      await k('wait', '--for=jsonpath={.status.phase}=Turning', `${resource}/one`, '--timeout=10s'),
      /condition met/,
    );
    assert.match(
      await kubectl().ok(['explain', `${resource}.spec`]),
      /size\t<integer> -required-\n +How large it is\./,
    );
    assert.match(await kubectl().ok(['explain', 'configmap.data']), /FIELD: data <map\[string\]string>/);
    assert.match(await kubectl().ok(['delete', 'crd', resource]), /deleted/);
    await refused(['get', resource], /the server doesn't have a resource type|could not find the requested resource/);
  });

  test(`${label}: who may do what`, async () => {
    assert.equal(await k('auth', 'can-i', 'create', 'configmaps'), 'yes\n');
    assert.match(await kubectl().ok(['auth', 'whoami']), /Username +\S+/);
    const robot = `system:serviceaccount:${ns}:robot`;
    const denied = await kubectl().try(['-n', ns, 'auth', 'can-i', 'get', 'configmaps', `--as=${robot}`]);
    assert.equal(denied.stdout, 'no\n');
    await k('create', 'role', 'reader', '--verb=get,list', '--resource=configmaps');
    await k('create', 'rolebinding', 'robot-reads', '--role=reader', `--serviceaccount=${ns}:robot`);
    assert.equal(await k('auth', 'can-i', 'get', 'configmaps', `--as=${robot}`), 'yes\n');
    const token = (await k('create', 'token', 'robot')).trim();
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    const list = await kubectl().try(['-n', ns, 'get', 'secrets', `--as=${robot}`]);
    assert.equal(
      list.stderr,
      `Error from server (Forbidden): secrets is forbidden: User "${robot}" cannot list resource "secrets" in API group "" in the namespace "${ns}"\n`,
    );
    assert.match(await k('auth', 'can-i', '--list', `--as=${robot}`), /configmaps +\[\] +\[\] +\[get list\]/);
  });

  test(`${label}: delete waits, a namespace takes its content along`, async () => {
    assert.equal(
      await k('delete', 'cm', 'plain'),
      `configmap "plain" deleted${(await kubectl().ok(['version', '--client'])).includes('v1.32') ? '' : ` from ${ns} namespace`}\n`,
    );
    assert.equal(
      await k('delete', 'cm', '--all', '-o', 'name').then((out) => out.includes('configmap/settings')),
      true,
    );
    assert.match(await kubectl().ok(['delete', 'namespace', ns, '--timeout=60s']), /deleted/);
    await refused(['get', 'namespace', ns], /NotFound/);
    await refused(['create', 'configmap', 'late'], new RegExp(`namespaces "${ns}" not found`));
  });
}
