import { createHash } from 'node:crypto';
import { type DocumentResponse, matches } from '../discovery/discovery.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { JsonObject } from '../scheme/json.ts';
import { apiGroupListShape, apiGroupShape, apiVersionsShape } from './discovery-shapes.ts';
import { documentV2 } from './document-v2.ts';
import { type DocumentInfo, documentV3, getterV3 } from './document-v3.ts';
import { encodeV2 } from './gnostic-v2.ts';
import { encodeV3 } from './gnostic-v3.ts';
import { goGroupVersion } from './operations.ts';

export interface OpenApiRequest {
  /** Below /openapi: `/openapi/v2`, `/openapi/v3`, `/openapi/v3/apis/apps/v1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** One document in its two encodings, each made when first asked for. */
interface Document {
  readonly json: Buffer;
  readonly etag: string;
  protobuf: Buffer | undefined;
}

type Encoding = 'json' | 'protobuf';

const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * OpenAPI documents of a catalog. Each group version's document is made once and again only when its definitions change, so that a new CRD costs its own
 * group's document and not all of them.
 */
export class OpenApi {
  readonly #catalog: Catalog;
  readonly #info: DocumentInfo;
  #generation = -1;
  /** By path below /openapi/v3/. */
  #sources = new Map<string, readonly ResourceDefinition[] | JsonObject>();
  #documents = new Map<
    string,
    { readonly source: readonly ResourceDefinition[] | JsonObject; readonly document: Document }
  >();
  #v2: Document | undefined;
  #index: Document | undefined;

  constructor(catalog: Catalog, info: DocumentInfo) {
    this.#catalog = catalog;
    this.#info = info;
  }

  /** Undefined for paths that are none of OpenAPI's or name no group version. */
  respond(request: OpenApiRequest): DocumentResponse | undefined {
    this.#refresh();
    if (request.path === '/openapi/v2') return this.#respondV2(request);
    const path = request.path.replace(/\/$/, '');
    if (path === '/openapi/v3') return reply(this.#v3Index(), 'json', 'application/json', request);
    if (!path.startsWith('/openapi/v3/')) return undefined;
    return this.#respondV3(path.slice('/openapi/v3/'.length), request);
  }

  #respondV2(request: OpenApiRequest): DocumentResponse {
    const encoding = encodingOf(request.accept, 'v2');
    if (encoding === undefined) return notAcceptable();
    this.#v2 ??= documentOf(documentV2(this.#catalog.all(), this.#info));
    if (encoding === 'protobuf')
      this.#v2.protobuf ??= encodeV2(JSON.parse(this.#v2.json.toString('utf8')) as JsonObject);
    return reply(this.#v2, encoding, contentType(encoding, 'v2'), request);
  }

  #respondV3(name: string, request: OpenApiRequest): DocumentResponse | undefined {
    const document = this.#document(name);
    if (document === undefined) return undefined;
    const encoding = encodingOf(request.accept, 'v3');
    if (encoding === undefined) return notAcceptable();
    if (encoding === 'protobuf')
      document.protobuf ??= encodeV3(JSON.parse(document.json.toString('utf8')) as JsonObject);
    const hash = request.query.get('hash');
    if (hash === null) return reply(document, encoding, contentType(encoding, 'v3'), request);
    if (`"${hash}"` !== document.etag) {
      return { status: 301, headers: { location: relativeUrl(name, document) }, body: Buffer.alloc(0) };
    }
    const answer = reply(document, encoding, contentType(encoding, 'v3'), request);
    const forever = {
      'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`,
      expires: new Date(Date.now() + YEAR_SECONDS * 1000).toUTCString(),
    };
    return { ...answer, headers: { ...answer.headers, ...forever } };
  }

  #refresh(): void {
    if (this.#generation === this.#catalog.generation) return;
    this.#generation = this.#catalog.generation;
    this.#sources = sourcesOf(this.#catalog.all(), this.#info);
    for (const [name, { source }] of this.#documents) {
      if (!sameSource(source, this.#sources.get(name))) this.#documents.delete(name);
    }
    this.#v2 = undefined;
    this.#index = undefined;
  }

  #document(name: string): Document | undefined {
    const known = this.#documents.get(name);
    if (known !== undefined) return known.document;
    const source = this.#sources.get(name);
    if (source === undefined) return undefined;
    const document = documentOf(isList(source) ? documentV3(source, this.#info) : source);
    this.#documents.set(name, { source, document });
    return document;
  }

  #v3Index(): Document {
    if (this.#index !== undefined) return this.#index;
    const paths: JsonObject = {};
    for (const name of [...this.#sources.keys()].sort()) {
      const document = this.#document(name);
      if (document !== undefined) paths[name] = { serverRelativeURL: relativeUrl(name, document) };
    }
    this.#index = documentOf({ paths });
    return this.#index;
  }
}

const isList = (source: readonly ResourceDefinition[] | JsonObject): source is readonly ResourceDefinition[] =>
  Array.isArray(source);

function sameSource(
  a: readonly ResourceDefinition[] | JsonObject,
  b: readonly ResourceDefinition[] | JsonObject | undefined,
): boolean {
  if (b === undefined) return false;
  if (!isList(a) || !isList(b)) return !isList(a) && !isList(b);
  return a.length === b.length && a.every((definition, i) => definition === b[i]);
}

const relativeUrl = (name: string, { etag }: Document): string => `/openapi/v3/${name}?hash=${etag.slice(1, -1)}`;

/** What documents there are: one a group version, one a group, and the roots. */
function sourcesOf(
  definitions: readonly ResourceDefinition[],
  info: DocumentInfo,
): Map<string, readonly ResourceDefinition[] | JsonObject> {
  const sources = new Map<string, ResourceDefinition[] | JsonObject>();
  const getter = (
    path: string,
    id: string,
    tag: string,
    description: string,
    answer: Parameters<typeof getterV3>[1]['answer'],
  ): JsonObject => getterV3(path, { id, tag, description, answer }, info);
  sources.set('api', getter('/api/', 'getCoreAPIVersions', 'core', 'get available API versions', apiVersionsShape));
  sources.set('apis', getter('/apis/', 'getAPIVersions', 'apis', 'get available API versions', apiGroupListShape));
  for (const definition of definitions) {
    const { group, version } = definition;
    const name = group === '' ? `api/${version}` : `apis/${group}/${version}`;
    const known = sources.get(name);
    if (Array.isArray(known)) known.push(definition);
    else sources.set(name, [definition]);
    if (group === '' || sources.has(`apis/${group}`)) continue;
    const id = goGroupVersion({ group, version: '' });
    const tag = id.slice(0, 1).toLowerCase() + id.slice(1);
    sources.set(
      `apis/${group}`,
      getter(`/apis/${group}/`, `get${id}APIGroup`, tag, 'get information of a group', apiGroupShape),
    );
  }
  return sources;
}

function documentOf(document: JsonObject): Document {
  const json = Buffer.from(JSON.stringify(document));
  return { json, etag: `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"`, protobuf: undefined };
}

function reply(document: Document, encoding: Encoding, type: string, request: OpenApiRequest): DocumentResponse {
  const headers = { 'content-type': type, etag: document.etag, vary: 'Accept' };
  if (matches(request.ifNoneMatch, document.etag)) return { status: 304, headers, body: Buffer.alloc(0) };
  return { status: 200, headers, body: encoding === 'json' ? document.json : (document.protobuf ?? Buffer.alloc(0)) };
}

/** In answers the @ of the media type is a dot: an @ is no token character. */
const contentType = (encoding: Encoding, version: 'v2' | 'v3'): string =>
  encoding === 'json' ? 'application/json' : `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`;

/** The first encoding that the client accepts. */
function encodingOf(accept: string | undefined, version: 'v2' | 'v3'): Encoding | undefined {
  if (accept === undefined || accept.trim() === '') return 'json';
  const protobuf = [
    `application/com.github.proto-openapi.spec.${version}@v1.0+protobuf`,
    contentType('protobuf', version),
  ];
  for (const clause of accept.split(',')) {
    const type = clause.split(';', 1)[0]?.trim() ?? '';
    if (protobuf.includes(type)) return 'protobuf';
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  }
  return undefined;
}

const notAcceptable = (): DocumentResponse => ({
  status: 406,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from('Not Acceptable\n'),
});
