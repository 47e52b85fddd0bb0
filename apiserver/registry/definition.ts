import type { FieldError } from '../errors.ts';
import type { RequestContext, Verb } from '../request.ts';
import type { Json, JsonObject, KubeObject } from '../scheme/json.ts';
import type { Schema } from '../scheme/schema.ts';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A column of `kubectl get`. Source: meta/v1 TableColumnDefinition. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, above 0 only with -o wide. */
  readonly priority: number;
  /** The cell. `nowMs` for ages. Cells of type date given as RFC 3339 are shown as an age by the printer. */
  readonly of: (object: KubeObject, nowMs: number) => Json;
}

/** What is particular to a resource; everything absent is the common rule (apiserver rest.RESTCreateStrategy and its kin). */
export interface Strategy {
  /** PUT of a name that does not exist creates it (leases, events …). */
  readonly allowCreateOnUpdate?: boolean;
  /** PUT without resourceVersion is taken (most built-ins yes, CRs no). Default true. */
  readonly allowUnconditionalUpdate?: boolean;
  /** `metadata.generation` is kept: which parts bump it is told by `generationOf` (compared before and after). Absent: no generation. */
  readonly generationOf?: (object: KubeObject) => Json | undefined;
  /** Changes the new object before validation (drops status, fills what the server owns). Mutates. */
  readonly prepareForCreate?: (object: KubeObject) => void;
  readonly prepareForUpdate?: (object: KubeObject, old: KubeObject) => void;
  /** Defaults beyond the schema's `default`s. Mutates. Run on requests and on reads of stored objects. */
  readonly defaults?: (object: KubeObject) => void;
  readonly validate?: (object: KubeObject) => readonly FieldError[];
  readonly validateUpdate?: (object: KubeObject, old: KubeObject) => readonly FieldError[];
  /** How `metadata.name` is judged; default: DNS subdomain. */
  readonly validateName?: (name: string, prefix: boolean) => readonly string[];
  readonly warnings?: (object: KubeObject, old: KubeObject | undefined) => readonly string[];
  /** Seconds after which the object goes away by itself (events). */
  readonly ttlSeconds?: (object: KubeObject) => number;
  /** Nothing is stored: create answers what this returns (reviews, token requests). */
  readonly virtualCreate?: (object: KubeObject, context: RequestContext) => Promise<KubeObject>;
  /** A last word before removal is begun (namespaces set Terminating instead of going). Return true when the object must stay until a later update removes it. */
  readonly beginDeletion?: (object: KubeObject) => boolean;
  /**
   * The resource is deleted gracefully (pods): seconds from the request to removal, 0 = at once. `requested` is what the client asked for.
   * Absent: removal is immediate. Source: rest.RESTGracefulDeleteStrategy.
   */
  readonly gracePeriodSeconds?: (object: KubeObject, requested: number | undefined) => number;
  /** An object that is being deleted may go at this update (default: deletionTimestamp set and no finalizers). */
  readonly isFinalized?: (object: KubeObject) => boolean;
}

/** `/status`, `/finalize`, `/token`, `/scale` … of a resource. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly ('get' | 'update' | 'patch' | 'create')[];
  /** The kind it speaks, when not the parent's (TokenRequest of authentication.k8s.io/v1). */
  readonly kind?: GroupVersionKind & { readonly schema: Schema };
  /** update/patch: takes from `next` what this subresource may change, the rest from `old`. Mutates `next`. */
  readonly prepareForUpdate?: (next: KubeObject, old: KubeObject) => void;
  readonly validateUpdate?: (next: KubeObject, old: KubeObject) => readonly FieldError[];
  /** create: answers the posted object (TokenRequest). `parent` exists. */
  readonly create?: (body: KubeObject, parent: KubeObject, context: RequestContext) => Promise<KubeObject>;
}

/** One served version of a resource. Built-in kinds and CRDs alike. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly verbs: readonly Verb[];
  readonly schema: Schema;
  /** The version objects are stored in; convert() is applied to and from it. */
  readonly storageVersion: string;
  /** The group of the stored form when it is another one's (events.k8s.io is stored as core v1); convert() then looks at the object's apiVersion. */
  readonly storageGroup?: string;
  /** Between served versions; default: only apiVersion changes (conversion None). Mutates and returns. */
  readonly convert?: (object: KubeObject, toVersion: string) => KubeObject;
  /** Key below the prefix, without slashes at the ends: `configmaps`, `acme.io/widgets`. Objects lie at <prefix>/<storagePath>/[<ns>/]<name>. */
  readonly storagePath: string;
  readonly subresources: readonly Subresource[];
  readonly columns: readonly Column[];
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly fieldSelectors: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly strategy: Strategy;
  /** False for kinds without metadata or storage (SubjectAccessReview …): verbs is ['create'] and strategy.virtualCreate is set. */
  readonly stored: boolean;
  /** True for kinds with protobuf facts in the schema. */
  readonly builtIn: boolean;
  /** Deprecated version: the text of the Warning header. */
  readonly deprecationWarning?: string;
  /** Strategic merge patch is taken (built-ins). */
  readonly strategicMerge: boolean;
}

/** A shorthand's input: everything with a common default may be left out. */
export type ResourceInput = Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'plural' | 'scope' | 'schema'> &
  Partial<ResourceDefinition>;

/** Fills the common defaults of a built-in resource. */
export function defineResource(input: ResourceInput): ResourceDefinition {
  return {
    listKind: `${input.kind}List`,
    singular: input.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    storageVersion: input.version,
    storagePath: input.plural,
    subresources: [],
    columns: [],
    fieldSelectors: {},
    strategy: {},
    stored: true,
    builtIn: true,
    strategicMerge: true,
    ...input,
  };
}

export type { JsonObject, KubeObject };
