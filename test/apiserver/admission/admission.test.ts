import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildPlugins } from '../../../apiserver/admission/build.ts';
import { admissionChain } from '../../../apiserver/admission/chain.ts';
import { pluginFlagsError, pluginsInForce } from '../../../apiserver/admission/known-plugins.ts';
import type { AdmissionRequest } from '../../../apiserver/admission/plugin.ts';
import { ApiError, notFound } from '../../../apiserver/errors.ts';
import type { RequestContext } from '../../../apiserver/request.ts';
import type { KubeObject } from '../../../apiserver/scheme/json.ts';
import { fakeCluster } from '../controllers/fake-registry.ts';

const { definition } = fakeCluster();
const namespace = (phase: string): KubeObject => ({ status: { phase } });

function chain(
  cached: Readonly<Record<string, KubeObject>>,
  live: Readonly<Record<string, KubeObject>>,
  enable: readonly string[] = [],
) {
  const created: string[] = [];
  const plugins = buildPlugins(
    { enable, disable: [] },
    {
      namespaces: {
        cached: (name) => cached[name],
        live: async (name) => {
          const found = live[name];
          if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, name);
          return found;
        },
      },
      createNamespace: async (name) => created.push(name),
    },
  );
  return { ...admissionChain(plugins), created };
}

function request(
  operation: AdmissionRequest['operation'],
  plural: string,
  space: string,
  name: string,
  object?: KubeObject,
): AdmissionRequest {
  const group = plural === 'localsubjectaccessreviews' ? 'authorization.k8s.io' : '';
  return {
    operation,
    definition: definition(group, plural),
    subresource: '',
    namespace: space,
    name,
    object,
    oldObject: undefined,
    dryRun: false,
    context: {} as RequestContext,
  };
}

describe('NamespaceLifecycle', () => {
  const rows: readonly (readonly [string, AdmissionRequest, string | undefined])[] = [
    ['creates where the cache knows the namespace', request('CREATE', 'configmaps', 'known', 'x'), undefined],
    ['creates where only the store knows it', request('CREATE', 'configmaps', 'fresh', 'x'), undefined],
    ['not where nobody knows it', request('CREATE', 'configmaps', 'nope', 'x'), 'namespaces "nope" not found'],
    ['nor updates there', request('UPDATE', 'configmaps', 'nope', 'x'), 'namespaces "nope" not found'],
    ['but deletes there', request('DELETE', 'configmaps', 'nope', 'x'), undefined],
    [
      'not where it goes',
      request('CREATE', 'configmaps', 'going', 'x'),
      'configmaps "x" is forbidden: unable to create new content in namespace going because it is being terminated',
    ],
    [
      'nor without a name',
      request('CREATE', 'configmaps', 'going', '', { metadata: { generateName: 'a-' } }),
      'configmaps "Unknown" is forbidden: unable to create new content in namespace going because it is being terminated',
    ],
    ['but updates there', request('UPDATE', 'configmaps', 'going', 'x'), undefined],
    ['access reviews anywhere', request('CREATE', 'localsubjectaccessreviews', 'nope', ''), undefined],
    [
      'keeps default',
      request('DELETE', 'namespaces', 'default', 'default'),
      'namespaces "default" is forbidden: this namespace may not be deleted',
    ],
    [
      'keeps kube-system',
      request('DELETE', 'namespaces', '', 'kube-system'),
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    ],
    ['not kube-node-lease', request('DELETE', 'namespaces', '', 'kube-node-lease'), undefined],
    ['a new namespace', request('CREATE', 'namespaces', 'new', 'new'), undefined],
  ];
  for (const [name, what, refusal] of rows) {
    it(name, async () => {
      const { mutate, validate } = chain(
        { known: namespace('Active'), going: namespace('Terminating') },
        { fresh: namespace('Active') },
      );
      const run = mutate(what).then(() => validate(what));
      if (refusal === undefined) await run;
      else await assert.rejects(run, (error: unknown) => error instanceof ApiError && error.message === refusal);
    });
  }
  it('says why in a cause', async () => {
    const { mutate } = chain({ going: namespace('Terminating') }, {});
    await assert.rejects(mutate(request('CREATE', 'configmaps', 'going', 'x')), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.code, 403);
      assert.deepEqual(error.details?.causes, [
        { reason: 'NamespaceTerminating', message: 'namespace going is being terminated', field: 'metadata.namespace' },
      ]);
      return true;
    });
  });
});

describe('plugins by flag', () => {
  it('are in force in the order of the chain', () => {
    assert.deepEqual(pluginsInForce([], []), ['NamespaceLifecycle']);
    assert.deepEqual(pluginsInForce(['AlwaysDeny', 'NamespaceExists', 'NamespaceAutoProvision'], []), [
      'NamespaceAutoProvision',
      'NamespaceLifecycle',
      'NamespaceExists',
      'AlwaysDeny',
    ]);
    assert.deepEqual(pluginsInForce([], ['NamespaceLifecycle']), []);
  });
  const rows: readonly (readonly [readonly string[], readonly string[], string | undefined])[] = [
    [['NodeRestriction'], ['ServiceAccount'], undefined],
    [['Nope'], [], 'enable-admission-plugins plugin "Nope" is unknown'],
    [[], ['Nope'], 'disable-admission-plugins plugin "Nope" is unknown'],
    [['EventRateLimit'], [], 'enable-admission-plugins plugin "EventRateLimit" is not supported'],
    [
      ['PodSecurity'],
      ['PodSecurity'],
      'PodSecurity in enable-admission-plugins and disable-admission-plugins overlapped',
    ],
  ];
  for (const [enable, disable, error] of rows)
    it(`${enable} ${disable}`, () => assert.equal(pluginFlagsError(enable, disable), error));
  it('NamespaceAutoProvision makes the namespace first', async () => {
    const { mutate, created } = chain({}, { nope: namespace('Active') }, ['NamespaceAutoProvision']);
    await mutate(request('CREATE', 'configmaps', 'nope', 'x'));
    assert.deepEqual(created, ['nope']);
  });
  it('AlwaysDeny denies', () =>
    assert.rejects(
      chain({ a: namespace('Active') }, {}, ['AlwaysDeny']).mutate(request('CREATE', 'configmaps', 'a', 'x')),
      /admission control is denying all modifications/,
    ));
});
