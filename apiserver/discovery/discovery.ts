import { createHash } from 'node:crypto';
import type { Catalog } from '../registry/catalog.ts';
import type { JsonObject } from '../scheme/json.ts';
import {
  aggregated,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type DiscoveryVersion,
} from './documents.ts';
import { type ServedGroup, servedGroups } from './group-order.ts';

/** An answer that is whole. */
export interface DocumentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface DiscoveryRequest {
  readonly path: string;
  /** The Accept header. */
  readonly accept: string | undefined;
  /** The If-None-Match header. */
  readonly ifNoneMatch: string | undefined;
  /** host:port under which the client reached the server. */
  readonly serverAddress: string;
}

/** Answers discovery from a catalog; documents are made when first asked for and kept until the catalog changes. */
export class Discovery {
  readonly #catalog: Catalog;
  #generation = -1;
  #groups: readonly ServedGroup[] = [];
  readonly #documents = new Map<string, { readonly body: Buffer; readonly etag: string }>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** `/api`, `/apis`, `/api/v1`, `/apis/<group>`, `/apis/<group>/<version>` (a slash at the end is ignored); undefined for anything else. */
  respond(request: DiscoveryRequest): DocumentResponse | undefined {
    this.#refresh();
    const path = request.path.replace(/\/$/, '');
    const wanted = path === '/api' || path === '/apis' ? aggregatedVersion(request.accept) : undefined;
    if (wanted !== undefined) return this.#aggregated(path, wanted, request.ifNoneMatch);
    const document = this.#legacy(path, request.serverAddress);
    if (document === undefined) return undefined;
    const headers = {
      'content-type': 'application/json',
      ...(path === '/api' || path === '/apis' ? { vary: 'Accept' } : {}),
    };
    return { status: 200, headers, body: bytesOf(document) };
  }

  /** GET /: the paths there are. `others`: those that are no API groups, like /healthz. */
  rootPaths(others: readonly string[]): DocumentResponse {
    this.#refresh();
    const paths = ['/api', '/apis', '/apis/', ...others];
    for (const { group, versions } of this.#groups) {
      if (group !== '') paths.push(`/apis/${group}`);
      for (const { version } of versions) paths.push(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
    }
    const body = bytesOf({ paths: [...new Set(paths)].sort() });
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }

  #refresh(): void {
    if (this.#generation === this.#catalog.generation) return;
    this.#generation = this.#catalog.generation;
    this.#groups = servedGroups(this.#catalog.all());
    this.#documents.clear();
  }

  #legacy(path: string, serverAddress: string): JsonObject | undefined {
    const parts = path.split('/').slice(1);
    if (path === '/api')
      return apiVersions(this.#group('')?.versions.map(({ version }) => version) ?? [], serverAddress);
    if (path === '/apis') return apiGroupList(this.#groups);
    const [root, ...rest] = parts;
    const [groupName, version] = root === 'api' ? ['', rest[0]] : root === 'apis' ? rest : [];
    if (groupName === undefined || rest.length > (root === 'api' ? 1 : 2)) return undefined;
    const group = this.#group(groupName);
    if (group === undefined) return undefined;
    if (version === undefined) return apiGroup(group);
    const served = group.versions.find((one) => one.version === version);
    return served === undefined ? undefined : apiResourceList(groupName, served);
  }

  #group(name: string): ServedGroup | undefined {
    return this.#groups.find(({ group }) => group === name);
  }

  #aggregated(path: string, version: DiscoveryVersion, ifNoneMatch: string | undefined): DocumentResponse {
    const key = `${path} ${version}`;
    let document = this.#documents.get(key);
    if (document === undefined) {
      const groups = this.#groups.filter(({ group }) => (group === '') === (path === '/api'));
      const body = bytesOf(aggregated(groups, version));
      document = { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
      this.#documents.set(key, document);
    }
    const headers = {
      'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      'cache-control': 'public',
      etag: document.etag,
      vary: 'Accept',
    };
    if (matches(ifNoneMatch, document.etag)) return { status: 304, headers, body: Buffer.alloc(0) };
    return { status: 200, headers, body: document.body };
  }
}

/** True when an If-None-Match names the ETag. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** The aggregated form that the client likes best, if it comes before plain JSON. Clients list what they can read, best first. */
function aggregatedVersion(accept: string | undefined): DiscoveryVersion | undefined {
  for (const clause of (accept ?? '').split(',')) {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const named = Object.fromEntries(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    if (named['as'] === undefined) return undefined;
    if (named['as'] !== 'APIGroupDiscoveryList' || named['g'] !== 'apidiscovery.k8s.io') continue;
    if (named['v'] === 'v2' || named['v'] === 'v2beta1') return named['v'];
  }
  return undefined;
}

const bytesOf = (document: JsonObject): Buffer => Buffer.from(`${JSON.stringify(document)}\n`);
