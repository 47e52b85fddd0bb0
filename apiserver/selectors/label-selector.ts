import { badRequest } from '../errors.ts';
import { labelValue, qualifiedName } from '../scheme/names.ts';

type Operator = 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** A parsed label selector. */
export interface LabelSelector {
  /** True when every object matches: nothing has to be looked at. */
  readonly everything: boolean;
  matches(labels: Labels): boolean;
}

const EVERYTHING: LabelSelector = { everything: true, matches: () => true };

/**
 * Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`. An empty text matches everything.
 * Errors: ApiError 400. Source: apimachinery pkg/labels/selector.go.
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return EVERYTHING;
  const requirements = new Parser(text).requirements();
  return {
    everything: false,
    matches: (labels) => requirements.every((requirement) => satisfies(requirement, labels)),
  };
}

function satisfies({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'lt':
      return isInteger(value) && Number(value) < Number(values[0]);
  }
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^[+-]?\d+$/.test(text);

/** `(`, `)`, `,`, `!`, the comparison signs, and whatever lies between them. */
const TOKEN = /\s*(==|!=|=|!|<|>|\(|\)|,|[^\s=!<>(),]+)/y;
const SIGNS = new Set(['==', '!=', '=', '!', '<', '>', '(', ')', ',', '']);
const OPERATORS = `in, notin, =, ==, !=, gt, lt`;

class Parser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    for (;;) {
      found.push(this.#requirement());
      const token = this.#take();
      if (token === '') return found;
      if (token !== ',') throw refuse(`found '${token}', expected: ',' or 'end of string'`);
      const next = this.#peek();
      if (next !== '!' && SIGNS.has(next)) throw refuse(`found '${next}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    let token = this.#take();
    if (token === '!') return { key: this.#key(this.#take()), operator: '!', values: [] };
    const key = this.#key(token);
    const next = this.#peek();
    if (next === '' || next === ',') return { key, operator: 'exists', values: [] };
    token = this.#take();
    switch (token) {
      case '=':
      case '==':
        return { key, operator: 'in', values: [this.#value(key)] };
      case '!=':
        return { key, operator: 'notin', values: [this.#value(key)] };
      case '>':
      case '<':
        return { key, operator: token === '>' ? 'gt' : 'lt', values: [this.#integer(key)] };
      case 'in':
      case 'notin':
        return { key, operator: token, values: this.#set(key) };
      default:
        throw refuse(`found '${token}', expected: ${OPERATORS}`);
    }
  }

  #key(token: string): string {
    if (SIGNS.has(token)) throw refuse(`found '${token}', expected: identifier`);
    const problems = qualifiedName(token);
    if (problems.length > 0) throw refuse(`key: Invalid value: ${JSON.stringify(token)}: ${problems.join('; ')}`);
    return token;
  }

  /** One value; nothing there means the empty value. */
  #value(key: string): string {
    const next = this.#peek();
    if (next === '' || next === ',') return '';
    return this.#checked(key, this.#take());
  }

  #integer(key: string): string {
    const value = this.#value(key);
    if (!isInteger(value)) {
      throw refuse(
        `values[0][${key}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return value;
  }

  #set(key: string): readonly string[] {
    const open = this.#take();
    if (open !== '(') throw refuse(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (let wantValue = true; ; ) {
      const token = this.#take();
      if (token === '') throw refuse(`found '', expected: ',', or ')'`);
      if (token === ')') {
        if (wantValue) values.push('');
        return values;
      }
      if (token === ',') {
        if (wantValue) values.push('');
        wantValue = true;
        continue;
      }
      if (!wantValue) throw refuse(`found '${token}', expected: ',', or ')'`);
      values.push(this.#checked(key, token));
      wantValue = false;
    }
  }

  #checked(key: string, token: string): string {
    if (SIGNS.has(token)) throw refuse(`found '${token}', expected: identifier`);
    const problems = labelValue(token);
    if (problems.length > 0) {
      throw refuse(`values[0][${key}]: Invalid value: ${JSON.stringify(token)}: ${problems.join('; ')}`);
    }
    return token;
  }

  #peek(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    return this.#tokens[this.#position++] ?? '';
  }
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      if (text.slice(at).trim() !== '') throw refuse(`found '${text.slice(at)}'`);
      return tokens;
    }
    tokens.push(match[1] as string);
  }
}

const refuse = (why: string) => badRequest(`unable to parse requirement: ${why}`);
