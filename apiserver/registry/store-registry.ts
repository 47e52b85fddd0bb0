import type { Admission, AdmissionRequest } from '../admission/plugin.ts';
import type { ResourceCache } from '../cache/types.ts';
import { ApiError, alreadyExists, badRequest, methodNotAllowed, notFound } from '../errors.ts';
import { sameJson } from '../patch/json-patch.ts';
import type { RequestContext } from '../request.ts';
import { copyJson } from '../scheme/defaults.ts';
import { type KubeObject, textAt } from '../scheme/json.ts';
import type { ObjectStore, StoreCall, StoredValue } from '../store/object-store.ts';
import type { CachePool } from './cache-pool.ts';
import type { ResourceDefinition, Subresource } from './definition.ts';
import { checkDeletePreconditions, goesWithUpdate, planDeletion, validateDeleteOptions } from './deletion.ts';
import { generateName } from './generate-name.ts';
import { REGISTRY_LIMITS } from './limits.ts';
import {
  bumpGeneration,
  checkPreconditions,
  dropRepeatedOwners,
  fillForCreate,
  groupResource,
  keepForUpdate,
  metaOf,
  refuseResourceVersion,
  staleConflict,
  takeNamespace,
} from './object-meta.ts';
import { ObjectReads } from './object-reads.ts';
import type { DeleteOptions, Registry, WriteOptions } from './registry.ts';
import { applyAllDefaults, bytesForStore, rememberWritten } from './stored-form.ts';
import { validateChanged, validateNew } from './validation.ts';
import { createWithin, type Within } from './within.ts';

export interface StoreRegistryOptions {
  readonly store: ObjectStore;
  readonly caches: CachePool;
  readonly admission: Admission;
  readonly now: () => number;
}

type UpdateOptions = WriteOptions & { readonly subresource?: string; readonly allowCreate?: boolean };
type Change = (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>;

/** What one write is about. */
interface Target {
  readonly definition: ResourceDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly options: WriteOptions;
}

/** The Registry over the store. */
export class StoreRegistry implements Registry {
  /** Reads of objects as bytes. */
  readonly reads: ObjectReads;
  readonly #store: ObjectStore;
  readonly #caches: CachePool;
  readonly #admission: Admission;
  readonly #now: () => number;

  constructor(options: StoreRegistryOptions) {
    this.#store = options.store;
    this.reads = new ObjectReads(options.store, options.caches);
    this.#caches = options.caches;
    this.#admission = options.admission;
    this.#now = options.now;
  }

  cache(definition: ResourceDefinition): ResourceCache {
    return this.#caches.get(definition);
  }

  async get(definition: ResourceDefinition, namespace: string, name: string): Promise<KubeObject> {
    const stored = await this.reads.stored(definition, namespace, name, undefined);
    if (stored === undefined) throw notFound(groupResource(definition), name);
    return this.reads.decode(definition, stored);
  }

  async create(
    definition: ResourceDefinition,
    namespace: string,
    input: KubeObject,
    options: WriteOptions = {},
  ): Promise<KubeObject> {
    const object = copyJson(input);
    const target: Target = {
      definition,
      namespace,
      name: textAt(object, 'metadata', 'name'),
      subresource: '',
      options,
    };
    if (!definition.stored) return this.#createVirtual(target, object);
    takeNamespace(definition, object, namespace);
    refuseResourceVersion(object);
    applyAllDefaults(definition, object);
    const within = (await this.#mutate(target, 'CREATE', object, undefined)) ?? options.within;
    const generated = textAt(object, 'metadata', 'name') === '' ? textAt(object, 'metadata', 'generateName') : '';
    for (let attempt = 1; ; attempt++) {
      if (generated !== '') metaOf(object)['name'] = generateName(generated);
      // A name that is taken leads to another attempt with another one.
      const created = await this.#tryCreate(target, generated === '' ? object : copyJson(object), within);
      if (created !== undefined) return created;
      const name = textAt(object, 'metadata', 'name');
      if (generated === '') throw alreadyExists(groupResource(definition), name);
      if (attempt === REGISTRY_LIMITS.generateNameAttempts) throw noUniqueName(definition, name);
    }
  }

  async update(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    change: Change,
    options: UpdateOptions = {},
  ): Promise<{ readonly object: KubeObject; readonly created: boolean }> {
    const target: Target = { definition, namespace, name, subresource: options.subresource ?? '', options };
    let stored = await this.reads.stored(definition, namespace, name, options.context?.signal);
    for (let attempt = 1; ; attempt++) {
      if (stored === undefined) {
        if (options.allowCreate !== true) throw notFound(groupResource(definition), name);
        return { object: await this.#createByUpdate(target, await change(undefined)), created: true };
      }
      const written = await this.#tryUpdate(target, stored, change);
      if (written.done) return { object: written.object, created: false };
      if (attempt === REGISTRY_LIMITS.updateAttempts) throw staleConflict(definition, name);
      stored = written.current;
    }
  }

  async delete(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<{ readonly object: KubeObject; readonly gone: boolean }> {
    validateDeleteOptions(options);
    const target: Target = { definition, namespace, name, subresource: '', options };
    let stored = await this.reads.stored(definition, namespace, name, options.context?.signal);
    for (let attempt = 1; ; attempt++) {
      if (stored === undefined) throw notFound(groupResource(definition), name);
      const deleted = await this.#tryDelete(target, stored, options);
      if (deleted.done) return deleted;
      if (attempt === REGISTRY_LIMITS.updateAttempts) throw staleConflict(definition, name);
      stored = deleted.current;
    }
  }

  /** Answers a POST on a subresource (TokenRequest, Binding, Eviction). Errors: ApiError 404 without the parent. */
  async createSubresource(
    definition: ResourceDefinition,
    place: { readonly namespace: string; readonly name: string },
    subresource: Subresource,
    body: KubeObject,
    context: RequestContext,
    options: WriteOptions,
  ): Promise<KubeObject> {
    if (subresource.create === undefined) throw methodNotAllowed();
    const object = copyJson(body);
    const target: Target = { definition, ...place, subresource: subresource.name, options: { ...options, context } };
    const parent = await this.get(definition, place.namespace, place.name);
    const own = textAt(object, 'metadata', 'name');
    if (own !== '' && own !== place.name) {
      throw badRequest(`the name of the object (${own}) does not match the name on the URL (${place.name})`);
    }
    const request = admissionRequest(target, 'CREATE', object, undefined);
    if (request !== undefined) {
      await this.#admission.mutate(request);
      await this.#admission.validate(request);
    }
    return subresource.create(object, parent, context);
  }

  /** Undefined: the name is taken. */
  async #tryCreate(target: Target, object: KubeObject, within?: Within): Promise<KubeObject | undefined> {
    const { definition, options } = target;
    fillForCreate(definition, object, this.#now());
    definition.strategy.prepareForCreate?.(object);
    if (dropRepeatedOwners(object)) options.context?.warn(REPEATED_OWNERS);
    validateNew(definition, object);
    for (const text of definition.strategy.warnings?.(object, undefined) ?? []) options.context?.warn(text);
    await this.#validate(target, 'CREATE', object, undefined);
    const name = textAt(object, 'metadata', 'name');
    const key = this.reads.keyOf(definition, target.namespace, name);
    if (options.dryRun === true) {
      const { value } = await this.#store.get(key, this.#call(target));
      return value === undefined ? object : undefined;
    }
    const ttlSeconds = definition.strategy.ttlSeconds?.(object) ?? 0;
    const value = bytesForStore(definition, object);
    const result = await createWithin(this.#store, { key, value, ttlSeconds, within }, this.#call(target));
    if (!result.done) return undefined;
    metaOf(object)['resourceVersion'] = String(result.revision);
    rememberWritten(definition, object, value, result.revision);
    return object;
  }

  async #createByUpdate(target: Target, object: KubeObject): Promise<KubeObject> {
    const { definition, namespace, name, options } = target;
    const uid = textAt(object, 'metadata', 'uid');
    if (uid !== '') {
      throw notFound(groupResource(definition), name);
    }
    checkName(object, name);
    metaOf(object)['name'] = name;
    delete metaOf(object)['resourceVersion'];
    return this.create(definition, namespace, object, options);
  }

  async #createVirtual(target: Target, object: KubeObject): Promise<KubeObject> {
    const { definition, options } = target;
    const { context } = options;
    const answer = definition.strategy.virtualCreate;
    if (answer === undefined || context === undefined)
      throw badRequest(`${definition.plural} cannot be created without a request`);
    if (definition.scope === 'Namespaced') takeNamespace(definition, object, target.namespace);
    applyAllDefaults(definition, object);
    await this.#mutate(target, 'CREATE', object, undefined);
    await this.#validate(target, 'CREATE', object, undefined);
    return answer(object, context);
  }

  async #tryUpdate(
    target: Target,
    stored: StoredValue,
    change: Change,
  ): Promise<
    | { readonly done: true; readonly object: KubeObject }
    | { readonly done: false; readonly current: StoredValue | undefined }
  > {
    const { definition, namespace, name, options } = target;
    const old = this.reads.decode(definition, stored);
    const next = copyJson(await change(copyJson(old)));
    checkName(next, name);
    takeNamespace(definition, next, namespace);
    checkPreconditions(definition, next, old, stored.revision);
    metaOf(next)['resourceVersion'] = String(stored.revision);
    await this.#prepareUpdate(target, next, old);
    const key = this.reads.keyOf(definition, namespace, name);
    if (goesWithUpdate(definition, next, old)) {
      if (options.dryRun === true) return { done: true, object: next };
      const result = await this.#store.delete(key, stored.revision, this.#call(target));
      return result.done ? { done: true, object: next } : result;
    }
    // Nothing changed: no write, no event, the same resourceVersion. Controllers rely on it to come to rest.
    if (options.dryRun === true || sameJson(next, old)) return { done: true, object: next };
    const ttl = definition.strategy.ttlSeconds?.(next) ?? 0;
    const bytes = bytesForStore(definition, next);
    const result = await this.#store.update(key, bytes, stored.revision, ttl, this.#call(target));
    if (!result.done) return result;
    metaOf(next)['resourceVersion'] = String(result.revision);
    rememberWritten(definition, next, bytes, result.revision);
    return { done: true, object: next };
  }

  /** Admission, the strategy and validation. Mutates `next`. */
  async #prepareUpdate(target: Target, next: KubeObject, old: KubeObject): Promise<void> {
    const { definition, options } = target;
    const subresource = subresourceOf(target);
    applyAllDefaults(definition, next);
    await this.#mutate(target, 'UPDATE', next, old);
    if (subresource === undefined) definition.strategy.prepareForUpdate?.(next, old);
    else subresource.prepareForUpdate?.(next, old);
    keepForUpdate(next, old);
    if (dropRepeatedOwners(next)) options.context?.warn(REPEATED_OWNERS);
    bumpGeneration(definition, next, old);
    validateChanged(definition, next, old, subresource);
    for (const text of definition.strategy.warnings?.(next, old) ?? []) options.context?.warn(text);
    await this.#validate(target, 'UPDATE', next, old);
  }

  async #tryDelete(
    target: Target,
    stored: StoredValue,
    options: DeleteOptions,
  ): Promise<
    | { readonly done: true; readonly object: KubeObject; readonly gone: boolean }
    | { readonly done: false; readonly current: StoredValue | undefined }
  > {
    const { definition, namespace, name } = target;
    const old = this.reads.decode(definition, stored);
    checkDeletePreconditions(definition, old, options);
    await this.#mutate(target, 'DELETE', undefined, old);
    await this.#validate(target, 'DELETE', undefined, old);
    const step = planDeletion(definition, old, options, this.#now());
    const key = this.reads.keyOf(definition, namespace, name);
    if (step.type === 'pending') return { done: true, object: old, gone: false };
    if (step.type === 'remove') {
      if (options.dryRun === true) return { done: true, object: old, gone: true };
      const result = await this.#store.delete(key, stored.revision, this.#call(target));
      return result.done ? { done: true, object: old, gone: true } : result;
    }
    if (options.dryRun === true) return { done: true, object: step.object, gone: false };
    const bytes = bytesForStore(definition, step.object);
    const ttl = definition.strategy.ttlSeconds?.(step.object) ?? 0;
    const result = await this.#store.update(key, bytes, stored.revision, ttl, this.#call(target));
    if (!result.done) return result;
    metaOf(step.object)['resourceVersion'] = String(result.revision);
    return { done: true, object: step.object, gone: false };
  }

  /** Returns what the write is then bound to. */
  async #mutate(
    target: Target,
    operation: Operation,
    object: KubeObject | undefined,
    old: KubeObject | undefined,
  ): Promise<Within | undefined> {
    const request = admissionRequest(target, operation, object, old);
    if (request === undefined) return undefined;
    await this.#admission.mutate(request);
    // What a plugin added gets its defaults too (conformance: "mutate pod and apply defaults after mutation").
    if (object !== undefined) applyAllDefaults(target.definition, object);
    return request.within;
  }

  async #validate(
    target: Target,
    operation: Operation,
    object: KubeObject | undefined,
    old: KubeObject | undefined,
  ): Promise<void> {
    const request = admissionRequest(target, operation, object, old);
    if (request !== undefined) await this.#admission.validate(request);
  }

  #call({ definition, options }: Pick<Target, 'definition' | 'options'>): StoreCall {
    return { resource: groupResource(definition), signal: options.context?.signal };
  }
}

type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Undefined: the server itself writes, and nothing stops it. */
function admissionRequest(
  { definition, namespace, name, subresource, options }: Target,
  operation: Operation,
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
): AdmissionRequest | undefined {
  const { context } = options;
  if (context === undefined) return undefined;
  const dryRun = options.dryRun === true;
  return { operation, definition, subresource, namespace, name, object, oldObject, dryRun, context };
}

function subresourceOf({ definition, subresource }: Target): Subresource | undefined {
  return subresource === '' ? undefined : definition.subresources.find((s) => s.name === subresource);
}

function checkName(object: KubeObject, name: string): void {
  const own = textAt(object, 'metadata', 'name');
  if (own !== name && own !== '') {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  }
  metaOf(object)['name'] = name;
}

const REPEATED_OWNERS =
  '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests';

const noUniqueName = (definition: ResourceDefinition, name: string): ApiError => {
  const taken = alreadyExists(groupResource(definition), name);
  return new ApiError(
    409,
    'AlreadyExists',
    `${taken.message}, the server was not able to generate a unique name for the object`,
    {
      ...taken.details,
      retryAfterSeconds: 1,
    },
  );
};
