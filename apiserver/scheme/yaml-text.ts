import type { Json } from './json.ts';
import { type ParsedText, refusePrototypeName, TextError } from './json-text.ts';
import { SCHEME_LIMITS } from './limits.ts';
import { yaml } from './yaml-library.ts';

/** Tags of YAML 1.1 that have no JSON form, or that Kubernetes' reader does not know. */
const REFUSED_TAGS: ReadonlySet<string> = new Set([
  'timestamp',
  'binary',
  'set',
  'omap',
  'pairs',
  'intTime',
  'floatTime',
]);

/**
 * Parses the first YAML document of a text (1.1, as kube-apiserver: yes and on are booleans, 0644 is octal) as JSON.
 * Errors: TextError for malformed text, too many aliases, keys that are no text, nesting too deep.
 */
export function parseYaml(text: string): ParsedText {
  const document = yaml().parseDocument(text, {
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !REFUSED_TAGS.has(shortTag(tag))),
    uniqueKeys: true,
    merge: true,
    prettyErrors: true,
    logLevel: 'silent',
  });
  const faults: string[] = [];
  for (const error of document.errors) {
    const line = error.linePos?.[0].line ?? 0;
    if (error.code !== 'DUPLICATE_KEY') throw new TextError(`yaml: line ${line}: ${firstLine(error.message)}`);
    faults.push(`yaml: line ${line}: key already set in map`);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: SCHEME_LIMITS.maxYamlAliases });
  } catch (error) {
    throw new TextError(`yaml: ${error instanceof Error ? firstLine(error.message) : 'cannot be read'}`);
  }
  const json = toJson(value, 0);
  refusePrototypeName(json);
  return { value: json, faults: faults.slice(0, SCHEME_LIMITS.maxReportedFaults) };
}

const shortTag = (tag: { readonly tag: string; readonly format?: string }): string =>
  tag.format === 'TIME'
    ? tag.tag.endsWith('int')
      ? 'intTime'
      : 'floatTime'
    : tag.tag.replace('tag:yaml.org,2002:', '');
const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

/** What YAML may give and JSON cannot hold is refused; aliases are unfolded, so that no two places share an object. */
function toJson(value: unknown, depth: number): Json {
  if (depth > SCHEME_LIMITS.maxDepth) throw new TextError('yaml: exceeded max depth');
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TextError(`json: unsupported value: ${value}`);
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1));
  if (typeof value === 'object' && !(value instanceof Date) && !(value instanceof Map) && !(value instanceof Set)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner, depth + 1)]));
  }
  throw new TextError('yaml: a value has no JSON form');
}
