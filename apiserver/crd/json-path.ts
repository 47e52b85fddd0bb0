import { isArray, isObject, type Json } from '../scheme/json.ts';

/** A JSONPath that cannot be read; the message says where. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'all' }
  | { readonly type: 'filter'; readonly path: readonly Step[]; readonly operator: string; readonly value: Json };

/** A compiled simple JSONPath, as printer columns and selectable fields use it. */
export interface JsonPath {
  /** All values found, in order. */
  find(value: Json): readonly Json[];
  /** The names from the root when the path is nothing but names. */
  readonly names: readonly string[] | undefined;
}

/**
 * Reads `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.metadata.annotations['a\.b']`, `.spec.items[0].x`, `[*]`.
 * Errors: JsonPathError. Source: Kubernetes JSONPath (the simple subset that CRDs accept).
 */
export function parseJsonPath(text: string): JsonPath {
  if (!text.startsWith('.') && !text.startsWith('['))
    throw new JsonPathError('must be a simple json path starting with .');
  const steps = parseSteps(text);
  const names = steps.map((step) => (step.type === 'field' ? step.name : undefined));
  return {
    find: (value) => follow([value], steps),
    names: names.every((name): name is string => name !== undefined) ? names : undefined,
  };
}

const STEP =
  /\.\.|\.((?:[\p{L}\p{N}_\-/:@$]|\\.)+)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*(-?\d+)\s*\]|\[\s*\*\s*\]|\.\*|\[\?\(\s*@((?:[^=!<>\])]|\](?!\s*$))*?)\s*(==|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^)\s]+)\s*\)\]|\[\?\(\s*@([^=!<>)]+)\)\]/uy;

function parseSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let at = 0; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null || match[0] === '..')
      throw new JsonPathError(`unexpected ${JSON.stringify(text.slice(at, at + 20))}`);
    const end = STEP.lastIndex;
    steps.push(stepOf(match));
    STEP.lastIndex = end; // filters parse their own path with the same expression
  }
  return steps;
}

const unescaped = (text: string): string => text.replace(/\\(.)/gu, '$1');

function stepOf(match: RegExpExecArray): Step {
  const [, name, single, double, index, path, operator, value, existing] = match;
  const field = name ?? single ?? double;
  if (field !== undefined) return { type: 'field', name: unescaped(field) };
  if (index !== undefined) return { type: 'index', index: Number(index) };
  if (existing !== undefined)
    return { type: 'filter', path: parseSteps(existing.trim()), operator: 'exists', value: null };
  if (path === undefined) return { type: 'all' };
  return { type: 'filter', path: parseSteps(path.trim()), operator: operator ?? '==', value: literal(value ?? '') };
}

function literal(text: string): Json {
  const quote = text[0];
  if (quote === '"' || quote === "'") return unescaped(text.slice(1, -1));
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw new JsonPathError(`unexpected ${JSON.stringify(text)}`);
  return number;
}

function follow(values: readonly Json[], steps: readonly Step[]): readonly Json[] {
  let current = values;
  for (const step of steps) current = current.flatMap((value) => take(value, step));
  return current;
}

function take(value: Json, step: Step): readonly Json[] {
  switch (step.type) {
    case 'field': {
      const found = isObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      if (isArray(value)) return value;
      return isObject(value) ? Object.values(value).filter((item): item is Json => item !== undefined) : [];
    case 'filter':
      return isArray(value)
        ? value.filter((item) => passes(follow([item], step.path)[0], step.operator, step.value))
        : [];
  }
}

function passes(left: Json | undefined, operator: string, right: Json): boolean {
  if (operator === 'exists') return left !== undefined;
  if (left === undefined || left === null || right === null || typeof left !== typeof right) return false;
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}
