import { bytesOf } from '../../base/bytes.ts';

/** A JSON value as it was written: numbers keep their digits, objects their order and repetitions, everything its place. */
export type JsonNode =
  | { readonly kind: 'object'; readonly at: number; readonly entries: readonly JsonEntry[] }
  | { readonly kind: 'array'; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string' | 'number' | 'bool' | 'null'; readonly at: number; readonly raw: string };

export interface JsonEntry {
  readonly at: number;
  /** With its quotes. */
  readonly raw: string;
  readonly value: JsonNode;
}

/** The value in `source`, a byte string that JsonScanner has let pass; `at` counts its bytes. */
export function parseJson(source: string): JsonNode {
  return new Parser(source).value();
}

/** Where byte `at` is, as protojson tells it: line and column from 1, columns in characters. */
export function positionOf(source: string, at: number): string {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const column = before.slice(before.lastIndexOf('\n') + 1).replace(/[\x80-\xbf]/g, '').length + 1;
  return `${line}:${column}`;
}

/** The text of a string's raw form; undefined when it is not UTF-8 or has half a surrogate pair. */
export function textOf(raw: string): string | undefined {
  const body = raw.slice(1, -1);
  let text = body;
  if (/[\x80-\xff]/.test(body)) {
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(body));
    } catch {
      return undefined;
    }
  }
  if (!text.includes('\\')) return text;
  const unescaped: unknown = JSON.parse(`"${text}"`);
  return typeof unescaped === 'string' && isWellFormed(unescaped) ? unescaped : undefined;
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

const WORD = /[-+.0-9a-zA-Z]*/y;

class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  value(): JsonNode {
    this.#skipSpace();
    const at = this.#at;
    const first = this.#source[at];
    if (first === '{') return { kind: 'object', at, entries: this.#list('}', () => this.#entry()) };
    if (first === '[') return { kind: 'array', at, items: this.#list(']', () => this.value()) };
    return { kind: kindOf(first), at, raw: this.#token() };
  }

  #entry(): JsonEntry {
    const at = this.#at;
    const raw = this.#token();
    this.#skipSpace();
    this.#at++; // The colon.
    return { at, raw, value: this.value() };
  }

  #list<T>(close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    this.#at++;
    this.#skipSpace();
    while (this.#source[this.#at] !== close) {
      items.push(item());
      this.#skipSpace();
      if (this.#source[this.#at] === ',') this.#at++;
      this.#skipSpace();
    }
    this.#at++;
    return items;
  }

  #token(): string {
    const at = this.#at;
    if (this.#source[at] === '"') this.#at = this.#endOfString(at);
    else {
      WORD.lastIndex = at;
      this.#at += WORD.exec(this.#source)?.[0].length ?? 0;
    }
    return this.#source.slice(at, this.#at);
  }

  #endOfString(start: number): number {
    for (let quote = this.#source.indexOf('"', start + 1); ; quote = this.#source.indexOf('"', quote + 1)) {
      let backslashes = 0;
      while (this.#source[quote - 1 - backslashes] === '\\') backslashes++;
      if (backslashes % 2 === 0) return quote + 1;
    }
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#source[this.#at] ?? '.')) this.#at++;
  }
}

function kindOf(first: string | undefined): 'string' | 'number' | 'bool' | 'null' {
  if (first === '"') return 'string';
  if (first === 'n') return 'null';
  return first === 't' || first === 'f' ? 'bool' : 'number';
}
