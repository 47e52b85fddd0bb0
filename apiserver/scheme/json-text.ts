import { isArray, isObject, type Json } from './json.ts';
import { SCHEME_LIMITS } from './limits.ts';

/** Text that is no JSON, or JSON that is not taken. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

export interface ParsedText {
  readonly value: Json;
  /** `duplicate field "a.b"`; the last of equal names counts. */
  readonly faults: readonly string[];
}

/**
 * Parses JSON and finds names that come twice in one object, which JSON.parse is silent about. In the common case it costs one scan
 * for colons: as many names in the text as in the value means that none was lost.
 * Errors: TextError for malformed text and for nesting deeper than SCHEME_LIMITS.maxDepth.
 */
export function parseJson(text: string): ParsedText {
  const { names, depth } = measure(text);
  if (depth > SCHEME_LIMITS.maxDepth) throw new TextError('json: exceeded max depth');
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new TextError(syntaxMessage(text, error));
  }
  const faults = names === countNames(value) ? [] : duplicatesOf(text);
  if (hasPrototypeName(text)) refusePrototypeName(value);
  return { value, faults };
}

/** Colons outside of texts, and the deepest nesting. */
function measure(text: string): { readonly names: number; readonly depth: number } {
  let names = 0;
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfString(text, i);
        break;
      case 0x3a:
        names++;
        break;
      case 0x7b:
      case 0x5b:
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
    }
  }
  return { names, depth: deepest };
}

/** Where the string that begins at `start` has its closing quote (or the text its end). */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

function countNames(value: Json): number {
  let count = 0;
  if (isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countNames(item);
  } else if (isObject(value)) {
    for (const name in value) {
      count++;
      const inner = value[name];
      if (typeof inner === 'object') count += countNames(inner);
    }
  }
  return count;
}

interface Frame {
  readonly path: string;
  /** Undefined in a list. */
  readonly seen: Set<string> | undefined;
  index: number;
  name: string;
}

/** The slow way, over text that JSON.parse took: a walk with a set of names per object. */
function duplicatesOf(text: string): readonly string[] {
  const faults = new Set<string>();
  const frames: Frame[] = [];
  const pathHere = (): string => {
    const top = frames.at(-1);
    if (top === undefined) return '';
    if (top.seen === undefined) return `${top.path}[${top.index}]`;
    return top.path === '' ? top.name : `${top.path}.${top.name}`;
  };
  for (let i = 0; i < text.length && faults.size < SCHEME_LIMITS.maxReportedFaults; i++) {
    const top = frames.at(-1);
    const char = text[i];
    if (char === '{' || char === '[') {
      frames.push({ path: pathHere(), seen: char === '{' ? new Set() : undefined, index: 0, name: '' });
    } else if (char === '}' || char === ']') frames.pop();
    else if (char === ',' && top !== undefined) top.index++;
    else if (char === '"') {
      const end = endOfString(text, i);
      if (top?.seen !== undefined && isName(text, end)) {
        top.name = JSON.parse(text.slice(i, end + 1)) as string;
        if (top.seen.has(top.name)) faults.add(`duplicate field "${pathHere()}"`);
        top.seen.add(top.name);
      }
      i = end;
    }
  }
  return [...faults];
}

function isName(text: string, end: number): boolean {
  let i = end + 1;
  while (' \t\r\n'.includes(text[i] ?? 'x')) i++;
  return text[i] === ':';
}

const hasPrototypeName = (text: string): boolean => text.includes('__proto__') || text.includes('\\u');

/** A property of this name would be taken for the prototype wherever an object is copied by assignment. */
export function refusePrototypeName(value: Json): void {
  if (isArray(value)) for (const item of value) refusePrototypeName(item);
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') throw new TextError('the field name "__proto__" is not allowed');
    if (typeof inner === 'object') refusePrototypeName(inner);
  }
}

/** Go's words for the commonest faults, so that people find the same text they know. */
function syntaxMessage(text: string, error: unknown): string {
  const detail = error instanceof Error ? error.message : '';
  if (text.trim() === '') return 'unexpected end of JSON input';
  if (/end of JSON input|Unterminated string/.test(detail)) return 'unexpected end of JSON input';
  const position = Number(/position (\d+)/.exec(detail)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) {
    const token = /Unexpected token '?(.)/u.exec(detail)?.[1];
    return token === undefined
      ? `invalid JSON: ${detail}`
      : `invalid character '${token}' looking for beginning of value`;
  }
  const char = [...text.slice(position, position + 2)][0] ?? '';
  return char === '' ? 'unexpected end of JSON input' : `invalid character '${char}' at offset ${position}`;
}
