import { badRequest } from '../errors.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** A parsed field selector: all requirements must hold. Empty matches everything. */
export type FieldSelector = readonly FieldRequirement[];

/** Reads `metadata.name=x,status.phase!=Running`; `\` escapes. Errors: ApiError 400. Source: apimachinery pkg/fields/selector.go. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

/** The value that a requirement of the selector demands of `field`, undefined when it demands none. */
export function requiredValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((requirement) => requirement.equal && requirement.field === field)?.value;
}

/** `textOf` answers the text of a field; a missing one is ''. */
export function matchesFields(selector: FieldSelector, textOf: (field: string) => string): boolean {
  return selector.every(({ field, equal, value }) => (textOf(field) === value) === equal);
}

function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string, whole: string): FieldRequirement {
  for (let i = 0; i < term.length; i++) {
    if (term[i] === '\\') {
      i++;
      continue;
    }
    for (const operator of ['!=', '==', '=']) {
      if (!term.startsWith(operator, i)) continue;
      const value = unescapeValue(term.slice(i + operator.length), whole);
      return { field: term.slice(0, i), equal: operator !== '!=', value };
    }
  }
  throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
}

function unescapeValue(value: string, whole: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i] as string;
    if (char === '\\') {
      const next = value[++i];
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${next ?? ''} in ${whole}`);
      }
      plain += next;
    } else if (char === ',' || char === '=') {
      throw badRequest(`invalid field selector: unescaped ${char} in ${whole}`);
    } else plain += char;
  }
  return plain;
}
