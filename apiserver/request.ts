import type { CancelSignal } from '../base/cancel.ts';

/** Who asks. Source: Kubernetes authentication user.Info. */
export interface UserInfo {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What is asked, read from method and URL (apiserver endpoints/request/requestinfo.go). */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly path: string;
  /** A `Verb` for resource requests, the lower-case HTTP method otherwise. */
  readonly verb: string;
  readonly apiPrefix: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** Plural name, '' for non-resource requests. */
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly parts: readonly string[];
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** One request on its way through filters and handlers. */
export interface RequestContext {
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  readonly auditId: string;
  /** Aborted when the client goes away or the deadline passes. */
  readonly signal: CancelSignal;
  /** Adds a `Warning: 299 - "text"` header; duplicates are dropped. */
  warn(text: string): void;
}
