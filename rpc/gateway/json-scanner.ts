import { GATEWAY_LIMITS } from './limits.ts';

/** Input that is not JSON. The message is that of Go's encoding/json, which etcd's gateway gives to clients. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

const LITERALS: ReadonlyMap<number, string> = new Map([
  [0x74, 'true'],
  [0x66, 'false'],
  [0x6e, 'null'],
]);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;

type State =
  | 'value'
  | 'valueOrClose'
  | 'keyOrClose'
  | 'key'
  | 'colon'
  | 'afterValue'
  | 'string'
  | 'escape'
  | 'hex'
  | 'literal'
  | 'minus'
  | 'zero'
  | 'integer'
  | 'point'
  | 'fraction'
  | 'exponent'
  | 'exponentSign'
  | 'exponentDigits'
  | 'done';

/** Where a value may be whole when the input ends. */
const ENDS: ReadonlySet<State> = new Set<State>(['afterValue', 'zero', 'integer', 'fraction', 'exponentDigits']);

/** Finds where one JSON value ends in bytes that come piece by piece, and what is wrong with them. */
export class JsonScanner {
  #state: State = 'value';
  /** What is open: `{` before a colon is 'key', behind one 'object'. */
  readonly #open: ('key' | 'object' | 'array')[] = [];
  #started = false;
  #hexLeft = 0;
  #literal = '';
  #literalAt = 0;
  #closedByBracket = false;

  /** The index behind the value's last byte, undefined when the value goes on behind `bytes`. Errors: JsonSyntaxError. */
  scan(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length; at++) {
      const c = bytes[at] as number;
      if (this.#state === 'string' && c !== QUOTE && c !== BACKSLASH && c >= 0x20) continue;
      this.#step(c);
      if (this.#state !== 'done') continue;
      // Objects and arrays end with their last byte; anything else with what comes behind it.
      return this.#closedByBracket ? at + 1 : at;
    }
    return undefined;
  }

  /** The input has ended: whether a value did with it (a number has no end of its own). Errors: JsonSyntaxError. */
  finish(): boolean {
    if (!this.#started) return false;
    if (!ENDS.has(this.#state) || this.#open.length > 0) throw new JsonSyntaxError('unexpected EOF');
    return true;
  }

  #step(c: number): void {
    switch (this.#state) {
      case 'value':
      case 'valueOrClose':
        if (isSpace(c)) return;
        if (c === 0x5d && this.#state === 'valueOrClose') this.#close();
        else this.#begin(c);
        return;
      case 'keyOrClose':
      case 'key':
        if (isSpace(c)) return;
        if (c === 0x7d && this.#state === 'keyOrClose') this.#close();
        else if (c === QUOTE) this.#state = 'string';
        else throw invalid(c, 'looking for beginning of object key string');
        return;
      case 'colon':
      case 'afterValue':
        this.#afterValue(c);
        return;
      case 'string':
        if (c === QUOTE) this.#state = this.#open.at(-1) === 'key' ? 'colon' : 'afterValue';
        else if (c === BACKSLASH) this.#state = 'escape';
        else if (c < 0x20) throw invalid(c, 'in string literal');
        return;
      case 'escape':
        this.#escape(c);
        return;
      case 'hex':
        if (!isHex(c)) throw invalid(c, 'in \\u hexadecimal character escape');
        if (--this.#hexLeft === 0) this.#state = 'string';
        return;
      case 'literal':
        this.#inLiteral(c);
        return;
      case 'done':
        return;
      default:
        this.#inNumber(c, this.#state);
    }
  }

  #begin(c: number): void {
    this.#started = true;
    const literal = LITERALS.get(c);
    if (c === 0x7b) this.#push('key', 'keyOrClose');
    else if (c === 0x5b) this.#push('array', 'valueOrClose');
    else if (c === QUOTE) this.#state = 'string';
    else if (c === MINUS) this.#state = 'minus';
    else if (c === ZERO) this.#state = 'zero';
    else if (isDigit(c)) this.#state = 'integer';
    else if (literal === undefined) throw invalid(c, 'looking for beginning of value');
    else {
      this.#state = 'literal';
      this.#literal = literal;
      this.#literalAt = 1;
    }
  }

  #push(kind: 'key' | 'array', state: State): void {
    if (this.#open.length >= GATEWAY_LIMITS.maxDepth) throw new JsonSyntaxError('exceeded max depth');
    this.#open.push(kind);
    this.#state = state;
  }

  #close(): void {
    this.#open.pop();
    this.#closedByBracket = this.#open.length === 0;
    this.#state = this.#closedByBracket ? 'done' : 'afterValue';
  }

  #afterValue(c: number): void {
    const open = this.#open.at(-1);
    if (open === undefined) {
      this.#state = 'done';
      return;
    }
    this.#state = open === 'key' ? 'colon' : 'afterValue';
    if (isSpace(c)) return;
    switch (open) {
      case 'key':
        if (c !== 0x3a) throw invalid(c, 'after object key');
        this.#open[this.#open.length - 1] = 'object';
        this.#state = 'value';
        return;
      case 'object':
        if (c === 0x7d) this.#close();
        else if (c === 0x2c) {
          this.#open[this.#open.length - 1] = 'key';
          this.#state = 'key';
        } else throw invalid(c, 'after object key:value pair');
        return;
      case 'array':
        if (c === 0x5d) this.#close();
        else if (c === 0x2c) this.#state = 'value';
        else throw invalid(c, 'after array element');
    }
  }

  #escape(c: number): void {
    if (c === 0x75) {
      this.#state = 'hex';
      this.#hexLeft = 4;
    } else if ('"\\/bfnrt'.includes(String.fromCharCode(c))) this.#state = 'string';
    else throw invalid(c, 'in string escape code');
  }

  #inLiteral(c: number): void {
    const expected = this.#literal[this.#literalAt] ?? '';
    if (c !== expected.charCodeAt(0)) {
      throw invalid(c, `in literal ${this.#literal} (expecting '${expected}')`);
    }
    if (++this.#literalAt === this.#literal.length) this.#state = 'afterValue';
  }

  #inNumber(c: number, state: State): void {
    const next = numberStep(c, state);
    if (next === undefined) this.#afterValue(c);
    else this.#state = next;
  }
}

/** The next state in a number, undefined when the number ended before `c`. */
function numberStep(c: number, state: State): State | undefined {
  const digit = isDigit(c);
  const exponent = c === 0x65 || c === 0x45;
  switch (state) {
    case 'minus':
      if (!digit) throw invalid(c, 'in numeric literal');
      return c === ZERO ? 'zero' : 'integer';
    case 'zero':
    case 'integer':
      if (digit && state === 'integer') return 'integer';
      if (c === 0x2e) return 'point';
      return exponent ? 'exponent' : undefined;
    case 'point':
      if (!digit) throw invalid(c, 'after decimal point in numeric literal');
      return 'fraction';
    case 'fraction':
      if (digit) return 'fraction';
      return exponent ? 'exponent' : undefined;
    case 'exponent':
      if (c === 0x2b || c === MINUS) return 'exponentSign';
      break;
    case 'exponentDigits':
      return digit ? 'exponentDigits' : undefined;
  }
  if (!digit) throw invalid(c, 'in exponent of numeric literal');
  return 'exponentDigits';
}

function invalid(c: number, context: string): JsonSyntaxError {
  return new JsonSyntaxError(`invalid character ${quoted(c)} ${context}`);
}

/** A byte as Go quotes the character of that number. */
function quoted(c: number): string {
  if (c === 0x27) return `'\\''`;
  if (c === QUOTE) return `'"'`;
  const named: Readonly<Record<number, string>> = {
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
    92: '\\\\',
  };
  const special = named[c];
  if (special !== undefined) return `'${special}'`;
  if (c < 0x20 || c === 0x7f) return `'\\x${c.toString(16).padStart(2, '0')}'`;
  if ((c >= 0x80 && c < 0xa1) || c === 0xad) return `'\\u${c.toString(16).padStart(4, '0')}'`;
  return `'${String.fromCharCode(c)}'`;
}

const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isHex = (c: number): boolean => isDigit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66);
