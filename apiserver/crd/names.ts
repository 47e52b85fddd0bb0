import { at, isArray, type JsonObject, type KubeObject, textAt } from '../scheme/json.ts';
import { type Condition, conditionOf, isTrue, setCondition, statusOf } from './conditions.ts';

interface Names {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  readonly listKind: string;
  readonly categories: readonly string[];
}

function namesIn(value: JsonObject | undefined): Names {
  const list = (name: string): readonly string[] => {
    const items = at(value, name);
    return isArray(items) ? items.filter((item): item is string => typeof item === 'string') : [];
  };
  return {
    plural: textAt(value, 'plural'),
    singular: textAt(value, 'singular'),
    shortNames: list('shortNames'),
    kind: textAt(value, 'kind'),
    listKind: textAt(value, 'listKind'),
    categories: list('categories'),
  };
}

/** Names that a CRD asks for, and those it got. */
export const requestedNames = (crd: KubeObject): Names => namesIn(at(crd, 'spec', 'names') as JsonObject | undefined);
export const acceptedNames = (crd: KubeObject): Names =>
  namesIn(at(crd, 'status', 'acceptedNames') as JsonObject | undefined);

/**
 * Settles in place which names a CRD gets: those asked for that no other CRD of its group holds. Sets NamesAccepted and Established; a CRD once
 * established stays so. `others`: the other CRDs of the group. Answers whether anything changed. Source: apiextensions naming controller.
 */
export function settleNames(crd: KubeObject, others: readonly KubeObject[], now: string): boolean {
  const held = others.map(acceptedNames);
  const resources = new Set(held.flatMap((names) => [names.plural, names.singular, ...names.shortNames]));
  const kinds = new Set(held.flatMap((names) => [names.kind, names.listKind]));
  const wanted = requestedNames(crd);
  const had = acceptedNames(crd);
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const settle = (want: string, has: string, used: ReadonlySet<string>, reason: string): string => {
    if (want === has || !used.has(want)) return want;
    conflict = { reason, message: `${JSON.stringify(want)} is already in use` };
    return has;
  };
  const plural = settle(wanted.plural, had.plural, resources, 'PluralConflict');
  const singular = settle(wanted.singular, had.singular, resources, 'SingularConflict');
  const taken = wanted.shortNames.filter((name) => !had.shortNames.includes(name) && resources.has(name));
  if (taken.length > 0)
    conflict = {
      reason: 'ShortNamesConflict',
      message: joined(taken.map((name) => `${JSON.stringify(name)} is already in use`)),
    };
  const shortNames = taken.length > 0 ? had.shortNames : wanted.shortNames;
  const kind = settle(wanted.kind, had.kind, kinds, 'KindConflict');
  const listKind = settle(wanted.listKind, had.listKind, kinds, 'ListKindConflict');
  const next: Names = { plural, singular, shortNames, kind, listKind, categories: wanted.categories };
  const changed = JSON.stringify(next) !== JSON.stringify(had);
  if (changed) statusOf(crd)['acceptedNames'] = namesJson(next);
  return setConditions(crd, conflict, now) || changed;
}

const joined = (texts: readonly string[]): string => (texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);

function setConditions(
  crd: KubeObject,
  conflict: { readonly reason: string; readonly message: string } | undefined,
  now: string,
): boolean {
  const accepted: Condition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  const changed = setCondition(crd, accepted, now);
  if (isTrue(crd, 'Established')) return changed;
  if (conflict === undefined) {
    return (
      setCondition(
        crd,
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
        now,
      ) || changed
    );
  }
  if (conditionOf(crd, 'Established') !== undefined) return changed;
  return (
    setCondition(
      crd,
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
      now,
    ) || changed
  );
}

function namesJson(names: Names): JsonObject {
  return {
    plural: names.plural,
    ...(names.singular === '' ? {} : { singular: names.singular }),
    ...(names.shortNames.length === 0 ? {} : { shortNames: [...names.shortNames] }),
    kind: names.kind,
    ...(names.listKind === '' ? {} : { listKind: names.listKind }),
    ...(names.categories.length === 0 ? {} : { categories: [...names.categories] }),
  };
}
