import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdmissionRequest } from '../../../apiserver/admission/plugin.ts';
import type { ResourceDefinition } from '../../../apiserver/registry/definition.ts';
import { checkDeletePreconditions, planDeletion, validateDeleteOptions } from '../../../apiserver/registry/deletion.ts';
import type { DeleteOptions } from '../../../apiserver/registry/registry.ts';
import type { RequestContext } from '../../../apiserver/request.ts';
import { configMaps } from '../../../apiserver/resources/config-map.ts';
import { namespaces } from '../../../apiserver/resources/namespace.ts';
import type { JsonObject, KubeObject } from '../../../apiserver/scheme/json.ts';
import { makeRegistry } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const graceful: ResourceDefinition = {
  ...configMaps,
  strategy: { gracePeriodSeconds: (_, requested) => requested ?? 30 },
};

describe('the deletion state machine', () => {
  const T0 = '2026-01-01T00:00:00Z';
  const rows: [
    what: string,
    definition: ResourceDefinition,
    metadata: JsonObject,
    options: DeleteOptions,
    step: string,
    after?: JsonObject,
  ][] = [
    ['nothing holds it', configMaps, {}, {}, 'remove'],
    [
      'a finalizer holds it',
      configMaps,
      { finalizers: ['f'] },
      {},
      'mark',
      { finalizers: ['f'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    [
      'generations grow',
      configMaps,
      { finalizers: ['f'], generation: 2 },
      {},
      'mark',
      { finalizers: ['f'], generation: 3, deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    ['again', configMaps, { finalizers: ['f'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 }, {}, 'pending'],
    [
      'orphans',
      configMaps,
      {},
      { propagationPolicy: 'Orphan' },
      'mark',
      { finalizers: ['orphan'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    [
      'foreground',
      configMaps,
      {},
      { propagationPolicy: 'Foreground' },
      'mark',
      { finalizers: ['foregroundDeletion'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    ['background', configMaps, {}, { propagationPolicy: 'Background' }, 'remove'],
    [
      'background after foreground',
      configMaps,
      { finalizers: ['foregroundDeletion'] },
      { propagationPolicy: 'Background' },
      'remove',
    ],
    [
      'orphanDependents',
      configMaps,
      {},
      { orphanDependents: true },
      'mark',
      { finalizers: ['orphan'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    ['orphanDependents=false', configMaps, { finalizers: ['orphan'] }, { orphanDependents: false }, 'remove'],
    [
      'no policy keeps the finalizer',
      configMaps,
      { finalizers: ['orphan'] },
      {},
      'mark',
      { finalizers: ['orphan'], deletionTimestamp: T0, deletionGracePeriodSeconds: 0 },
    ],
    ['grace', graceful, {}, {}, 'mark', { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 }],
    ['no grace', graceful, {}, { gracePeriodSeconds: 0 }, 'remove'],
    [
      'negative grace is one second',
      graceful,
      {},
      { gracePeriodSeconds: -5 },
      'mark',
      { deletionTimestamp: '2026-01-01T00:00:01Z', deletionGracePeriodSeconds: 1 },
    ],
    [
      'grace is shortened',
      graceful,
      { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
      { gracePeriodSeconds: 10 },
      'mark',
      { deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 10 },
    ],
    [
      'grace is not lengthened',
      graceful,
      { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
      { gracePeriodSeconds: 60 },
      'pending',
    ],
    [
      'grace runs on',
      graceful,
      { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
      {},
      'pending',
    ],
    [
      'grace is ended',
      graceful,
      { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
      { gracePeriodSeconds: 0 },
      'remove',
    ],
    [
      'grace shortened into the past',
      graceful,
      { deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 30 },
      { gracePeriodSeconds: 3 },
      'mark',
      { deletionTimestamp: T0, deletionGracePeriodSeconds: 1 },
    ],
  ];
  for (const [what, definition, metadata, options, step, after] of rows) {
    it(what, () => {
      const old: KubeObject = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'x', ...metadata } };
      const plan = planDeletion(definition, old, options, NOW);
      assert.equal(plan.type, step);
      if (plan.type === 'mark') assert.deepEqual(plan.object.metadata, { name: 'x', ...after });
    });
  }
  it('namespaces stay while they have finalizers of their own', () => {
    const old: KubeObject = {
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name: 'x' },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
    const plan = planDeletion(namespaces, old, {}, NOW);
    assert.ok(plan.type === 'mark');
    assert.deepEqual(plan.object['status'], { phase: 'Terminating' });
    assert.equal(plan.object.metadata?.['deletionTimestamp'], T0);
    assert.equal(planDeletion(namespaces, plan.object, {}, NOW + 5000).type, 'pending');
  });
  it('checks preconditions and options', () => {
    const old: KubeObject = { metadata: { name: 'x', uid: 'u', resourceVersion: '5' } };
    assert.throws(
      () => checkDeletePreconditions(configMaps, old, { preconditions: { uid: 'v' } }),
      /the UID in the precondition \(v\) does not match the UID in record \(u\)/,
    );
    assert.throws(() => checkDeletePreconditions(configMaps, old, { preconditions: { resourceVersion: '4' } }), {
      code: 409,
    });
    assert.throws(() => validateDeleteOptions({ propagationPolicy: 'Orphan', orphanDependents: true }), { code: 422 });
  });
});

describe('the registry', { timeout: 10_000 }, () => {
  const map = (name: string, data: JsonObject = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });

  it('takes a change up again when somebody else was faster', async () => {
    const { registry } = makeRegistry(new MemoryKv());
    await registry.create(configMaps, 'ns', map('x', { n: '0' }));
    const add = () =>
      registry.update(configMaps, 'ns', 'x', (current) => {
        const data = current?.['data'] as JsonObject;
        return { ...current, data: { n: String(Number(data['n']) + 1) } } as KubeObject;
      });
    await Promise.all(Array.from({ length: 8 }, add));
    assert.deepEqual((await registry.get(configMaps, 'ns', 'x'))['data'], { n: '8' });
  });

  it('keeps what the server owns', async () => {
    const { registry } = makeRegistry(new MemoryKv());
    const created = await registry.create(configMaps, 'ns', {
      ...map('x'),
      metadata: { name: 'x', uid: 'mine', deletionTimestamp: 'x', managedFields: [{}] },
    });
    assert.notEqual(created.metadata?.['uid'], 'mine');
    assert.equal(created.metadata?.['deletionTimestamp'], undefined);
    const { object } = await registry.update(configMaps, 'ns', 'x', (current) => ({
      ...current,
      metadata: { ...current?.metadata, creationTimestamp: '1999-01-01T00:00:00Z', labels: { a: 'b' } },
    }));
    assert.equal(object.metadata?.['creationTimestamp'], created.metadata?.['creationTimestamp']);
    await assert.rejects(
      registry.update(configMaps, 'ns', 'x', (current) => ({
        ...current,
        metadata: { ...current?.metadata, uid: 'other' },
      })),
      /Precondition failed: UID in precondition: other/,
    );
  });

  it('asks admission around the strategy, for clients only', async () => {
    const asked: string[] = [];
    const note = (step: string) => async (r: AdmissionRequest) => {
      asked.push(`${step} ${r.operation} ${r.name}`);
      if (step === 'mutate' && r.object !== undefined) r.object['data'] = { added: 'yes' };
    };
    const { registry } = makeRegistry(new MemoryKv(), { mutate: note('mutate'), validate: note('validate') });
    const context = { warn: () => undefined } as unknown as RequestContext;
    const created = await registry.create(configMaps, 'ns', map('x'), { context });
    assert.deepEqual(created['data'], { added: 'yes' });
    await registry.delete(configMaps, 'ns', 'x', { context });
    assert.deepEqual(asked, ['mutate CREATE x', 'validate CREATE x', 'mutate DELETE x', 'validate DELETE x']);
    await registry.create(configMaps, 'ns', map('y'));
    assert.equal(asked.length, 4);
  });

  it('drops the cache of a resource that is not served any more', async () => {
    const { registry, catalog } = makeRegistry(new MemoryKv());
    const cache = registry.cache(configMaps);
    await cache.ready();
    catalog.replace([configMaps], []);
    assert.ok(cache.closed.aborted);
    assert.notEqual(registry.cache(configMaps), cache);
    registry.cache(configMaps).close();
  });
});
