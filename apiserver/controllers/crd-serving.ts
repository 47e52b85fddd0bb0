import type { CacheEvent } from '../cache/types.ts';
import { isTrue } from '../crd/conditions.ts';
import { definitionsOf } from '../crd/definitions-of.ts';
import { acceptedNames } from '../crd/names.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { at, type KubeObject, textAt } from '../scheme/json.ts';
import type { Schema } from '../scheme/schema.ts';
import { builtIn, type Controller, type ControllerServices } from './controller.ts';

interface Served {
  /** Everything the definitions depend on; the same text means the same definitions. */
  readonly facts: string;
  readonly definitions: readonly ResourceDefinition[];
  /** Schemas by version with the text they were made of: a change of names or conditions must not restart the watch cache of the objects. */
  readonly schemas: ReadonlyMap<string, { readonly text: string; readonly schema: Schema }>;
}

/** Follows the CRDs and keeps the catalog as they say. Runs on every API server. `start` resolves when all CRDs known now are served. */
export function crdServing(services: ControllerServices): Controller {
  const served = new Map<string, Served>();
  return {
    name: 'crd-serving',
    async start() {
      const crds = builtIn(services.catalog, 'apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
      if (crds === undefined) return async () => {};
      const cache = services.registry.cache(crds);
      await cache.ready();
      const unsubscribe = cache.subscribe((events) => {
        for (const event of events) follow(event);
      });
      for (const crd of cache.list()) serve(crd.object());
      return async () => unsubscribe();
    },
  };

  function follow({ type, object }: CacheEvent): void {
    if (type === 'DELETED') withdraw(object.name);
    else serve(object.object());
  }

  function serve(crd: KubeObject): void {
    const name = textAt(crd, 'metadata', 'name');
    const before = served.get(name);
    const facts = JSON.stringify([
      textAt(crd, 'metadata', 'uid'),
      crd['spec'],
      acceptedNames(crd),
      isTrue(crd, 'Established'),
      isTrue(crd, 'Terminating'),
    ]);
    if (before?.facts === facts) return;
    try {
      const texts = schemaTexts(crd);
      const definitions = definitionsOf(crd).map((definition) => {
        const old = before?.schemas.get(definition.version);
        return old !== undefined && old.text === texts.get(definition.version)
          ? { ...definition, schema: old.schema }
          : definition;
      });
      const schemas = new Map(
        definitions.map(({ version, schema }) => [version, { text: texts.get(version) ?? '', schema }]),
      );
      served.set(name, { facts, definitions, schemas });
      services.catalog.replace(before?.definitions ?? [], definitions);
    } catch (error) {
      services.onTrouble(`custom resource definition ${name}`, error);
    }
  }

  function withdraw(name: string): void {
    const before = served.get(name);
    served.delete(name);
    if (before !== undefined) services.catalog.replace(before.definitions, []);
  }
}

/** Of each version, what its schema is made of: the schema itself and the names that label it. */
function schemaTexts(crd: KubeObject): ReadonlyMap<string, string> {
  const versions = at(crd, 'spec', 'versions');
  const names = acceptedNames(crd);
  const all = Array.isArray(versions) ? versions : [];
  return new Map(all.map((version) => [textAt(version, 'name'), JSON.stringify([names.kind, at(version, 'schema')])]));
}
