import type { ResourceDefinition } from '../registry/definition.ts';
import type { Within } from '../registry/within.ts';
import type { RequestContext } from '../request.ts';
import type { KubeObject } from '../scheme/json.ts';

/** What is about to happen. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly definition: ResourceDefinition;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Mutable for mutate(); undefined with DELETE. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly dryRun: boolean;
  readonly context: RequestContext;
  /** Set by the plugin that has looked at the namespace of something new: it is made only while that holds. */
  within?: Within;
}

/** One plugin of the chain. Refusals are ApiError (403 Forbidden unless the plugin says otherwise). */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest): Promise<void>;
  validate?(request: AdmissionRequest): Promise<void>;
}

/** The chain in force, in order: every mutate, then every validate. */
export interface Admission {
  mutate(request: AdmissionRequest): Promise<void>;
  validate(request: AdmissionRequest): Promise<void>;
}
