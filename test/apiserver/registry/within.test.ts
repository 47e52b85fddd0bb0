import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ApiError } from '../../../apiserver/errors.ts';
import { withinNamespace } from '../../../apiserver/registry/within.ts';
import { configMaps } from '../../../apiserver/resources/config-map.ts';
import { namespaces } from '../../../apiserver/resources/namespace.ts';
import { type KubeObject, textAt } from '../../../apiserver/scheme/json.ts';
import { makeRegistry } from '../kit/api.ts';
import { MemoryKv } from '../kit/memory-kv.ts';

/** What a server that is behind may still do in a namespace that has changed. */
describe('a create is bound to its namespace as it was seen', { timeout: 20_000 }, () => {
  let kv: MemoryKv;
  let made: ReturnType<typeof makeRegistry>;
  let seen: KubeObject;
  let looks: number;

  beforeEach(async () => {
    kv = new MemoryKv();
    made = makeRegistry(kv);
    looks = 0;
    const object = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'ns' } };
    seen = await made.registry.create(namespaces, '', object);
  });
  afterEach(() => made.caches.close());

  const createStale = (name: string): Promise<KubeObject> => {
    const within = withinNamespace(seen, {
      check: (namespace) => {
        if (textAt(namespace, 'status', 'phase') === 'Terminating')
          throw new ApiError(403, 'Forbidden', 'it is being terminated');
      },
      live: () => {
        looks++;
        return made.registry.get(namespaces, '', 'ns');
      },
    });
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } };
    return made.registry.create(configMaps, 'ns', object, { within });
  };
  const isStored = (name: string): boolean => kv.value(`/registry/configmaps/ns/${name}`) !== undefined;

  it('which is one transaction while nothing has changed', async () => {
    await createStale('a');
    assert.equal(looks, 0);
    assert.ok(isStored('a'));
    await assert.rejects(createStale('a'), { code: 409, reason: 'AlreadyExists' });
  });

  it('and looks again when it has', async () => {
    const label = (current: KubeObject | undefined): KubeObject => ({
      ...current,
      metadata: { ...current?.metadata, labels: { a: 'b' } },
    });
    await made.registry.update(namespaces, '', 'ns', label);
    await createStale('a');
    assert.equal(looks, 1);
    assert.ok(isStored('a'));
  });

  it('and is refused when it is being deleted', async () => {
    const { gone } = await made.registry.delete(namespaces, '', 'ns');
    assert.equal(gone, false);
    await assert.rejects(createStale('a'), { code: 403 });
    assert.ok(!isStored('a'));
  });

  it('and is refused when it is gone', async () => {
    kv.delete1('/registry/namespaces/ns');
    await assert.rejects(createStale('a'), { code: 404 });
    assert.ok(!isStored('a'));
  });
});
