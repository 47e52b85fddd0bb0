import type { CachedObject } from '../cache/types.ts';
import { badRequest } from '../errors.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { objectInVersion } from '../registry/stored-form.ts';
import { apiVersionOf } from '../scheme/decode.ts';
import { type FieldSelector, matchesFields, parseFieldSelector, requiredValue } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';

/** Which objects a list or watch is about. */
export interface Selection {
  /** The version that is asked: what a field selector sees may differ between versions. */
  readonly apiVersion: string;
  /** '' = all namespaces. */
  readonly namespace: string;
  /** The one name that can match, when the field selector demands one. */
  readonly name: string | undefined;
  /** No selectors: everything of the namespace. */
  readonly everything: boolean;
  /** What the selectors were, for texts. */
  readonly label: string;
  readonly field: string;
  matches(object: CachedObject): boolean;
}

/** Errors: ApiError 400 for selectors that cannot be parsed or name a field that is not offered. */
export function select(
  definition: ResourceDefinition,
  namespace: string,
  options: { readonly labelSelector: string; readonly fieldSelector: string },
): Selection {
  const labels = parseLabelSelector(options.labelSelector);
  const fields = parseFieldSelector(options.fieldSelector);
  for (const { field } of fields) checkField(definition, field);
  const everything = labels.everything && fields.length === 0;
  const name = requiredValue(fields, 'metadata.name');
  const ofMeta = fields.filter(({ field }) => META_FIELDS.has(field));
  const ofObject = fields.filter(({ field }) => !META_FIELDS.has(field));
  return {
    apiVersion: apiVersionOf(definition),
    namespace,
    name: name === '' ? undefined : name,
    everything,
    label: options.labelSelector,
    field: options.fieldSelector,
    matches(object) {
      if (namespace !== '' && object.namespace !== namespace) return false;
      if (everything) return true;
      // The cheap ones first: only fields beyond metadata need the decoded object.
      return (
        matchesFields(ofMeta, (field) => (field === 'metadata.name' ? object.name : object.namespace)) &&
        (labels.everything || labels.matches(object.labels)) &&
        (ofObject.length === 0 || matchesObject(definition, ofObject, object))
      );
    },
  };
}

const META_FIELDS = new Set(['metadata.name', 'metadata.namespace']);

function checkField(definition: ResourceDefinition, field: string): void {
  if (field === 'metadata.name' || field === 'metadata.namespace') return;
  if (Object.hasOwn(definition.fieldSelectors, field)) return;
  const own = Object.keys(definition.fieldSelectors).length > 0 || !definition.builtIn;
  throw badRequest(
    own
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** The texts of an object's selectable fields, read once per object and definition. */
const known = new WeakMap<
  CachedObject,
  { readonly definition: ResourceDefinition; readonly texts: Map<string, string> }
>();

function matchesObject(definition: ResourceDefinition, selector: FieldSelector, object: CachedObject): boolean {
  let memo = known.get(object);
  if (memo === undefined || memo.definition !== definition) {
    memo = { definition, texts: new Map() };
    known.set(object, memo);
  }
  const { texts } = memo;
  return matchesFields(selector, (field) => {
    let value = texts.get(field);
    if (value === undefined) {
      value = definition.fieldSelectors[field]?.(objectInVersion(definition, object)) ?? '';
      texts.set(field, value);
    }
    return value;
  });
}
